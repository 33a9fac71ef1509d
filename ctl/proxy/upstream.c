/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections to targets. Sockets come from the broker, ready-made in the target's namespace: the
 * plane itself may not create any. Each worker keeps a small stock of them per VPC.
 */
#include "proxy/upstream.h"

#include "base/log.h"
#include "io/tls.h"
#include "io/tls_hello.h"
#include "proxy/worker.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
	STOCK_LOW = 8,		 /* ask for more below this */
	CONNECT_MS_MAX = 5000,	 /* as long as the default health check waits */
	IDLE_MS_MAX = 30 * 1000, /* below the 60 s after which many servers close */
	IDLE_MAX = 256,		 /* kept in each VPC by each worker: what a burst left */
	LOG_EVERY_MS = 1000,	 /* failures in between are counted only */
};

static void refill(struct worker_vpc *v, unsigned family)
{
	const struct worker_hooks *hooks = v->worker->hooks;
	struct socket_stock *stock = &v->stock[family];

	if (stock->is_asked || stock->count >= STOCK_LOW)
		return;
	stock->is_asked = true;
	hooks->need_sockets(hooks->ctx, v->worker->number, v->number,
			    family == WORKER_V6 ? AF_INET6 : AF_INET, WORKER_FDS_MAX);
}

static unsigned family_of(const struct sock_addr *a)
{
	return a->family == AF_INET6 ? WORKER_V6 : WORKER_V4;
}

static struct meter *meter_of(const struct upstream *u)
{
	return worker_meter_target(u->worker, u->vpc->number, &u->target);
}

static void upstream_fail(struct upstream *u)
{
	meter_count(meter_of(u), METER_CONNECTION_ERRORS, 1);
	timer_disarm(&u->worker->loop, &u->timer);
	u->state = UPSTREAM_FAILED;
}

static void upstream_expired(struct timer *t)
{
	struct upstream *u = container_of(t, struct upstream, timer);

	if (!u->changed) {
		upstream_close(u);
		return;
	}
	meter_count(meter_of(u), METER_CONNECTION_TIMEOUTS, 1);
	if (u->state == UPSTREAM_SECURING)
		meter_count(meter_of(u), METER_TLS_ERRORS, 1);
	upstream_fail(u);
	u->changed(u);
}

static void be_connected(struct upstream *u)
{
	timer_disarm(&u->worker->loop, &u->timer);
	u->state = UPSTREAM_CONNECTED;
	meter_count(meter_of(u), u->is_h2 ? METER_HTTP2_CONNECTIONS : METER_HTTP1_CONNECTIONS, 1);
	meter_of(u)->gauges[METER_ACTIVE_CONNECTIONS]++;
}

/* Who is to prove who it is has an administrator who wants to know why it does not. */
static void say_failure(const struct upstream *u)
{
	struct worker *w = u->worker;
	char text[SOCK_ADDR_TEXT_MAX];

	if (!u->trust_serial ||
	    (w->tls_logged_ms && w->loop.now_ms - w->tls_logged_ms < LOG_EVERY_MS))
		return;
	w->tls_logged_ms = w->loop.now_ms;
	log_warn("TLS with %s at " STR_FMT " failed: %s", u->host,
		 STR_ARG(sock_addr_write(&u->addr, text)), tls_reason(u->s.tls));
}

static struct session_key key_of(const struct upstream *u)
{
	return (struct session_key){
		.group = u->group,
		.group_serial = u->group_serial,
		.trust_serial = u->trust_serial,
		.vpc = u->vpc->number,
		.addr = u->addr,
		.wants_h2 = u->wants_h2,
		.name = str_of(u->host ? u->host : u->name),
	};
}

static void keep_session(void *ctx, struct ssl_session_st *s)
{
	struct upstream *u = ctx;
	const struct session_key k = key_of(u);

	if (u->group_serial)
		sessions_keep(&u->worker->sessions, &k, s);
}

/* It failed: what was resumed, if anything was, is not worth another try. */
static void give_up_session(struct upstream *u)
{
	const struct session_key k = key_of(u);

	sessions_drop(&u->worker->sessions, &k);
	say_failure(u);
}

/* Go on with the handshake; a target that does not agree to HTTP/2 when it must has failed. */
static void shake_hands(struct upstream *u)
{
	int err = stream_handshake(&u->s);

	if (err == -EAGAIN)
		return;
	meter_count(meter_of(u), err ? METER_TLS_ERRORS : METER_TLS_HANDSHAKES, 1);
	u->trust = NULL;
	if (err)
		give_up_session(u);
	else if (tls_is_resumed(u->s.tls))
		meter_count(meter_of(u), METER_TLS_RESUMPTIONS, 1);
	if (!err && (!u->wants_h2 || tls_speaks_h2(u->s.tls)))
		be_connected(u);
	else
		upstream_fail(u);
}

