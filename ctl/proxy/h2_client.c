/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 clients. A request's life is that of proxy/stages.c; what is different is that many live
 * at once in one connection, each with its own idle time, and that the connection says goodbye
 * (GOAWAY) before it ends, so that no request is lost without the client knowing.
 */
#include "proxy/h2_client.h"

#include "base/array.h"
#include "proxy/conn.h"
#include "proxy/h2_session.h"
#include "proxy/relay_head.h"
#include "proxy/request.h"
#include "proxy/request_end.h"
#include "proxy/worker.h"

#include <errno.h>
#include <stdlib.h>

enum {
	/* A client that does not answer our PING gets the last GOAWAY so long after the first. */
	GOODBYE_MS_MAX = 1000,

	/* How long a client that was answered early may go on sending; then it is told to stop. */
	LINGER_MS_MAX = 2000,
};

struct h2_client {
	struct h2_session session;
	struct conn *conn;
	struct timer head; /* armed while one is not whole */
	bool is_draining;  /* the client was told to open no more streams */
	bool has_said_last;
	uint64_t draining_since_ms;
};

/* A stream with what only a client's has. */
struct client_stream {
	struct h2_stream h2;
	struct activity activity;
	struct timer timer;
};

static struct h2_client *client_of(struct h2_session *ss)
{
	return container_of(ss, struct h2_client, session);
}

static struct client_stream *stream_of(const struct request *r)
{
	struct h2_stream *st = container_of(r->client.s, struct h2_stream, s);

	return container_of(st, struct client_stream, h2);
}

/* Does @input, a connection's first bytes, begin as HTTP/2 with prior knowledge does? */
bool h2_client_is_preface(struct str input)
{
	return str_starts(input, STR("PRI * HTTP/2.0\r\n\r\n"));
}

/* What a request does with its client: struct client_ops. */

static void wake(struct request *r)
{
	h2_stream_ready(&stream_of(r)->h2);
}

static void begin_list(struct h2_session *ss, struct head_list *list, unsigned status, char text[4])
{
	head_list_init(list, &ss->scratch);
	text[0] = (char)('0' + status / 100 % 10);
	text[1] = (char)('0' + status / 10 % 10);
	text[2] = (char)('0' + status % 10);
	text[3] = '\0';
	head_list_add(list, STR(":status"), (struct str){ text, 3 });
}

static void put_head(struct request *r, const struct http_response *a)
{
	struct h2_stream *st = &stream_of(r)->h2;
	struct head_list list;
	const struct head_out out = { .list = &list };
	const struct http_header *length;
	char status[4];

	body_init(&r->to_client, a->framing, a->content_length, false);
	if (!st->session->ng || st->is_closed)
		return;
	begin_list(st->session, &list, a->status, status);
	relay_head_response_fields(r, a, &out);
	if (a->framing == HTTP_FRAMING_LENGTH)
		head_out_u64(&out, STR("content-length"), a->content_length);
	/* HEAD and 304 tell the length of a body that does not follow. */
	length = http_headers_find(&a->headers, STR("content-length"));
	if (a->framing == HTTP_FRAMING_NONE && length)
		head_out_field(&out, length->name, length->value);
	h2_stream_respond(st, &list, r->to_client.done);
	arena_reset(&st->session->scratch);
}

static void put_continue(struct request *r)
{
	struct h2_stream *st = &stream_of(r)->h2;
	struct head_list list;
	char status[4];

	if (!st->session->ng || st->is_closed)
		return;
	begin_list(st->session, &list, 100, status);
	h2_stream_interim(st, &list);
}

static void end(struct request *r)
{
	struct h2_stream *st = &stream_of(r)->h2;

	if (!st->is_ended)
		h2_stream_end(st, &r->to_client.trailers);
}

static void cut(struct request *r)
{
	struct h2_stream *st = &stream_of(r)->h2;

	h2_stream_reset(st, NGHTTP2_INTERNAL_ERROR);
	if (!st->s.error)
		st->s.error = -1;
}

static const struct client_ops client_h2 = { wake, put_head, put_continue, end, cut };

/* Streams */

static void free_stream(struct h2_stream *st)
{
	struct client_stream *cs = container_of(st, struct client_stream, h2);
	struct worker *w = st->session->worker;

	timer_disarm(&w->loop, &cs->timer);
	h2_stream_fini(st);
	reuse_free(&w->reuse, cs);
}

/* The request of @st is over; what is left of its response is still sent. */
static void finish(struct h2_stream *st)
{
	struct client_stream *cs = container_of(st, struct client_stream, h2);
	struct request *r = st->request;

	request_end(r);
	st->request = NULL;
	request_free(r);
	timer_disarm(&st->session->worker->loop, &cs->timer);
	if (!st->s.eof && !st->is_closed)
		timer_arm(&st->session->worker->loop, &cs->timer, LINGER_MS_MAX);
	client_of(st->session)->conn->activity =
		(struct activity){ st->session->worker->loop.now_ms, cs->activity.idle_ms_max };
	if (st->is_closed)
		free_stream(st);
}

