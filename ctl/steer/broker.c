/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker: keeps a plane running, does what it asks for in the VPCs' namespaces, and holds
 * the handoff listeners so that connections wait while one plane follows another. It reads
 * nothing from any network. One thread, one loop.
 */
#include "steer/broker.h"

#include "base/log.h"
#include "steer/broker_state.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TICK_MS = 1000, /* how often namespaces are looked for */
	SETTLE_MS = 50, /* between a file in /run/netns and the namespace on it */
};

static const char netns_dir[] = "/run/netns";

/* The plane hears of @v as soon as it can. */
void broker_tell_later(struct broker *b, struct vpc *v)
{
	if (!v->is_untold)
		b->untold++;
	v->is_untold = true;
}

/* There is nothing to tell of @v any more. */
void broker_hear_nothing_of(struct broker *b, struct vpc *v)
{
	if (v->is_untold)
		b->untold--;
	v->is_untold = false;
}

/* Take the VPC out of its namespace and forget it. */
void broker_drop_vpc(struct broker *b, uint32_t number)
{
	struct vpc *v = b->vpcs[number];

	if (!v)
		return;
	log_info("VPC removed vpc=%u path=%s", number, v->path);
	broker_hear_nothing_of(b, v);
	b->vpcs[number] = NULL;
	vpc_free(v);
}

static void serve_signals(struct watch *w, uint32_t events)
{
	struct broker *b = container_of(w, struct broker, signals);
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)events;
	while (read(w->fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			b->must_reopen = true;
			broker_link_flush(b);
			continue;
		}
		if (info.ssi_signo != SIGCHLD) {
			b->is_leaving = info.ssi_signo == SIGUSR1;
			broker_plane_stop(b);
			continue;
		}
		/* One SIGCHLD may stand for several children. */
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid == b->plane)
				broker_plane_bury(b, status);
		}
	}
}

static void look_at_namespaces(struct timer *t)
{
	struct broker *b = container_of(t, struct broker, tick);
	unsigned i;

	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		if (b->vpcs[i] && vpc_refresh(b->vpcs[i]) && b->vpcs[i]->is_wanted)
			broker_tell_later(b, b->vpcs[i]);
	}
	if (b->changes.fd >= 0 && b->changes_in < 0)
		b->changes_in = inotify_add_watch(b->changes.fd, netns_dir,
						  IN_CREATE | IN_DELETE | IN_MOVE | IN_ONLYDIR);
	broker_link_flush(b);
	timer_arm(&b->loop, t, TICK_MS);
}

static void serve_changes(struct watch *w, uint32_t events)
{
	struct broker *b = container_of(w, struct broker, changes);
	char bytes[sizeof(struct inotify_event) + NAME_MAX + 1]
		__attribute__((aligned(_Alignof(struct inotify_event))));
	const struct inotify_event *e;
	ssize_t n, at;

	(void)events;
	while ((n = read(w->fd, bytes, sizeof(bytes))) > 0) {
		for (at = 0; at < n; at += (ssize_t)sizeof(*e) + e->len) {
			e = (const struct inotify_event *)(bytes + at);
			/* The directory itself went; the tick looks for a new one. */
			if (e->mask & IN_IGNORED)
				b->changes_in = -1;
		}
	}
	timer_arm(&b->loop, &b->tick, SETTLE_MS);
}

/* Inotify only makes it quicker: without it the tick finds everything too. */
static void watch_changes(struct broker *b)
{
	b->changes_in = -1;
	b->changes = (struct watch){ inotify_init1(IN_CLOEXEC | IN_NONBLOCK), serve_changes };
	if (b->changes.fd < 0 || loop_add(&b->loop, &b->changes, EPOLLIN))
		log_warn("namespaces are only looked for every %d ms: no inotify", TICK_MS);
}

static int watch_signals(struct broker *b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	b->signals =
		(struct watch){ signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), serve_signals };
	if (b->signals.fd < 0)
		return -errno;
	return loop_add(&b->loop, &b->signals, EPOLLIN);
}

static void close_broker(struct broker *b)
{
	unsigned i;

	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		if (b->is_leaving && b->vpcs[i])
			vpc_leave(b->vpcs[i]);
		else
			broker_drop_vpc(b, i);
	}
	keep_fini(&b->site.keep);
	broker_link_close(b);
	if (b->changes.fd >= 0)
		close(b->changes.fd);
	if (b->signals.fd >= 0)
		close(b->signals.fd);
	netns_close(&b->site.home);
	processes_fini(&b->site.processes);
	loop_fini(&b->loop);
}

/* Be the broker until told to stop. 0 or -errno; in both cases nothing is left behind. */
int broker_run(const struct broker_config *config)
{
	struct broker *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	b->config = config;
	b->signals.fd = b->changes.fd = b->link.fd = b->site.home.fd = -1;
	b->tick.expired = look_at_namespaces;
	broker_plane_init(b);
	b->site.steer = config->steer;
	b->site.loop = &b->loop;
	b->site.pool = config->pool;
	b->site.processes.proc = "/proc";
	b->site.tells_ends = config->audit_fd != 0;
	b->site.workers = config->workers;
	list_init(&b->site.present);
	err = loop_init(&b->loop);
	if (err)
		goto err_free;
	err = keep_init(&b->site.keep, config->passed, config->passed_count);
	if (!err)
		err = netns_open_home(&b->site.home);
	if (!err)
		err = watch_signals(b);
	if (!err) {
		watch_changes(b);
		look_at_namespaces(&b->tick);
		broker_watchdog_start(b);
		broker_plane_start(b);
		loop_run(&b->loop);
	}
	close_broker(b);
err_free:
	free(b);
	return err;
}
