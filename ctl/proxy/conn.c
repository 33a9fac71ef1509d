/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's connection. conn_run() is the only way forward: every event, of the client's socket
 * or of the target's, ends there, and it alone may free the connection.
 */
#include "proxy/conn.h"

#include "http/h1_write.h"
#include "proxy/client_h1.h"
#include "proxy/h2_client.h"
#include "proxy/request.h"
#include "proxy/request_end.h"
#include "proxy/secure.h"
#include "proxy/worker.h"

#include <linux/sockios.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* AWS: 60 s without a request or a byte, unless the service says otherwise. */
	IDLE_MS_MAX = 60 * 1000,

	/* From a head's first byte to its last: who sends it in drips is not waited for. */
	HEAD_MS_MAX = 10 * 1000,

	/* How long a worker that ends waits for the first request of a new connection. */
	FIRST_MS_MAX = 1000,

	/* How old a connection may be before its client must be watched. */
	UNWATCHED_MS_MAX = 20,

	/*
	 * How long an answer waits for a client that is still sending, so that it is read, and
	 * again for as long as the client takes more of it.
	 */
	LINGER_MS_MAX = 2000,
};

static uint64_t idle_ms_max(const struct worker *w)
{
	return w->hooks->idle_ms ? w->hooks->idle_ms : IDLE_MS_MAX;
}

/* How long a head may take from its first byte to its last. */
uint64_t conn_head_ms_max(const struct worker *w)
{
	return w->hooks->head_ms ? w->hooks->head_ms : HEAD_MS_MAX;
}

/* Near the end of its life: what is answered now is answered with a close. */
bool conn_is_old(const struct conn *c)
{
	return c->worker->loop.now_ms - c->opened_ms >= CONN_OLD_MS;
}

/* Nothing would be lost if @c were closed now. */
bool conn_is_idle(const struct conn *c)
{
	return !c->request && !buf_len(&c->s.in) && !secure_is_pending(c);
}

/* One more open, or one less. */
static void count_connection(const struct conn *c, int more)
{
	struct meter *m = worker_meter_vpc(c->worker, c->vpc);

	m->gauges[METER_ACTIVE_CONNECTIONS] += more;
	if (more > 0)
		meter_count(m, METER_CONNECTIONS, 1);
}

/* Close @c now; a request in flight is given up and logged. */
void conn_close(struct conn *c)
{
	struct worker *w = c->worker;

	if (c->request) {
		if (!c->request->failure)
			c->request->failure = "ClientConnectionClosed";
		request_end(c->request);
		request_free(c->request);
	}
	if (c->h2)
		h2_client_free(c->h2);
	timer_disarm(&w->loop, &c->timer);
	stream_close(&c->s, &w->loop);
	list_remove(&c->link);
	worker_count_conn(w, -1);
	count_connection(c, -1);
	free(c->secure);
	reuse_free(&w->reuse, c);
	if (w->draining && !w->conn_count)
		loop_stop(&w->loop);
}

/* How long until @c must be looked at again; 0: its time is up. */
static uint64_t time_left(const struct conn *c)
{
	uint64_t now_ms = c->worker->loop.now_ms;
	uint64_t end_ms = c->activity.last_ms + c->activity.idle_ms_max;

	if (c->worker->draining && conn_is_idle(c))
		return 0;
	if (c->opened_ms + CONN_LIFE_MS_MAX < end_ms)
		end_ms = c->opened_ms + CONN_LIFE_MS_MAX;
	if (c->head_ms && c->head_ms + conn_head_ms_max(c->worker) < end_ms)
		end_ms = c->head_ms + conn_head_ms_max(c->worker);
	return end_ms > now_ms ? end_ms - now_ms : 0;
}

/* A head that cannot be answered within a request: say why and close. */
static void refuse_head(struct conn *c, const struct h1_result *result)
{
	struct str why = str_of(result->reason);
	struct buf *out = &c->s.out;

	h1_write_status_line(out, result->status);
	h1_write_header(out, STR("content-type"), STR("text/plain"));
	h1_write_header_u64(out, STR("content-length"), why.n);
	h1_write_header(out, STR("connection"), STR("close"));
	h1_write_head_end(out);
	buf_add(out, why);
	c->closing = true;
	c->must_linger = true;
}

/* Has the head that @c began taken too long? */
static bool is_head_late(const struct conn *c)
{
	return !c->closing && c->head_ms &&
	       c->worker->loop.now_ms - c->head_ms >= conn_head_ms_max(c->worker);
}

/* Is it the client that @r waits for, with all sent on that it has said? */
static bool is_client_late(const struct request *r)
{
	return r->head_sent && !r->to_target.done && !buf_len(&r->upstream.s->out) &&
	       !body_is_held(&r->to_target);
}

/* The time for @r is up, and nothing is answered yet. */
static void answer_late(struct request *r, bool is_over)
{
	r->keep_client = false;
	if (is_over)
		request_answer(r, 504, "ConnectionDurationExceeded");
	else if (is_client_late(r))
		request_answer(r, 408, "ClientProtocolError");
	else
		request_answer(r, 504, "TargetDataTimeout");
}

