/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker: keeps a plane running, does what it asks for in the VPCs' namespaces, and holds
 * the handoff listeners so that connections wait while one plane follows another. It reads
 * nothing from any network. One thread, one loop.
 *
 * Every message has at most one answer. While that answer does not fit into the link no further
 * message is read, so nothing queues up here; news of VPCs are a flag on each.
 */
#include "steer/broker.h"

#include "base/log.h"
#include "steer/cgroup.h"
#include "steer/handoff.h"
#include "steer/link_check.h"
#include "steer/vpc.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TICK_MS = 1000,		  /* how often namespaces are looked for */
	SETTLE_MS = 50,		  /* between a file in /run/netns and the namespace on it */
	RESTART_MS_MIN = 100,	  /* back-off of a plane that dies early */
	RESTART_MS_MAX = 5000,	  /* */
	HEALTHY_MS = 10 * 1000,	  /* a plane that lived this long starts again at once */
	STOP_MS = 10 * 1000,	  /* for the plane to finish its requests */
	LINGER_MS = 1000,	  /* for a plane that closed its link to end */
	LINK_BUFFER = 256 * 1024, /* bytes of messages on their way */
	MESSAGES_A_TURN = 64,
};

static const char netns_dir[] = "/run/netns";

struct answer {
	bool is_waiting;
	struct link_msg msg;
	struct link_fds fds;
};

struct broker {
	const struct broker_config *config;
	struct loop loop;
	struct vpc_site site;
	struct watch signals, changes;
	struct timer tick;
	int changes_in; /* inotify watch of netns_dir, -1 while that does not exist */

	pid_t plane; /* 0: none */
	uint64_t plane_since_ms;
	unsigned restart_ms;
	struct timer restart, kill;
	struct watch link;
	struct answer answer;

	bool is_stopping, was_ready;
	bool must_reopen; /* the plane has not heard of a SIGHUP yet */
	unsigned untold;  /* VPCs with is_untold */
	struct vpc *vpcs[LATTICE_VPCS_MAX];
};

static void tell_later(struct broker *b, struct vpc *v)
{
	if (!v->is_untold)
		b->untold++;
	v->is_untold = true;
}

static void hear_nothing_of(struct broker *b, struct vpc *v)
{
	if (v->is_untold)
		b->untold--;
	v->is_untold = false;
}

static void drop_vpc(struct broker *b, uint32_t number)
{
	struct vpc *v = b->vpcs[number];

	if (!v)
		return;
	log_info("VPC removed vpc=%u path=%s", number, v->path);
	hear_nothing_of(b, v);
	b->vpcs[number] = NULL;
	vpc_free(v);
}

/* The plane's end of the link is gone or not worth having. */
static void close_link(struct broker *b)
{
	if (b->link.fd < 0)
		return;
	loop_remove(&b->loop, &b->link);
	close(b->link.fd);
	b->link.fd = -1;
	link_fds_close(&b->answer.fds);
	b->answer.is_waiting = false;
}

static void kill_plane(struct broker *b, const char *why)
{
	log_error("plane killed: %s pid=%d", why, (int)b->plane);
	close_link(b);
	if (b->plane)
		kill(b->plane, SIGKILL);
}

static void kill_expired(struct timer *t)
{
	kill_plane(container_of(t, struct broker, kill), "it did not end by itself");
}

static int send_state(struct broker *b, struct vpc *v)
{
	struct link_msg m = { .kind = LINK_VPC_STATE, .vpc = v->number, .error = v->error };
	struct link_fds fds = { .count = v->error ? 0 : v->handoff.count };

	memcpy(fds.at, v->handoff.fds, fds.count * sizeof(fds.at[0]));
	if (!v->error) {
		m.count = v->resolver.count;
		m.generation = v->netns.ino;
		memcpy(fds.at + fds.count, v->resolver.fds, m.count * sizeof(fds.at[0]));
		fds.count += m.count;
	}
	return link_send(b->link.fd, &m, &fds);
}

static int send_states(struct broker *b)
{
	unsigned i;
	int err = 0;

	for (i = 0; i < LATTICE_VPCS_MAX && b->untold && !err; i++) {
		struct vpc *v = b->vpcs[i];

		if (!v || !v->is_untold)
			continue;
		err = send_state(b, v);
		if (!err)
			hear_nothing_of(b, v);
	}
	return err;
}