static void abandon(struct h2_stream *st, const char *why)
{
	if (!st->request->failure)
		st->request->failure = why;
	finish(st);
}

static void run(struct h2_stream *st)
{
	struct client_stream *cs = container_of(st, struct client_stream, h2);

	if (!st->request) {
		if (st->is_closed)
			free_stream(st);
	} else if (st->is_closed) {
		abandon(st,
			st->s.error == -EPROTO ? "ClientProtocolError" : "ClientConnectionClosed");
	} else if (st->s.error) {
		h2_stream_reset(st, NGHTTP2_INTERNAL_ERROR);
		abandon(st, "ClientProtocolError");
	} else if (request_run(st->request)) {
		finish(st);
	} else if (!timer_is_armed(&cs->timer)) {
		/* The service that it is for has said how long. */
		timer_arm(&st->session->worker->loop, &cs->timer, cs->activity.idle_ms_max);
	}
}

/* No byte moved for too long. */
static void stream_expired(struct timer *t)
{
	struct client_stream *cs = container_of(t, struct client_stream, timer);
	struct loop *l = &cs->h2.session->worker->loop;
	uint64_t end_ms = cs->activity.last_ms + cs->activity.idle_ms_max;
	struct request *r = cs->h2.request;

	if (!r) {
		h2_stream_reset(&cs->h2, NGHTTP2_NO_ERROR);
		return;
	}
	if (end_ms > l->now_ms) {
		timer_arm(l, t, end_ms - l->now_ms);
		return;
	}
	if (!r->response_started && r->upstream.held)
		request_answer(r, 504, "TargetDataTimeout");
	else
		h2_stream_reset(&cs->h2, NGHTTP2_CANCEL);
	finish(&cs->h2);
}

/* A head that is refused gets an answer, so that the client learns why. */
static void refuse(struct h2_session *ss, int32_t id, const struct h1_refusal *refusal)
{
	char status[4];
	struct head_list list;
	nghttp2_nv nv[1];

	begin_list(ss, &list, refusal->status, status);
	nv[0] = (nghttp2_nv){ (uint8_t *)list.at[0].name.p, (uint8_t *)status, list.at[0].name.n, 3,
			      NGHTTP2_NV_FLAG_NONE };
	nghttp2_submit_response(ss->ng, id, nv, 1, NULL);
	h2_session_touch(ss);
}

static struct h2_stream *begin_stream(struct h2_client *h, int32_t id)
{
	struct client_stream *cs = reuse_alloc(&h->conn->worker->reuse, sizeof(*cs));

	if (!cs)
		return NULL;
	memset(cs, 0, sizeof(*cs));
	h2_stream_init(&cs->h2, &h->session, id);
	cs->activity = h->conn->activity;
	cs->activity.last_ms = h->conn->worker->loop.now_ms;
	cs->timer.expired = stream_expired;
	return &cs->h2;
}

static void begin_request(struct h2_client *h, int32_t id, const struct http_request *http,
			  bool is_last)
{
	struct h2_stream *st = begin_stream(h, id);
	struct client_stream *cs = container_of(st, struct client_stream, h2);
	struct client client;
	struct request *r;

	if (!st) {
		nghttp2_submit_rst_stream(h->session.ng, NGHTTP2_FLAG_NONE, id,
					  NGHTTP2_REFUSED_STREAM);
		return;
	}
	client = (struct client){ &client_h2, &st->s, &cs->activity };
	r = request_new(h->conn, client, http);
	if (!r) {
		h2_stream_reset(st, NGHTTP2_REFUSED_STREAM);
		free_stream(st);
		return;
	}
	r->head = h->session.head.text;
	h->session.head.text = (struct buf){ 0 };
	r->head_bytes = h->session.head.bytes;
	if (!is_last)
		body_init(&r->to_target, HTTP_FRAMING_STREAM, 0, false);
	st->request = r;
	h2_stream_ready(st);
}

static void take_head(struct h2_session *ss, struct h2_stream *st, int32_t id, bool is_last)
{
	struct http_request http;
	struct h1_refusal refusal;

	if (st)
		return; /* libnghttp2 lets no second head through */
	refusal = h2_head_request(&ss->head, is_last, &http);
	if (refusal.reason)
		refuse(ss, id, &refusal);
	else
		begin_request(client_of(ss), id, &http, is_last);
}

/* The connection */

/* First GOAWAY, for the client to see that it ends; the session's PING tells when it has. */
void h2_client_drain(struct h2_client *h)
{
	struct conn *c = h->conn;

	if (h->is_draining)
		return;
	h->is_draining = true;
	h->draining_since_ms = c->worker->loop.now_ms;
	h->session.is_acked = false;
	nghttp2_submit_shutdown_notice(h->session.ng);
	timer_arm(&c->worker->loop, &c->timer, GOODBYE_MS_MAX);
	h2_session_touch(&h->session);
}

