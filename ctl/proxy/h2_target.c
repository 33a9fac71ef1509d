/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 targets. A connection takes as many streams as its target allows; when it is full, or its
 * target says GOAWAY, the next request opens another. What a target refused or never saw may be
 * asked again elsewhere, whatever the method: it did nothing with it.
 */
#include "proxy/h2_target.h"

#include "http/authority.h"
#include "proxy/h2_session.h"
#include "proxy/relay_head.h"
#include "proxy/request.h"
#include "proxy/upstream.h"
#include "proxy/worker.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

enum {
	IDLE_MS_MAX =
		30 * 1000, /* without a stream; below the 60 s after which many servers close */
	INTERIMS_MAX = 16, /* heads of 1xx before the final one */
};

/* A connection to a target. */
struct h2_target {
	struct h2_session session;
	struct list link; /* in worker_vpc.h2_targets */
	struct upstream *u;
	struct timer idle; /* armed while it has no stream */
	bool has_failed;
};

/* A stream and the head of its response, until the request takes that. */
struct target_stream {
	struct h2_stream h2;
	bool has_head;
	unsigned interims;
	struct h1_refusal refusal;
	size_t head_bytes;
	struct buf text; /* what @response points into */
	struct http_response *response;
};

static struct h2_target *target_of(struct h2_session *ss)
{
	return container_of(ss, struct h2_target, session);
}

static struct target_stream *stream_of(struct h2_stream *st)
{
	return container_of(st, struct target_stream, h2);
}

/* Connections */

static void free_target(struct h2_target *t)
{
	timer_disarm(&t->session.worker->loop, &t->idle);
	list_remove(&t->link);
	h2_session_fini(&t->session);
	upstream_close(t->u);
	free(t);
}

/* No connection, or no longer: all streams learn it, and the last one to go frees @t. */
static void fail(struct h2_target *t)
{
	struct list *pos;

	t->has_failed = true;
	list_each (pos, &t->session.streams) {
		struct h2_stream *st = list_entry(pos, struct h2_stream, link);

		st->is_closed = true;
		if (!st->s.error)
			st->s.error = -ECONNREFUSED;
		h2_stream_ready(st);
	}
	h2_session_touch(&t->session);
}

static void changed(struct upstream *u)
{
	struct h2_target *t = u->owner;
	struct list *pos;

	if (u->state == UPSTREAM_FAILED) {
		fail(t);
		return;
	}
	if (u->state != UPSTREAM_CONNECTED)
		return;
	if (!t->session.is_open) {
		t->session.is_open = true;
		list_each (pos, &t->session.streams)
			h2_stream_ready(list_entry(pos, struct h2_stream, link));
	}
	h2_session_read(&t->session);
}

static void idle_expired(struct timer *timer)
{
	struct h2_target *t = container_of(timer, struct h2_target, idle);

	t->session.is_leaving = true;
	if (t->session.is_open)
		nghttp2_session_terminate_session(t->session.ng, NGHTTP2_NO_ERROR);
	h2_session_touch(&t->session);
}

static bool is_usable(const struct h2_target *t, const struct upstream_want *want)
{
	uint32_t max = nghttp2_session_get_remote_settings(t->session.ng,
							   NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);

	if (max > H2_STREAMS_MAX)
		max = H2_STREAMS_MAX;
	return !t->session.is_leaving && !t->session.is_over && !t->has_failed &&
	       t->session.stream_count < max &&
	       nghttp2_session_check_request_allowed(t->session.ng) && upstream_suits(t->u, want);
}

static struct h2_target *find_target(struct worker_vpc *v, const struct upstream_want *want)
{
	struct list *pos;

	list_each (pos, &v->h2_targets) {
		struct h2_target *t = list_entry(pos, struct h2_target, link);

		if (is_usable(t, want))
			return t;
	}
	return NULL;
}

static void run(struct h2_stream *st)
{
	st->request->client.ops->wake(st->request);
}

/* Keep the head that is whole in the session until the request asks for it. */
static void keep_head(struct h2_session *ss, struct target_stream *ts,
		      const struct http_response *a)
{
	size_t bytes = offsetof(struct http_response, headers.at) +
		       a->headers.count * sizeof(a->headers.at[0]);

	ts->response = reuse_alloc(&ss->worker->reuse, bytes);
	if (!ts->response) {
		ts->refusal = (struct h1_refusal){ 502, "no memory for the head" };
		return;
	}
	memcpy(ts->response, a, bytes);
	ts->text = ss->head.text;
	ss->head.text = (struct buf){ 0 };
}

static void take_session_head(struct h2_session *ss, struct h2_stream *st, int32_t id, bool is_last)
{
	struct target_stream *ts = stream_of(st);
	struct http_response a;

	(void)id;
	if (ts->has_head)
		return;
	ts->refusal = h2_head_response(&ss->head, st->request->http.method, is_last, &a);
	if (!ts->refusal.reason && a.status < 200 && !is_last && ++ts->interims <= INTERIMS_MAX)
		return;
	if (!ts->refusal.reason && a.status < 200)
		ts->refusal = (struct h1_refusal){ 502, "too many interim responses" };
	if (!ts->refusal.reason)
		keep_head(ss, ts, &a);
	ts->head_bytes = ss->head.bytes;
	ts->has_head = true;
	h2_stream_ready(st);
}

