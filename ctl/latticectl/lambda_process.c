/* SPDX-License-Identifier: Apache-2.0 */
/* A process group each, so that what a function starts itself ends with it. */
#include "latticectl/lambda_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { VALUE_BYTES = 512, EXIT_NOT_FOUND = 127 };

static void set(const char *name, const char *value, bool overrides)
{
	setenv(name, value, overrides);
}

static void set_environment(const struct lambda_config *c, uint16_t port)
{
	char value[VALUE_BYTES];

	snprintf(value, sizeof(value), "127.0.0.1:%u", (unsigned)port);
	set("AWS_LAMBDA_RUNTIME_API", value, true);
	set("AWS_LAMBDA_FUNCTION_NAME", c->name, true);
	set("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST", true);
	set("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand", true);
	set("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128", false);
	snprintf(value, sizeof(value), "/aws/lambda/%s", c->name);
	set("AWS_LAMBDA_LOG_GROUP_NAME", value, false);
	snprintf(value, sizeof(value), "%d", (int)getpid());
	set("AWS_LAMBDA_LOG_STREAM_NAME", value, false);
	set("AWS_REGION", "us-east-1", false);
	set("AWS_DEFAULT_REGION", "us-east-1", false);
	set("_HANDLER", "index.handler", false);
	if (getcwd(value, sizeof(value)))
		set("LAMBDA_TASK_ROOT", value, false);
}

/* A process of the function whose Runtime API is on @port. Its pid or -errno. */
pid_t lambda_process_start(const struct lambda_config *config, uint16_t port)
{
	sigset_t none;
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? -errno : pid;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	set_environment(config, port);
	/* Standard output is the tool's own answer. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(config->command[0], (char *const *)config->command);
	fprintf(stderr, "latticectl: cannot run %s: %s\n", config->command[0], strerror(errno));
	_exit(EXIT_NOT_FOUND);
}