/* Be told from now on what the client does. False without memory. */
static bool watch(struct conn *c)
{
	return stream_watch(&c->s, &c->worker->loop) == 0;
}

/* Has the client taken more of what was written since the last time, and not yet all? */
static bool still_takes(struct conn *c)
{
	int unsent;

	if (ioctl(c->s.watch.fd, SIOCOUTQ, &unsent) || unsent == c->unsent)
		return false;
	c->unsent = unsent;
	return unsent > 0;
}

static void conn_expired(struct timer *t)
{
	struct conn *c = container_of(t, struct conn, timer);
	struct request *r = c->request;
	bool is_over = c->worker->loop.now_ms - c->opened_ms >= CONN_LIFE_MS_MAX;
	bool is_unready = secure_is_pending(c);
	uint64_t left_ms = c->lingering || is_unready ? 0
			   : c->h2		      ? h2_client_look(c->h2)
						      : time_left(c);

	if (!watch(c)) {
		conn_close(c);
		return;
	}
	if (c->lingering && !is_over && still_takes(c))
		left_ms = LINGER_MS_MAX;
	if (left_ms) {
		timer_arm(&c->worker->loop, t, left_ms);
		return;
	}
	if (is_head_late(c)) {
		const struct h1_result late = { .status = 408, .reason = "head not whole in time" };

		refuse_head(c, &late);
		conn_run(c);
		return;
	}
	if (is_unready && !c->closing)
		secure_expire(c);
	if (r && !r->response_started && r->upstream.held) {
		answer_late(r, is_over);
		stream_flush(&c->s);
	} else if (r && is_over) {
		r->failure = "ConnectionDurationExceeded";
	}
	conn_close(c);
}

/* Our side was shut before the client shut its own: what it sent meanwhile is still to be read. */
static bool is_half_closed(const struct conn *c)
{
	return c->request && c->request->is_passthrough && c->s.is_shut;
}

static void conn_ready(struct watch *w, uint32_t events)
{
	struct conn *c = container_of(w, struct conn, s.watch);

	stream_note(&c->s, events);
	c->activity.last_ms = c->worker->loop.now_ms;
	if ((events & EPOLLERR) || ((events & EPOLLHUP) && !is_half_closed(c))) {
		conn_close(c);
		return;
	}
	conn_run(c);
}

/* Serve the client behind @fd, which came through @vpc's handoff socket. Owns @fd from here. */
void conn_open(struct worker *w, uint32_t vpc, int fd, const struct sock_addr *peer)
{
	struct conn *c = reuse_alloc(&w->reuse, sizeof(*c));

	if (!c) {
		close(fd);
		return;
	}
	*c = (struct conn){
		.worker = w,
		.vpc = vpc,
		.peer = *peer,
		.opened_ms = w->loop.now_ms,
		.activity = { w->loop.now_ms, idle_ms_max(w) },
	};
	c->timer.expired = conn_expired;
	if (sock_local(fd, &c->local)) {
		close(fd);
		reuse_free(&w->reuse, c);
		return;
	}
	stream_begin(&c->s, fd, conn_ready);
	c->s.in.reuse = &w->reuse;
	c->s.out.reuse = &w->reuse;
	list_add_tail(&w->conns, &c->link);
	worker_count_conn(w, 1);
	count_connection(c, 1);
	timer_arm(&w->loop, &c->timer, idle_ms_max(w));
	conn_run(c);
}

/*
 * Begin the request whose head, @http, is the first @head_bytes of the input. The request takes
 * that buffer over, since its strings point into it; what follows the head comes back. False
 * without memory.
 */
static bool begin_request(struct conn *c, size_t head_bytes, const struct http_request *http)
{
	struct client client = { &client_h1, &c->s, &c->activity };
	struct str rest = str_skip(buf_str(&c->s.in), head_bytes);
	struct request *r = request_new(c, client, http);

	if (!r)
		return false;
	r->head = c->s.in;
	r->head_bytes = head_bytes;
	buf_init(&c->s.in, STREAM_BUFFER_BYTES_MAX);
	c->s.in.reuse = r->head.reuse;
	buf_add(&c->s.in, rest);
	c->has_begun = true;
	c->request = r;
	return true;
}

/* No more can be read at the moment, and there is no whole head. */
static void await_head(struct conn *c)
{
	if (!buf_len(&c->s.in)) {
		buf_fini(&c->s.in); /* idle connections hold no buffer */
	} else if (!c->head_ms) {
		c->head_ms = c->worker->loop.now_ms;
		timer_arm(&c->worker->loop, &c->timer, conn_head_ms_max(c->worker));
	}
}

/* The client speaks HTTP/2: ALPN said so, or the input that begins with its preface. */
void conn_speak_h2(struct conn *c)
{
	c->head_ms = 0;
	c->h2 = h2_client_new(c);
	if (!c->h2)
		c->closing = true;
}