static void start_handshake(struct upstream *u)
{
	const struct session_key k = key_of(u);
	const struct worker_tls *shared = u->worker->hooks->tls;
	struct tls *tls = NULL;

	if (shared)
		tls = tls_connect(
			&(struct tls_client){ .context = shared->client,
					      .name = u->name,
					      .wants_h2 = u->wants_h2,
					      .trust = u->trust,
					      .host = u->host,
					      .session = sessions_find(&u->worker->sessions, &k),
					      .keep = keep_session,
					      .ctx = u },
			u->s.watch.fd);
	if (!tls) {
		meter_count(meter_of(u), METER_TLS_ERRORS, 1);
		upstream_fail(u);
		return;
	}
	stream_secure(&u->s, tls);
	u->state = UPSTREAM_SECURING;
	shake_hands(u);
}

static void finish_connect(struct upstream *u)
{
	int err = 0;
	socklen_t n = sizeof(err);

	if (getsockopt(u->s.watch.fd, SOL_SOCKET, SO_ERROR, &err, &n) || err)
		upstream_fail(u);
	else if (u->is_tls)
		start_handshake(u);
	else
		be_connected(u);
}

/* An idle target closed, or spoke unasked: either way it is not for reuse. Tickets are no speech.
 */
static void look_at_idle(struct upstream *u)
{
	stream_fill(&u->s);
	if (u->s.eof || u->s.error || buf_len(&u->s.in))
		upstream_close(u);
	else
		buf_fini(&u->s.in);
}

static void upstream_ready(struct watch *w, uint32_t events)
{
	struct upstream *u = container_of(w, struct upstream, s.watch);

	stream_note(&u->s, events);
	if (!u->changed) {
		if (u->s.readable)
			look_at_idle(u);
		return;
	}
	if (u->state == UPSTREAM_CONNECTING && u->s.writable)
		finish_connect(u);
	else if (u->state == UPSTREAM_SECURING)
		shake_hands(u);
	u->changed(u);
}

/* Give @u a socket from the stock and begin to connect it. */
static void start_connect(struct upstream *u)
{
	struct socket_stock *stock = &u->vpc->stock[family_of(&u->addr)];
	int fd = stock->fds[--stock->count];
	struct sockaddr_storage os;
	socklen_t n = sock_addr_to_os(&u->addr, &os);
	int one = 1;

	refill(u->vpc, family_of(&u->addr));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	u->state = UPSTREAM_CONNECTING;
	meter_count(meter_of(u), METER_CONNECTIONS, 1);
	if (connect(fd, (struct sockaddr *)&os, n) && errno != EINPROGRESS)
		u->state = UPSTREAM_FAILED;
	if (stream_open(&u->s, &u->worker->loop, fd, upstream_ready)) {
		u->s.watch.fd = -1;
		u->state = UPSTREAM_FAILED;
	}
	u->s.in.reuse = &u->worker->reuse;
	u->s.out.reuse = &u->worker->reuse;
	if (u->state == UPSTREAM_FAILED)
		meter_count(meter_of(u), METER_CONNECTION_ERRORS, 1);
	if (u->state == UPSTREAM_CONNECTING)
		timer_arm(&u->worker->loop, &u->timer, CONNECT_MS_MAX);
}

/* What is sent as SNI for the host @name: addresses are not (RFC 6066 section 3). */
static struct str sni_of(const struct upstream_want *want)
{
	struct sock_addr addr;
	struct str none = { 0 };

	if (!want->is_tls || want->name.n > TLS_HELLO_NAME_BYTES_MAX ||
	    (want->name.n && memchr(want->name.p, ':', want->name.n)) ||
	    sock_addr_parse(want->name, &addr) == 0)
		return none;
	return want->name;
}

static const struct sock_addr *addr_of(const struct upstream_want *want)
{
	return want->addr ? want->addr : &want->target->addr;
}

/* Does @u, at its target, carry what is wanted? */
bool upstream_suits(const struct upstream *u, const struct upstream_want *want)
{
	return sock_addr_eq(&u->addr, addr_of(want)) && u->is_tls == want->is_tls &&
	       u->wants_h2 == want->wants_h2 && str_eq(str_of(u->name), sni_of(want)) &&
	       u->trust_serial == (want->trust ? want->trust->serial : 0) &&
	       (!want->trust || str_eq(str_of(u->host), want->name));
}

static void leave_idle(struct upstream *u)
{
	list_remove(&u->link);
	if (u->is_idle)
		u->vpc->idle_count--;
	u->is_idle = false;
}

