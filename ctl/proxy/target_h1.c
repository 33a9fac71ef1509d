/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to an HTTP/1 target, over a connection of the worker's pool. */
#include "proxy/target_h1.h"

#include "http/authority.h"
#include "http/h1_write.h"
#include "proxy/relay_head.h"
#include "proxy/request.h"
#include "proxy/worker.h"

/* What most heads have room in, with what is added to them. */
enum { HEAD_BYTES_LIKELY = 2048 };

static void changed(struct upstream *u)
{
	struct request *r = u->owner;

	r->client.ops->wake(r);
}

static enum target_state open_upstream(struct request *r)
{
	struct upstream *u = r->upstream.held;

	/* When a kept connection just failed the request, only a new one will do. */
	if (!u) {
		const struct upstream_want want = {
			.target = r->target,
			.may_reuse = r->attempts == 0 && !r->is_tunnel,
			.is_tls = r->group->is_tls,
			.group = r->group,
			.name = authority_parse(r->http.authority).host,
		};

		u = upstream_open(r->conn->worker, &want);
		if (!u)
			return TARGET_NO_MEMORY;
		u->owner = r;
		u->changed = changed;
		r->upstream.held = u;
		r->upstream.was_used = u->reused;
	}
	if (u->state == UPSTREAM_FAILED)
		return TARGET_FAILED;
	if (u->state != UPSTREAM_CONNECTED)
		return TARGET_CONNECTING;
	r->upstream.s = &u->s;
	return TARGET_CONNECTED;
}

static void put_head(struct request *r)
{
	const struct http_request *q = &r->http;
	struct buf *to = &r->upstream.s->out;
	struct head_out out = { .text = to };

	buf_reserve(to, HEAD_BYTES_LIKELY); /* not by and by */
	h1_write_request_line(to, q->method, relay_head_target(q));
	h1_write_header(to, STR("host"), q->authority);
	relay_head_request_fields(r, &out);
	if (relay_head_asks_upgrade(r))
		h1_write_upgrade(to, &q->headers);
	if (q->framing == HTTP_FRAMING_LENGTH) {
		h1_write_header_u64(to, STR("content-length"), q->content_length);
	} else if (q->framing != HTTP_FRAMING_NONE) {
		h1_write_header(to, STR("transfer-encoding"), STR("chunked"));
		r->to_target.chunk_out = true;
	}
	h1_write_head_end(to);
}

static struct h1_result take_head(struct request *r, struct http_response *ret)
{
	struct buf *in = &r->upstream.s->in;
	struct h1_result result =
		h1_parse_response(buf_str(in), &r->response_scanned, r->http.method, ret);

	if (result.outcome != H1_MORE)
		r->response_scanned = 0;
	/* The bytes stay where they are until more are read. */
	if (result.outcome == H1_DONE)
		buf_consume(in, result.head_bytes);
	return result;
}

/* The body's framing says it; but a tunnel has none. */
static void end(struct request *r)
{
	if (r->is_tunnel)
		stream_shut(r->upstream.s);
}

static void close_upstream(struct request *r, bool is_clean)
{
	struct upstream *u = r->upstream.held;

	if (is_clean)
		upstream_release(u);
	else
		upstream_close(u);
}

const struct target_ops target_h1 = { open_upstream, put_head, take_head, end, close_upstream };