static int send_reopen(struct broker *b)
{
	struct link_msg m = { .kind = LINK_REOPEN };
	int err = b->must_reopen ? link_send(b->link.fd, &m, NULL) : 0;

	if (!err)
		b->must_reopen = false;
	return err;
}

static int send_answer(struct broker *b)
{
	int err;

	if (!b->answer.is_waiting)
		return 0;
	err = link_send(b->link.fd, &b->answer.msg, &b->answer.fds);
	if (err)
		return err;
	link_fds_close(&b->answer.fds);
	b->answer.is_waiting = false;
	return 0;
}

/* Send what waits; false when some still does, or the link is gone. */
static bool flush_link(struct broker *b)
{
	int err;

	if (b->link.fd < 0)
		return false;
	err = send_states(b);
	if (!err)
		err = send_reopen(b);
	if (!err)
		err = send_answer(b);
	if (err && err != -EAGAIN) {
		close_link(b);
		timer_arm(&b->loop, &b->kill, LINGER_MS);
		return false;
	}
	loop_modify(&b->loop, &b->link, err ? EPOLLOUT : EPOLLIN);
	return !err;
}

static void answer(struct broker *b, const struct link_msg *asked, uint32_t kind, int error)
{
	assert(!b->answer.is_waiting);
	b->answer.msg = (struct link_msg){
		.kind = kind,
		.vpc = asked->vpc,
		.generation = asked->generation,
		.error = error,
		.worker = asked->worker,
		.family = asked->family,
		.type = asked->type,
	};
	b->answer.is_waiting = true;
}

/* The plane may say the same again after a restart: then it only gets the listeners again. */
static int handle_vpc_set(struct broker *b, const struct link_msg *m)
{
	struct vpc *v = b->vpcs[m->vpc];

	if (v && !str_eq(str_of(v->path), str_of(m->path))) {
		drop_vpc(b, m->vpc);
		v = NULL;
	}
	if (!v) {
		v = vpc_new(&b->site, m->vpc, m->path);
		if (!v)
			return -ENOMEM;
		b->vpcs[m->vpc] = v;
	}
	vpc_refresh(v);
	v->is_wanted = true;
	tell_later(b, v);
	return 0;
}

static void handle_synced(struct broker *b)
{
	unsigned i;

	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		if (b->vpcs[i] && !b->vpcs[i]->is_wanted)
			drop_vpc(b, i);
	}
	if (!b->was_ready)
		b->config->notify(b->config->context, true);
	b->was_ready = true;
}

static void handle_commit(struct broker *b, const struct link_msg *m)
{
	struct vpc *v = b->vpcs[m->vpc];
	int err;

	if (!v)
		err = -ENOENT;
	else if (!table_is_whole(&v->pending, m->generation))
		err = -EPROTO;
	else
		err = vpc_publish(v);
	if (v)
		table_fini(&v->pending);
	answer(b, m, LINK_TABLE_DONE, err);
}

static void handle_sockets(struct broker *b, const struct link_msg *m)
{
	struct vpc *v = b->vpcs[m->vpc];
	int err = -ENOENT;

	if (v)
		err = vpc_make_upstreams(v, m->family, m->count, &b->answer.fds);
	answer(b, m, LINK_SOCKETS, err);
	b->answer.msg.count = b->answer.fds.count;
}

static void handle_host_sockets(struct broker *b, const struct link_msg *m)
{
	int err = handoff_make_upstreams(m->family, (int)m->type, m->count, &b->answer.fds);

	answer(b, m, LINK_HOST_SOCKETS, err);
	b->answer.msg.count = b->answer.fds.count;
}

static void handle_cgroup(struct broker *b, const struct link_msg *m)
{
	char path[LINK_CGROUP_BYTES] = "";
	int err = cgroup_find_path(m->generation, path, sizeof(path));

	answer(b, m, LINK_CGROUP, err);
	memcpy(b->answer.msg.cgroup, path, sizeof(path));
}

static void handle_counters(struct broker *b, const struct link_msg *m)
{
	struct vpc *v = b->vpcs[m->vpc];
	struct steer_counters counters = { 0 };
	int err = v ? vpc_count(v, &counters) : -ENOENT;

	answer(b, m, LINK_COUNTERS, err);
	b->answer.msg.counters = counters;
}