/* Begin the next request if its head is whole. False: wait, or see closing. */
static bool read_request(struct conn *c)
{
	struct http_request http;
	struct h1_result result;

	for (;;) {
		size_t got = stream_fill(&c->s);

		if (!c->has_begun && !c->secure && tls_hello_is_begun(buf_str(&c->s.in))) {
			c->closing = !secure_begin(c);
			return false;
		}
		if (!c->has_begun && h2_client_is_preface(buf_str(&c->s.in))) {
			conn_speak_h2(c);
			return false;
		}
		if (buf_len(&c->s.in)) {
			result = h1_parse_request(buf_str(&c->s.in), &c->scanned, &http);
			if (result.outcome != H1_MORE)
				break;
		}
		if (c->s.eof || c->s.error) {
			c->closing = true;
			return false;
		}
		if (!got) {
			await_head(c);
			return false;
		}
	}
	c->scanned = 0;
	c->head_ms = 0;
	if (result.outcome == H1_BAD) {
		refuse_head(c, &result);
		return false;
	}
	if (!begin_request(c, result.head_bytes, &http))
		c->closing = true;
	return c->request != NULL;
}

static void finish_request(struct conn *c)
{
	struct request *r = c->request;

	request_end(r);
	if (!r->keep_client || c->worker->draining)
		c->closing = true;
	if (!r->to_target.done)
		c->must_linger = true;
	c->request = NULL;
	request_free(r);
}

/*
 * What is written reaches the client before the close: unread input would turn the close into a
 * reset that overtakes it. So the sending side is shut, and input is thrown away until the client
 * ends too or has had its time. True: close now.
 */
static bool linger_done(struct conn *c)
{
	if (buf_len(&c->s.out))
		return c->s.is_deaf;
	if (!c->s.is_watched && !c->lingering) {
		c->s.readable = true; /* no event said whether more came */
		stream_fill(&c->s);
	}
	if (!c->must_linger && !c->s.tls && (!c->s.readable || c->s.eof))
		return true; /* all was read: the close says it as well */
	if (!c->lingering) {
		c->lingering = true;
		stream_shut(&c->s);
		timer_arm(&c->worker->loop, &c->timer, LINGER_MS_MAX);
	}
	do
		buf_clear(&c->s.in);
	while (stream_fill(&c->s));
	return !c->must_linger || c->s.eof || c->s.error;
}

/* Go on with @c as far as possible. False: it is HTTP/2's, or gone. */
static bool go_on(struct conn *c)
{
	for (;;) {
		if (c->h2) {
			if (watch(c))
				h2_client_run(c->h2);
			else
				conn_close(c);
			return false;
		}
		if (c->closing || !stream_is_late(&c->s))
			stream_flush(&c->s);
		if (c->s.error || c->s.is_deaf) {
			conn_close(c);
			return false;
		}
		if (c->closing) {
			if (!linger_done(c))
				return true;
			conn_close(c);
			return false;
		}
		if (c->secure && !secure_run(c)) {
			if (c->closing)
				continue;
			return true;
		}
		if (c->h2)
			continue;
		if (!c->request && !read_request(c)) {
			if (c->closing || c->h2 || secure_is_pending(c))
				continue;
			return true;
		}
		if (!request_run(c->request))
			return true;
		finish_request(c);
	}
}

/*
 * May @c go without events for now? All that it waits for is the answer to its first request, its
 * socket has room for that, and it is not old.
 */
static bool may_go_unwatched(const struct conn *c)
{
	return c->request && c->request->to_target.done && !c->request->is_tunnel &&
	       c->s.writable && c->worker->loop.now_ms - c->opened_ms < UNWATCHED_MS_MAX;
}

/*
 * Go on with @c as far as possible. @c may be gone afterwards. Whether the client of a new
 * connection goes away while it is answered need not be known if that is soon.
 */
void conn_run(struct conn *c)
{
	if (!go_on(c) || c->s.is_watched)
		return;
	if (may_go_unwatched(c))
		timer_arm(&c->worker->loop, &c->timer, UNWATCHED_MS_MAX);
	else if (!watch(c))
		conn_close(c);
}

/*
 * The worker of @c is ending. A request that was sent already is served, though nobody has told us
 * of it yet; who has just connected has a moment to send one; what is idle is closed. @c may be
 * gone afterwards.
 */
void conn_drain(struct conn *c)
{
	if (c->h2) {
		h2_client_drain(c->h2);
		return;
	}
	if (!conn_is_idle(c))
		return;
	stream_note(&c->s, EPOLLIN);
	stream_fill(&c->s);
	if (buf_len(&c->s.in) || c->s.eof || c->s.error)
		conn_run(c);
	else if (c->has_begun)
		conn_close(c);
	else
		timer_arm(&c->worker->loop, &c->timer, FIRST_MS_MAX);
}
