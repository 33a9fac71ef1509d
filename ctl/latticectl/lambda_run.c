/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl lambda run: a Lambda function without a cloud, until it is interrupted. */
#include "base/num.h"
#include "latticectl/lambda_runtime.h"
#include "latticectl/output.h"
#include "latticectl/run.h"
#include "latticectl/session.h"
#include "model/function_arn.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	CONCURRENCY_DEFAULT = 4,
	TIMEOUT_DEFAULT_SECONDS = 30,
	TIMEOUT_MAX_SECONDS = 900, /* AWS */
	STOP_MS = 2000,		   /* for the processes to end by themselves */
};

struct run {
	struct loop loop;
	struct lambda_runtime runtime;
	struct watch signals;
	struct timer kill;
};

static void kill_expired(struct timer *t)
{
	struct run *r = container_of(t, struct run, kill);

	lambda_runtime_signal(&r->runtime, SIGKILL);
}

static void serve_signals(struct watch *w, uint32_t events)
{
	struct run *r = container_of(w, struct run, signals);
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)events;
	while (read(w->fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGCHLD && !r->runtime.is_stopping) {
			lambda_runtime_signal(&r->runtime, SIGTERM);
			timer_arm(&r->loop, &r->kill, STOP_MS);
		}
		/* One SIGCHLD may stand for several children. */
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			lambda_runtime_child_ended(&r->runtime, pid, status);
	}
	if (r->runtime.is_stopping && !r->runtime.instance_count)
		loop_stop(&r->loop);
}

static int watch_signals(struct run *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	r->signals =
		(struct watch){ signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), serve_signals };
	if (r->signals.fd < 0)
		return -errno;
	return loop_add(&r->loop, &r->signals, EPOLLIN);
}

/* Say where the function is, once it is there. */
static enum exit_status announce(const struct session *s, const struct run *r)
{
	struct cJSON *answer = cJSON_CreateObject();
	enum exit_status status;
	char endpoint[64];

	snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%u",
		 (unsigned)r->runtime.invoke.port);
	cJSON_AddStringToObject(answer, "name", r->runtime.config->name);
	cJSON_AddStringToObject(answer, "endpoint", endpoint);
	status = output_object(s->json, answer);
	fflush(stdout);
	cJSON_Delete(answer);
	return status;
}

static enum exit_status run(struct session *s, const struct lambda_config *config)
{
	enum exit_status status = STATUS_REFUSED;
	struct run r = { .kill.expired = kill_expired };
	int err = loop_init(&r.loop);

	if (!err)
		err = watch_signals(&r);
	if (!err)
		err = lambda_runtime_start(&r.runtime, &r.loop, config);
	if (err) {
		fprintf(stderr, "latticectl: cannot serve %s on port %u: %s\n", config->name,
			(unsigned)config->port, strerror(-err));
		return STATUS_REFUSED;
	}
	status = announce(s, &r);
	loop_run(&r.loop);
	lambda_runtime_stop(&r.runtime);
	close(r.signals.fd);
	loop_fini(&r.loop);
	return status;
}

/* The number of @option from 1 to @max, or what stands in *@ret. */
static bool read_number(const struct args *a, const char *option, uint32_t max, uint32_t *ret)
{
	const char *text = args_option(a, option);

	return !text || (num_parse_u32(str_of(text), ret) == 0 && *ret >= 1 && *ret <= max);
}

enum exit_status run_lambda_run(struct session *s, const struct args *a)
{
	const char *command[ARGS_MAX + 1] = { NULL };
	uint32_t port = 0, concurrency = CONCURRENCY_DEFAULT, timeout = TIMEOUT_DEFAULT_SECONDS;
	struct lambda_config config = { .name = a->words[0], .command = command };
	size_t i;

	if (!function_name_is_valid(str_of(a->words[0])))
		return args_refuse(a, "'%s' is no name of a function", a->words[0]);
	if (!read_number(a, "--port", UINT16_MAX, &port))
		return args_refuse(a, "--port is a number from 1 to 65535");
	if (!read_number(a, "--concurrency", LAMBDA_CONCURRENCY_MAX, &concurrency))
		return args_refuse(a, "--concurrency is a number from 1 to %d",
				   LAMBDA_CONCURRENCY_MAX);
	if (!read_number(a, "--timeout", TIMEOUT_MAX_SECONDS, &timeout))
		return args_refuse(a, "--timeout is a number of seconds from 1 to %d",
				   TIMEOUT_MAX_SECONDS);
	for (i = 1; i < a->word_count; i++)
		command[i - 1] = a->words[i];
	config.port = (uint16_t)port;
	config.concurrency = concurrency;
	config.timeout_s = timeout;
	return run(s, &config);
}