/* Act on @m, which link_check() found sound. 0, or -errno when the plane cannot be gone on with. */
static int handle(struct broker *b, const struct link_msg *m)
{
	struct vpc *v = b->vpcs[m->vpc];

	switch (m->kind) {
	case LINK_VPC_SET:
		return handle_vpc_set(b, m);
	case LINK_VPC_REMOVE:
		drop_vpc(b, m->vpc);
		return 0;
	case LINK_SYNCED:
		handle_synced(b);
		return 0;
	case LINK_TABLE_BEGIN:
		return v ? table_begin(&v->pending, m) : 0;
	case LINK_TABLE_ADD:
		return v ? table_add(&v->pending, m->bindings, m->count) : 0;
	case LINK_TABLE_RULES:
		return v ? table_add_rules(&v->pending, m->rules, m->count) : 0;
	case LINK_TABLE_COMMIT:
		handle_commit(b, m);
		return 0;
	case LINK_CGROUP:
		handle_cgroup(b, m);
		return 0;
	case LINK_COUNTERS:
		handle_counters(b, m);
		return 0;
	case LINK_HOST_SOCKETS:
		handle_host_sockets(b, m);
		return 0;
	default:
		handle_sockets(b, m);
		return 0;
	}
}

/* Take one message; false when there is none to take now. */
static bool take_message(struct broker *b)
{
	const char *wrong;
	struct link_fds fds;
	struct link_msg m;
	int err;

	err = link_recv(b->link.fd, &m, &fds);
	if (err == -EAGAIN)
		return false;
	if (err == -ECONNRESET) {
		close_link(b);
		timer_arm(&b->loop, &b->kill, LINGER_MS);
		return false;
	}
	if (err) {
		kill_plane(b, "its link is broken");
		return false;
	}
	wrong = fds.count ? "it sent fds" : link_check(&m, b->config->workers);
	link_fds_close(&fds);
	if (!wrong) {
		err = handle(b, &m);
		wrong = err ? strerror(-err) : NULL;
	}
	if (wrong)
		kill_plane(b, wrong);
	return !wrong;
}

static void serve_link(struct watch *w, uint32_t events)
{
	struct broker *b = container_of(w, struct broker, link);
	unsigned i;

	(void)events;
	for (i = 0; i < MESSAGES_A_TURN; i++) {
		if (!flush_link(b) || !take_message(b))
			return;
	}
	flush_link(b);
}

/* A pair of link ends. 0 or -errno. */
static int open_link(int ret[2])
{
	int bytes = LINK_BUFFER, i;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret))
		return -errno;
	for (i = 0; i < 2; i++)
		setsockopt(ret[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	return 0;
}

/* Nothing of what the last plane said or began counts for the next one. */
static void forget_plane(struct broker *b)
{
	unsigned i;

	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		struct vpc *v = b->vpcs[i];

		if (!v)
			continue;
		v->is_wanted = false;
		hear_nothing_of(b, v);
		table_fini(&v->pending);
	}
}

/* Give the plane copies of the @count listeners @from, if there are any. 0 or -errno. */
static int send_listeners(int fd, enum link_kind kind, const int *from, unsigned count)
{
	const struct link_msg m = { .kind = kind };
	struct link_fds fds = { .count = count };

	if (!count)
		return 0;
	assert(count <= LINK_FDS_MAX);
	memcpy(fds.at, from, count * sizeof(*from));
	return link_send(fd, &m, &fds);
}

