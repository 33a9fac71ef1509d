/* SPDX-License-Identifier: Apache-2.0 */
/* A worker's thread: it accepts, opens letters, and hands on its log. */
#include "proxy/worker.h"

#include "base/clock.h"
#include "base/rand.h"
#include "proxy/conn.h"
#include "proxy/h2_client.h"
#include "proxy/h2_session.h"
#include "proxy/h2_target.h"
#include "proxy/request.h"
#include "proxy/trace_span.h"
#include "proxy/upstream.h"

#include <errno.h>
#include <malloc.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ACCEPT_BATCH = 64, /* then others have their turn */
	METERS_MS = 500,   /* how long what was counted may wait */
	METERS_A_LETTER = 64,
	METERS_SWEEP = 600,	  /* every so many letters what is unused is forgotten */
	QUIET_MS = 2000,	  /* without traffic; then memory is given back */
	CROWD = 1000,		  /* connections whose leaving is reason enough */
	LOG_ROOM_BYTES = 8 << 10, /* of a batch, beyond what the last one had */
};

/* A pseudo-random number for ids and jitter (splitmix64); not for secrets. */
uint64_t worker_random(struct worker *w)
{
	uint64_t z = w->rng += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* What the worker keeps for VPC @number, made when it is new; NULL without memory or out of range.
 */
struct worker_vpc *worker_find_vpc(struct worker *w, uint32_t number)
{
	struct worker_vpc *v;
	int i;

	if (number >= LATTICE_VPCS_MAX)
		return NULL;
	if (w->vpcs[number])
		return w->vpcs[number];
	v = calloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->worker = w;
	v->number = number;
	for (i = 0; i < WORKER_FAMILIES; i++) {
		v->listeners[i] = (struct worker_listener){ .watch.fd = -1, .vpc = v };
		list_init(&v->stock[i].waiters);
	}
	list_init(&v->idle);
	list_init(&v->h2_targets);
	w->vpcs[number] = v;
	return v;
}

/* One connection more, or less. */
void worker_count_conn(struct worker *w, int more)
{
	w->conn_count += (unsigned)more;
	if (w->conn_count > w->conn_peak)
		w->conn_peak = w->conn_count;
}

static void accept_ready(struct watch *watch, uint32_t events)
{
	struct worker_vpc *v = container_of(watch, struct worker_listener, watch)->vpc;
	struct sockaddr_storage os;
	struct sock_addr peer;
	int i;

	(void)events;
	for (i = 0; i < ACCEPT_BATCH && watch->fd >= 0; i++) {
		socklen_t n = sizeof(os);
		int fd = accept4(watch->fd, (struct sockaddr *)&os, &n,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		if (!v->worker->lease || sock_addr_from_os(&os, &peer)) {
			close(fd);
			continue;
		}
		conn_open(v->worker, v->number, fd, &peer);
	}
}

static void close_listeners(struct worker_vpc *v)
{
	int i;

	for (i = 0; i < WORKER_FAMILIES; i++) {
		struct watch *watch = &v->listeners[i].watch;

		if (watch->fd < 0)
			continue;
		loop_remove(&v->worker->loop, watch);
		close(watch->fd);
		watch->fd = -1;
	}
}

static void set_listeners(struct worker_vpc *v, const struct worker_letter *l)
{
	int one = 1;
	unsigned i;

	close_listeners(v);
	for (i = 0; i < l->fd_count; i++) {
		struct watch *watch = &v->listeners[i].watch;

		/* What it accepts has it from it. */
		setsockopt(l->fds[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		*watch = (struct watch){ l->fds[i], accept_ready };
		if (loop_add(&v->worker->loop, watch, EPOLLIN)) {
			close(watch->fd);
			watch->fd = -1;
		}
	}
}

static void add_sockets(struct worker_vpc *v, const struct worker_letter *l)
{
	unsigned family = l->family == AF_INET6 ? WORKER_V6 : WORKER_V4, i;
	struct socket_stock *stock = &v->stock[family];

	for (i = 0; i < l->fd_count; i++) {
		if (stock->count == ARRAY_SIZE(stock->fds))
			close(l->fds[i]);
		else
			stock->fds[stock->count++] = l->fds[i];
	}
	upstream_got_sockets(v, family);
}

/*
 * Close all that keeps the namespace of @v alive: its listener, clients, targets and stock. Its
 * clients are reset: what the kernel still holds for them would keep the namespace for minutes.
 */
static void forget_vpc(struct worker_vpc *v)
{
	const struct linger cut = { .l_onoff = 1, .l_linger = 0 };
	struct worker *w = v->worker;
	struct list *pos, *after;
	unsigned i;

	close_listeners(v);
	for (i = 0; i < WORKER_FAMILIES; i++) {
		while (v->stock[i].count)
			close(v->stock[i].fds[--v->stock[i].count]);
		v->stock[i].is_asked = false;
	}
	while (!list_empty(&v->idle))
		upstream_close(list_entry(v->idle.next, struct upstream, link));
	list_each_safe (pos, after, &w->conns) {
		struct conn *c = list_entry(pos, struct conn, link);

		if (c->vpc == v->number)
			setsockopt(c->s.watch.fd, SOL_SOCKET, SO_LINGER, &cut, sizeof(cut));
		if (c->vpc == v->number || (c->request && request_uses(c->request, v->number)))
			conn_close(c);
		else if (c->h2)
			h2_client_leave_vpc(c->h2, v->number);
	}
	h2_target_forget(v);
	sessions_forget_vpc(&w->sessions, v->number);
}

static void drain(struct worker *w)
{
	struct list *pos, *after;
	size_t i;

	w->draining = true;
	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		if (w->vpcs[i])
			close_listeners(w->vpcs[i]);
	}
	if (!w->conn_count)
		loop_stop(&w->loop);
	list_each_safe (pos, after, &w->conns) {
		conn_drain(list_entry(pos, struct conn, link));
	}
}

static void take_snapshot(struct worker *w, struct snapshot *s)
{
	struct lease *next = turns_grow(&w->turns, s) ? lease_new(s) : NULL;

	if (!next) {
		snapshot_put(s); /* the old one stays in force */
		return;
	}
	lease_retire(w->lease);
	w->lease = next;
	sessions_sweep(&w->sessions, s);
}

static void tell_pulse(struct worker *w, uint64_t sent_us)
{
	struct worker_pulse *p = &w->pulse;

	atomic_store_explicit(&p->lag_us, clock_mono_us() - sent_us, memory_order_relaxed);
	atomic_store_explicit(&p->generation, w->lease ? w->lease->snapshot->generation : 0,
			      memory_order_relaxed);
	atomic_store_explicit(&p->conns, w->conn_count, memory_order_relaxed);
	atomic_store_explicit(&p->sent_us, sent_us, memory_order_release);
}

static void open_letter(struct inbox *i, struct letter *letter)
{
	struct worker *w = container_of(i, struct worker, inbox);
	struct worker_letter *l = container_of(letter, struct worker_letter, letter);
	struct worker_vpc *v = NULL;
	unsigned k;

	if (l->letter.kind != WORKER_SNAPSHOT && l->letter.kind != WORKER_DRAIN &&
	    l->letter.kind != WORKER_LOG && l->letter.kind != WORKER_TICKETS &&
	    l->letter.kind != WORKER_CGROUP && l->letter.kind != WORKER_PING &&
	    l->letter.kind != WORKER_HOSTS)
		v = worker_find_vpc(w, l->vpc);
	switch ((enum worker_letter_kind)l->letter.kind) {
	case WORKER_SNAPSHOT:
		take_snapshot(w, l->snapshot);
		break;
	case WORKER_LOG:
		w->is_logging = l->is_on;
		break;
	case WORKER_TICKETS:
		w->tickets = l->tickets;
		tls_tickets_wipe(&l->tickets);
		break;
	case WORKER_CGROUP:
		attest_answer(&w->attest, l->cgroup, l->path);
		break;
	case WORKER_PING:
		tell_pulse(w, l->sent_us);
		break;
	case WORKER_HOSTS:
		hosts_put(w->hosts);
		w->hosts = l->hosts;
		requests_wake(&w->name_waits.requests);
		break;
	case WORKER_DRAIN:
		drain(w);
		break;
	case WORKER_LISTENER:
		for (k = 0; (!v || w->draining) && k < l->fd_count; k++)
			close(l->fds[k]);
		if (v && !w->draining)
			set_listeners(v, l);
		break;
	case WORKER_VPC_GONE:
		if (v)
			forget_vpc(v);
		break;
	case WORKER_SOCKETS:
		for (k = 0; !v && k < l->fd_count; k++)
			close(l->fds[k]);
		if (v)
			add_sockets(v, l);
		break;
	}
	free(l);
}

/* Where the next line is to be; NULL without memory. Then worker_logged(). */
struct log_batch *worker_log(struct worker *w)
{
	/* As much as last time is likely, and a line more than what makes it full. */
	if (!w->log)
		w->log = log_batches_take(&w->log_batches);
	if (!w->log)
		w->log = log_batch_new(w->log_bytes + LOG_ROOM_BYTES, WORKER_LOG_BYTES_MAX);
	return w->log;
}

/* Hand on the lines written so far. */
static void flush_log(struct worker *w)
{
	timer_disarm(&w->loop, &w->log_flush);
	if (!w->log)
		return;
	w->log_bytes = buf_len(&w->log->lines);
	if (w->log_bytes > WORKER_LOG_BYTES_FULL)
		w->log_bytes = WORKER_LOG_BYTES_FULL;
	log_batches_keep(&w->log_batches, log_batch_get(w->log));
	w->hooks->log_lines(w->hooks->ctx, w->log);
	w->log = NULL;
}

/* A line was written: it goes with the others when they are enough, or soon. */
void worker_logged(struct worker *w)
{
	if (buf_len(&w->log->lines) >= WORKER_LOG_BYTES_FULL)
		flush_log(w);
	else if (!timer_is_armed(&w->log_flush))
		timer_arm(&w->loop, &w->log_flush, WORKER_LOG_MS_MAX);
}

static void log_expired(struct timer *t)
{
	flush_log(container_of(t, struct worker, log_flush));
}

/* Tell the control thread what was counted since the last time. */
static void flush_meters(struct worker *w)
{
	struct meter some[METERS_A_LETTER];
	size_t n;

	timer_disarm(&w->loop, &w->meters_flush);
	do {
		n = meters_take(&w->meters, some, METERS_A_LETTER);
		if (n && w->hooks->meters)
			w->hooks->meters(w->hooks->ctx, some, n);
	} while (n == METERS_A_LETTER);
	if (++w->meters_flushes % METERS_SWEEP == 0)
		meters_sweep(&w->meters);
}

static void meters_expired(struct timer *t)
{
	flush_meters(container_of(t, struct worker, meters_flush));
}

/*
 * Nothing was counted for a while, or a crowd has left: what their buffers left in the heap between
 * the connections that stay goes back to the kernel. Else it is used again.
 */
static void quiet_expired(struct timer *t)
{
	struct worker *w = container_of(t, struct worker, quiet);

	if (!w->was_busy || w->conn_peak - w->conn_count >= CROWD) {
		log_batches_drop(&w->log_batches);
		malloc_trim(0);
		w->conn_peak = w->conn_count;
	}
	if (w->was_busy)
		timer_arm(&w->loop, &w->quiet, QUIET_MS);
	w->was_busy = false;
}

static void will_flush_meters(struct worker *w)
{
	w->was_busy = true;
	if (!timer_is_armed(&w->quiet))
		timer_arm(&w->loop, &w->quiet, QUIET_MS);
	if (!timer_is_armed(&w->meters_flush))
		timer_arm(&w->loop, &w->meters_flush, METERS_MS);
}

/* Where to count what happens at the resource @id; for use at once. */
struct meter *worker_meter(struct worker *w, struct str id)
{
	will_flush_meters(w);
	return meters_of(&w->meters, id);
}

struct meter *worker_meter_target(struct worker *w, uint32_t vpc, const struct sock_addr *addr)
{
	will_flush_meters(w);
	return meters_of_target(&w->meters, vpc, addr);
}

/* A VPC's meter is that of no address in it. */
struct meter *worker_meter_vpc(struct worker *w, uint32_t vpc)
{
	const struct sock_addr none = { 0 };

	return worker_meter_target(w, vpc, &none);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;

	loop_run(&w->loop);
	flush_log(w);
	log_batches_drop(&w->log_batches);
	trace_flush(w);
	flush_meters(w);
	w->hooks->stopped(w->hooks->ctx, w->number);
	return NULL;
}

/* Start the worker's thread. Returns 0 or -errno; on failure @w holds nothing. */
int worker_start(struct worker *w, unsigned number, const struct worker_hooks *hooks)
{
	const struct sigv4_rules rules = {
		.region = hooks->region,
		.service = STR("vpc-lattice-svcs"),
		.payload = SIGV4_PAYLOAD_UNSIGNED,
	};
	int err;

	*w = (struct worker){ .number = number, .hooks = hooks, .rng = rand_u64() };
	list_init(&w->conns);
	pipes_init(&w->pipes, &w->loop);
	list_init(&w->h2_dirty);
	w->h2_turns.run = h2_session_turns;
	sessions_init(&w->sessions);
	attest_init(&w->attest);
	name_waits_init(&w->name_waits);
	err = sigv4_init(&w->sigv4, &rules, hooks->vault);
	if (err)
		return err;
	err = loop_init(&w->loop);
	if (err)
		goto err_sigv4;
	err = inbox_init(&w->inbox, &w->loop, open_letter);
	if (err)
		goto err_loop;
	w->log_flush.expired = log_expired;
	loop_each_turn(&w->loop, &w->h2_turns);
	w->meters_flush.expired = meters_expired;
	w->quiet.expired = quiet_expired;
	err = -pthread_create(&w->thread, NULL, worker_main, w);
	if (err)
		goto err_inbox;
	return 0;

err_inbox:
	inbox_fini(&w->inbox, &w->loop);
err_loop:
	loop_fini(&w->loop);
err_sigv4:
	sigv4_fini(&w->sigv4);
	return err;
}

/* Give @letter, from malloc(), to the worker; from any thread. */
void worker_send(struct worker *w, struct worker_letter *letter)
{
	inbox_send(&w->inbox, &letter->letter);
}

/* Wait for the thread to end after a WORKER_DRAIN, and free all that it held. */
void worker_join(struct worker *w)
{
	size_t i;

	pthread_join(w->thread, NULL);
	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		if (w->vpcs[i])
			forget_vpc(w->vpcs[i]);
		free(w->vpcs[i]);
	}
	attest_fini(&w->attest);
	timer_disarm(&w->loop, &w->name_waits.due);
	pipes_fini(&w->pipes);
	reuse_fini(&w->reuse);
	lease_retire(w->lease);
	turns_fini(&w->turns);
	hosts_put(w->hosts);
	sessions_fini(&w->sessions);
	sigv4_fini(&w->sigv4);
	tls_tickets_wipe(&w->tickets);
	meters_fini(&w->meters);
	inbox_fini(&w->inbox, &w->loop);
	loop_fini(&w->loop);
}