static struct upstream *take_idle(struct worker_vpc *v, const struct upstream_want *want)
{
	struct list *pos;

	list_each (pos, &v->idle) {
		struct upstream *u = list_entry(pos, struct upstream, link);

		if (!upstream_suits(u, want))
			continue;
		leave_idle(u);
		timer_disarm(&u->worker->loop, &u->timer);
		u->reused = true;
		return u;
	}
	return NULL;
}

/* Copy the names that @want has. False without memory. */
static bool copy_names(struct upstream *u, const struct upstream_want *want)
{
	struct str sni = sni_of(want);

	if (sni.n)
		u->name = strndup(sni.p, sni.n);
	if (want->trust)
		u->host = strndup(want->name.p, want->name.n);
	return (u->name || !sni.n) && (u->host || !want->trust);
}

static void free_upstream(struct upstream *u)
{
	free(u->name);
	free(u->host);
	free(u);
}

static struct upstream *new_upstream(struct worker_vpc *v, const struct upstream_want *want)
{
	struct upstream *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	*u = (struct upstream){ .worker = v->worker,
				.vpc = v,
				.addr = *addr_of(want),
				.target = want->target->addr,
				.is_tls = want->is_tls,
				.wants_h2 = want->wants_h2,
				.group = want->group ? want->group->index : 0,
				.group_serial = want->group ? want->group->serial : 0,
				.trust = want->trust,
				.trust_serial = want->trust ? want->trust->serial : 0 };
	if (copy_names(u, want))
		return u;
	free_upstream(u);
	return NULL;
}

/*
 * A connection as @want says; look at its state. The caller sets its owner and changed(). NULL
 * without memory.
 */
struct upstream *upstream_open(struct worker *w, const struct upstream_want *want)
{
	struct worker_vpc *v = worker_find_vpc(w, want->target->vpc);
	struct upstream *u;

	if (!v)
		return NULL;
	u = want->may_reuse ? take_idle(v, want) : NULL;
	if (u)
		return u;
	u = new_upstream(v, want);
	if (!u)
		return NULL;
	u->s.watch.fd = -1;
	u->timer.expired = upstream_expired;
	list_init(&u->link);
	if (v->stock[family_of(&u->addr)].count) {
		start_connect(u);
		return u;
	}
	list_add_tail(&v->stock[family_of(&u->addr)].waiters, &u->link);
	timer_arm(&w->loop, &u->timer, CONNECT_MS_MAX);
	refill(v, family_of(&u->addr));
	return u;
}

/* Sockets of @family arrived for @v, or were refused when its stock is still empty. */
void upstream_got_sockets(struct worker_vpc *v, unsigned family)
{
	struct socket_stock *stock = &v->stock[family];
	bool has_some = stock->count > 0;
	struct list waiting;

	stock->is_asked = false;
	list_init(&waiting);
	list_splice_tail(&waiting, &stock->waiters);
	while (!list_empty(&waiting) && (stock->count || !has_some)) {
		struct upstream *u = list_entry(waiting.next, struct upstream, link);

		list_remove(&u->link);
		if (has_some)
			start_connect(u);
		else
			upstream_fail(u);
		if (u->state == UPSTREAM_FAILED)
			u->changed(u);
	}
	list_splice_tail(&stock->waiters, &waiting);
	if (!list_empty(&stock->waiters))
		refill(v, family);
}

/* @u has carried a whole request and response and may carry another. */
void upstream_release(struct upstream *u)
{
	u->changed = NULL;
	u->owner = NULL;
	if (u->s.readable)
		stream_fill(&u->s);
	if (u->s.eof || u->s.error || buf_len(&u->s.in) || u->worker->draining) {
		upstream_close(u);
		return;
	}
	buf_fini(&u->s.in);
	buf_fini(&u->s.out);
	list_add(&u->vpc->idle, &u->link);
	u->is_idle = true;
	timer_arm(&u->worker->loop, &u->timer, IDLE_MS_MAX);
	/* The one that was used longest ago is at the end. */
	if (++u->vpc->idle_count > IDLE_MAX)
		upstream_close(list_entry(u->vpc->idle.prev, struct upstream, link));
}

/* End @u, whatever its state; NULL is fine. */
void upstream_close(struct upstream *u)
{
	if (!u)
		return;
	if (u->state == UPSTREAM_CONNECTED)
		meter_of(u)->gauges[METER_ACTIVE_CONNECTIONS]--;
	timer_disarm(&u->worker->loop, &u->timer);
	leave_idle(u);
	if (u->s.watch.fd >= 0)
		stream_close(&u->s, &u->worker->loop);
	free_upstream(u);
}