static int start_plane(struct broker *b)
{
	const struct broker_config *c = b->config;
	struct link_fds fds = { { c->api_fd, c->access_fd }, 2 };
	struct link_fds metrics_fds = { { c->metrics_fd }, 1 };
	struct link_fds flows_fds = { { c->audit_fd, c->flows_fd }, 2 };
	struct link_msg hello = { .kind = LINK_HELLO }, metrics = { .kind = LINK_METRICS };
	struct link_msg flows = { .kind = LINK_FLOWS };
	int ends[2], err;
	pid_t pid;

	err = open_link(ends);
	if (err)
		return err;
	steer_describe(c->steer, hello.path, sizeof(hello.path));
	err = link_send(ends[0], &hello, &fds);
	if (!err && c->metrics_fd)
		err = link_send(ends[0], &metrics, &metrics_fds);
	if (!err)
		err = send_listeners(ends[0], LINK_PEERS, c->peer_fds, c->peer_count);
	if (!err)
		err = send_listeners(ends[0], LINK_SIGNED, c->signed_fds, c->signed_count);
	if (!err && c->audit_fd)
		err = link_send(ends[0], &flows, &flows_fds);
	if (err)
		goto err_ends;
	pid = c->start_plane(c->context, ends[1]);
	if (pid < 0) {
		err = (int)pid;
		goto err_ends;
	}
	close(ends[1]);
	b->plane = pid;
	b->plane_since_ms = b->loop.now_ms;
	b->link = (struct watch){ ends[0], serve_link };
	log_info("plane started pid=%d", (int)pid);
	err = loop_add(&b->loop, &b->link, EPOLLIN);
	if (err)
		kill_plane(b, "its link cannot be watched");
	return 0;

err_ends:
	close(ends[0]);
	close(ends[1]);
	return err;
}

static void restart_later(struct broker *b)
{
	log_info("starting a plane in %u ms", b->restart_ms);
	timer_arm(&b->loop, &b->restart, b->restart_ms);
	b->restart_ms = b->restart_ms * 2 < RESTART_MS_MAX ? b->restart_ms * 2 : RESTART_MS_MAX;
}

static void restart_expired(struct timer *t)
{
	struct broker *b = container_of(t, struct broker, restart);
	int err = start_plane(b);

	if (!err)
		return;
	log_error("cannot start a plane: %s", strerror(-err));
	restart_later(b);
}

static void bury_plane(struct broker *b, int status)
{
	if (WIFSIGNALED(status))
		log_warn("plane ended by signal pid=%d signal=%d", (int)b->plane, WTERMSIG(status));
	else
		log_line(b->is_stopping && !WEXITSTATUS(status) ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
			 "plane ended pid=%d status=%d", (int)b->plane, WEXITSTATUS(status));
	b->plane = 0;
	timer_disarm(&b->loop, &b->kill);
	close_link(b);
	forget_plane(b);
	if (b->is_stopping) {
		loop_stop(&b->loop);
		return;
	}
	if (b->loop.now_ms - b->plane_since_ms >= HEALTHY_MS)
		b->restart_ms = RESTART_MS_MIN;
	restart_later(b);
}

static void stop(struct broker *b)
{
	if (b->is_stopping)
		return;
	b->is_stopping = true;
	log_info("stopping");
	b->config->notify(b->config->context, false);
	timer_disarm(&b->loop, &b->restart);
	if (!b->plane) {
		loop_stop(&b->loop);
		return;
	}
	kill(b->plane, SIGTERM);
	timer_arm(&b->loop, &b->kill, STOP_MS);
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
			flush_link(b);
			continue;
		}
		if (info.ssi_signo != SIGCHLD) {
			stop(b);
			continue;
		}
		/* One SIGCHLD may stand for several children. */
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (pid == b->plane)
				bury_plane(b, status);
		}
	}
}

static void look_at_namespaces(struct timer *t)
{
	struct broker *b = container_of(t, struct broker, tick);
	unsigned i;

	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		if (b->vpcs[i] && vpc_refresh(b->vpcs[i]) && b->vpcs[i]->is_wanted)
			tell_later(b, b->vpcs[i]);
	}
	if (b->changes.fd >= 0 && b->changes_in < 0)
		b->changes_in = inotify_add_watch(b->changes.fd, netns_dir,
						  IN_CREATE | IN_DELETE | IN_MOVE | IN_ONLYDIR);
	flush_link(b);
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

	for (i = 0; i < LATTICE_VPCS_MAX; i++)
		drop_vpc(b, i);
	close_link(b);
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
	b->restart_ms = RESTART_MS_MIN;
	b->signals.fd = b->changes.fd = b->link.fd = b->site.home.fd = -1;
	b->tick.expired = look_at_namespaces;
	b->restart.expired = restart_expired;
	b->kill.expired = kill_expired;
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
	err = netns_open_home(&b->site.home);
	if (!err)
		err = watch_signals(b);
	if (!err) {
		watch_changes(b);
		look_at_namespaces(&b->tick);
		restart_expired(&b->restart);
		loop_run(&b->loop);
	}
	close_broker(b);
err_free:
	free(b);
	return err;
}