/* Last GOAWAY: the streams that we have seen, and no more. */
static void say_last(struct h2_client *h)
{
	nghttp2_session *ng = h->session.ng;

	h->has_said_last = true;
	nghttp2_submit_goaway(ng, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(ng),
			      NGHTTP2_NO_ERROR, NULL, 0);
	h2_session_touch(&h->session);
}

/*
 * A head, or trailer, that came in drips has had its time. What follows it cannot be read without
 * it, so that the connection ends, and says so.
 */
static void head_expired(struct timer *t)
{
	struct h2_client *h = container_of(t, struct h2_client, head);
	struct worker *w = h->conn->worker;
	uint64_t begun_ms = h->session.place.head_ms, max_ms = conn_head_ms_max(w);

	if (!begun_ms)
		return;
	if (w->loop.now_ms - begun_ms < max_ms) {
		timer_arm(&w->loop, t, begun_ms + max_ms - w->loop.now_ms);
		return;
	}
	nghttp2_session_terminate_session(h->session.ng, NGHTTP2_ENHANCE_YOUR_CALM);
	h2_session_touch(&h->session);
}

static void settle(struct h2_session *ss)
{
	struct h2_client *h = client_of(ss);
	struct conn *c = h->conn;

	if (c->s.error || c->s.is_deaf || c->s.eof) {
		conn_close(c);
		return;
	}
	if (ss->place.head_ms && !timer_is_armed(&h->head))
		timer_arm(&c->worker->loop, &h->head, conn_head_ms_max(c->worker));
	if (h->is_draining && !h->has_said_last && ss->is_acked)
		say_last(h);
	if (buf_len(&c->s.out) || !list_empty(&ss->dirty))
		return;
	if (ss->is_over || (h->has_said_last && !ss->stream_count)) {
		c->closing = true;
		c->must_linger = true;
		h2_client_free(h);
		c->h2 = NULL;
		conn_run(c);
	}
}

static const struct h2_role client_role = { take_head, run, settle };

/* Speak HTTP/2 with the client of @c from here on; NULL without memory. */
struct h2_client *h2_client_new(struct conn *c)
{
	struct h2_client *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->conn = c;
	h->head.expired = head_expired;
	h->session.is_open = true;
	if (h2_session_init(&h->session, c->worker, &c->s, &client_role, true)) {
		free(h);
		return NULL;
	}
	return h;
}

/* End all that runs in @h, and log it. The socket is the conn's. */
void h2_client_free(struct h2_client *h)
{
	struct list *pos, *after;

	list_each_safe (pos, after, &h->session.streams) {
		struct h2_stream *st = list_entry(pos, struct h2_stream, link);

		st->is_closed = true;
		if (st->request)
			abandon(st, "ClientConnectionClosed");
		else
			free_stream(st);
	}
	timer_disarm(&h->conn->worker->loop, &h->head);
	h2_session_fini(&h->session);
	free(h);
}

/* Something happened to the socket. */
void h2_client_run(struct h2_client *h)
{
	h2_session_read(&h->session);
}

static void exceed_life(struct h2_client *h)
{
	struct list *pos;

	list_each (pos, &h->session.streams) {
		struct h2_stream *st = list_entry(pos, struct h2_stream, link);

		if (st->request)
			st->request->failure = "ConnectionDurationExceeded";
	}
}

/* Is @h without a stream for too long, or not to be waited for any more? */
static bool is_idle(const struct h2_client *h)
{
	const struct conn *c = h->conn;
	uint64_t now_ms = c->worker->loop.now_ms;

	return !h->session.stream_count && now_ms - c->activity.last_ms >= c->activity.idle_ms_max;
}

/*
 * The connection's timer: see what its age and idleness ask for. Returns how long until it must be
 * looked at again; 0: close it.
 */
uint64_t h2_client_look(struct h2_client *h)
{
	uint64_t now_ms = h->conn->worker->loop.now_ms;
	uint64_t age_ms = now_ms - h->conn->opened_ms;

	if (age_ms >= CONN_LIFE_MS_MAX) {
		exceed_life(h);
		return 0;
	}
	if (h->has_said_last && !h->session.stream_count &&
	    now_ms - h->draining_since_ms >= 2 * GOODBYE_MS_MAX)
		return 0;
	if (conn_is_old(h->conn) || is_idle(h))
		h2_client_drain(h);
	if (!h->is_draining)
		return h->conn->activity.idle_ms_max;
	if (!h->has_said_last && now_ms - h->draining_since_ms >= GOODBYE_MS_MAX)
		say_last(h);
	return GOODBYE_MS_MAX;
}

/* The namespace of VPC number @vpc is going: so must all that holds it. */
void h2_client_leave_vpc(struct h2_client *h, uint32_t vpc)
{
	struct list *pos, *after;

	list_each_safe (pos, after, &h->session.streams) {
		struct h2_stream *st = list_entry(pos, struct h2_stream, link);

		if (!st->request || !request_uses(st->request, vpc))
			continue;
		request_leave_target(st->request, false);
		request_answer(st->request, 503, "TargetConnectionClosed");
		finish(st);
	}
}