static void settle(struct h2_session *ss)
{
	struct h2_target *t = target_of(ss);

	if (ss->stream_count)
		return;
	if (t->has_failed || ss->is_over || (ss->is_leaving && !buf_len(&ss->wire->out)))
		free_target(t);
	else if (!timer_is_armed(&t->idle))
		timer_arm(&ss->worker->loop, &t->idle, IDLE_MS_MAX);
}

static const struct h2_role target_role = { take_session_head, run, settle };

static struct h2_target *new_target(struct worker *w, struct worker_vpc *v,
				    const struct upstream_want *want)
{
	struct h2_target *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->u = upstream_open(w, want);
	if (!t->u)
		goto err_target;
	if (h2_session_init(&t->session, w, &t->u->s, &target_role, false))
		goto err_upstream;
	t->u->is_h2 = true;
	t->u->owner = t;
	t->u->changed = changed;
	t->idle.expired = idle_expired;
	list_add_tail(&v->h2_targets, &t->link);
	return t;

err_upstream:
	upstream_close(t->u);
err_target:
	free(t);
	return NULL;
}

/* Streams: struct target_ops. */

static struct target_stream *new_stream(struct request *r)
{
	struct worker *w = r->conn->worker;
	struct worker_vpc *v = worker_find_vpc(w, r->target->vpc);
	struct target_stream *ts = v ? reuse_alloc(&w->reuse, sizeof(*ts)) : NULL;
	const struct upstream_want want = {
		.target = r->target,
		.is_tls = r->group->is_tls,
		.wants_h2 = r->group->is_tls,
		.group = r->group,
		.name = authority_parse(r->http.authority).host,
	};
	struct h2_target *t;

	if (!ts)
		return NULL;
	memset(ts, 0, sizeof(*ts));
	t = find_target(v, &want);
	r->upstream.was_used = t && t->session.is_open;
	if (!t)
		t = new_target(w, v, &want);
	if (!t) {
		reuse_free(&w->reuse, ts);
		return NULL;
	}
	timer_disarm(&w->loop, &t->idle);
	h2_stream_init(&ts->h2, &t->session, 0);
	ts->h2.request = r;
	r->upstream.held = ts;
	if (t->u->state == UPSTREAM_FAILED)
		fail(t);
	return ts;
}

static enum target_state open_stream(struct request *r)
{
	struct target_stream *ts = r->upstream.held;

	if (!ts)
		ts = new_stream(r);
	if (!ts)
		return TARGET_NO_MEMORY;
	if (ts->h2.s.error)
		return TARGET_FAILED;
	if (!ts->h2.session->is_open)
		return TARGET_CONNECTING;
	r->upstream.s = &ts->h2.s;
	return TARGET_CONNECTED;
}

/* Does the client take trailers? It is the only thing that TE may say over HTTP/2. */
static bool wants_trailers(const struct http_request *q)
{
	const struct http_header *te = http_headers_find(&q->headers, STR("te"));

	return te && http_header_has_token(te->value, STR("trailers"));
}

static void put_head(struct request *r)
{
	const struct http_request *q = &r->http;
	struct target_stream *ts = r->upstream.held;
	struct h2_session *ss = ts->h2.session;
	struct head_list list;
	const struct head_out out = { .list = &list };

	head_list_init(&list, &ss->scratch);
	head_list_add(&list, STR(":method"), q->method);
	head_list_add(&list, STR(":scheme"), r->group->is_tls ? STR("https") : STR("http"));
	if (q->authority.n)
		head_list_add(&list, STR(":authority"), q->authority);
	head_list_add(&list, STR(":path"), relay_head_target(q));
	relay_head_request_fields(r, &out);
	if (wants_trailers(q))
		head_list_add(&list, STR("te"), STR("trailers"));
	if (q->framing == HTTP_FRAMING_LENGTH)
		head_out_u64(&out, STR("content-length"), q->content_length);
	if (h2_stream_request(&ts->h2, &list, r->to_target.done))
		r->upstream.is_refused = true;
	arena_reset(&ss->scratch);
}

static struct h1_result take_head(struct request *r, struct http_response *ret)
{
	struct target_stream *ts = r->upstream.held;
	const struct http_response *a = ts->response;

	r->upstream.is_refused |= ts->h2.is_refused;
	if (ts->refusal.reason)
		return (struct h1_result){ .outcome = H1_BAD, .reason = ts->refusal.reason };
	if (!ts->has_head)
		return (struct h1_result){ .outcome = H1_MORE };
	memcpy(ret, a,
	       offsetof(struct http_response, headers.at) +
		       a->headers.count * sizeof(a->headers.at[0]));
	return (struct h1_result){ .outcome = H1_DONE, .head_bytes = ts->head_bytes };
}

static void end(struct request *r)
{
	struct target_stream *ts = r->upstream.held;

	if (!ts->h2.is_ended)
		h2_stream_end(&ts->h2, &r->to_target.trailers);
}

static void close_stream(struct request *r, bool is_clean)
{
	struct target_stream *ts = r->upstream.held;
	struct h2_session *ss = ts->h2.session;

	h2_stream_reset(&ts->h2, is_clean ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL);
	h2_stream_fini(&ts->h2);
	buf_fini(&ts->text);
	reuse_free(&ss->worker->reuse, ts->response);
	reuse_free(&ss->worker->reuse, ts);
	h2_session_touch(ss);
}

const struct target_ops target_h2 = { open_stream, put_head, take_head, end, close_stream };

/* Close the connections to targets in @v, whose requests are gone. */
void h2_target_forget(struct worker_vpc *v)
{
	while (!list_empty(&v->h2_targets))
		free_target(list_entry(v->h2_targets.next, struct h2_target, link));
}
