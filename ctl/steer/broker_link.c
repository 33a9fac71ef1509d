/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker's end of the link: each message is checked and acted on, and has at most one answer.
 * While that answer does not fit into the link no further message is read, so nothing queues up
 * here; news of VPCs are a flag on each.
 */
#include "base/log.h"
#include "steer/broker_state.h"
#include "steer/cgroup.h"
#include "steer/handoff.h"
#include "steer/link_check.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

enum { MESSAGES_A_TURN = 64 };

/* The plane's end of the link is gone or not worth having. */
void broker_link_close(struct broker *b)
{
	if (b->link.fd < 0)
		return;
	loop_remove(&b->loop, &b->link);
	close(b->link.fd);
	b->link.fd = -1;
	link_fds_close(&b->answer.fds);
	b->answer.is_waiting = false;
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
			broker_hear_nothing_of(b, v);
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

static int send_question(struct broker *b)
{
	struct link_msg m = { .kind = LINK_ALIVE };
	int err = b->watchdog.must_ask ? link_send(b->link.fd, &m, NULL) : 0;

	if (!err)
		b->watchdog.must_ask = false;
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
bool broker_link_flush(struct broker *b)
{
	int err;

	if (b->link.fd < 0)
		return false;
	err = send_states(b);
	if (!err)
		err = send_reopen(b);
	if (!err)
		err = send_question(b);
	if (!err)
		err = send_answer(b);
	if (err && err != -EAGAIN) {
		broker_link_close(b);
		timer_arm(&b->loop, &b->kill, BROKER_LINGER_MS);
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
		broker_drop_vpc(b, m->vpc);
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
	broker_tell_later(b, v);
	return 0;
}

/* What was kept of a namespace that no VPC has now. */
static void clear_left(struct broker *b)
{
	struct netns n;
	ino_t ino;
	int fd, err;

	while ((ino = keep_find_left(&b->site.keep, &fd))) {
		struct kept_set rest;

		err = netns_open_of_socket(&n, fd);
		log_info("a namespace is nobody's now; what was left in it goes inode=%u",
			 (unsigned)ino);
		if (!err)
			vpc_clear(&b->site, &n);
		netns_close(&n);
		keep_take(&b->site.keep, ino, &rest);
		kept_set_close(&rest);
	}
}

static void handle_synced(struct broker *b)
{
	unsigned i;

	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		if (b->vpcs[i] && !b->vpcs[i]->is_wanted)
			broker_drop_vpc(b, i);
	}
	clear_left(b);
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
		broker_drop_vpc(b, m->vpc);
		return 0;
	case LINK_SYNCED:
		handle_synced(b);
		return 0;
	case LINK_ALIVE:
		broker_watchdog_hear(b);
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
		broker_link_close(b);
		timer_arm(&b->loop, &b->kill, BROKER_LINGER_MS);
		return false;
	}
	if (err) {
		broker_plane_kill(b, "its link is broken");
		return false;
	}
	wrong = fds.count ? "it sent fds" : link_check(&m, b->config->workers);
	link_fds_close(&fds);
	if (!wrong) {
		err = handle(b, &m);
		wrong = err ? strerror(-err) : NULL;
	}
	if (wrong)
		broker_plane_kill(b, wrong);
	return !wrong;
}

/* Take what messages there are. */
void broker_link_serve(struct watch *w, uint32_t events)
{
	struct broker *b = container_of(w, struct broker, link);
	unsigned i;

	(void)events;
	for (i = 0; i < MESSAGES_A_TURN; i++) {
		if (!broker_link_flush(b) || !take_message(b))
			return;
	}
	broker_link_flush(b);
}
