/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both directions of one exchange, each at the pace of its receiver: a side is read only while
 * the other side's buffer has room. After a switch of protocols it is bytes both ways until the
 * target ends.
 */
#include "proxy/relay.h"

#include "base/array.h"
#include "base/num.h"
#include "http/grpc.h"
#include "http/trailers.h"
#include "proxy/relay_head.h"
#include "proxy/request.h"
#include "proxy/splice.h"
#include "proxy/worker.h"

#include <errno.h>

/* Heads of 1xx that a target may send before the final one. */
enum { INTERIMS_MAX = 16 };

/* Methods that may be sent twice without harm (RFC 9110 section 9.2.2). */
static bool is_idempotent(struct str method)
{
	static const struct str methods[] = { { "GET", 3 },   { "HEAD", 4 }, { "OPTIONS", 7 },
					      { "TRACE", 5 }, { "PUT", 3 },  { "DELETE", 6 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		if (str_eq(method, methods[i]))
			return true;
	}
	return false;
}

static void send_head(struct request *r)
{
	r->upstream.ops->put_head(r);
	r->head_sent = true;
	r->sent_us = r->conn->worker->loop.now_us;
	if (r->http.expects_continue && !r->to_target.done)
		r->client.ops->put_continue(r);
	r->http.expects_continue = false;
}

/* The client of a tunnel has sent its last byte: so has, when that is through, our side of it. */
static void end_tunnel_request(struct request *r)
{
	struct stream *to = r->upstream.s;

	if (buf_len(&to->out) && !to->is_deaf)
		return;
	r->to_target.done = true;
	r->upstream.ops->end(r);
}

/* The client has ended and all that it sent is moved. False: that is too early. */
static bool end_request(struct request *r)
{
	if (r->is_tunnel) {
		end_tunnel_request(r);
		return true;
	}
	if (body_end_at_eof(&r->to_target, r->client.s->trailers, &r->upstream.s->out) ==
	    BODY_DONE) {
		r->sent_us = r->conn->worker->loop.now_us;
		r->upstream.ops->end(r);
		return true;
	}
	r->client.s->error = -1;
	r->failure = "ClientConnectionClosed";
	return false;
}

/* Client to target. False when the exchange is over, answered or not. */
static bool move_request(struct request *r)
{
	struct stream *from = r->client.s, *to = r->upstream.s;
	enum body_outcome outcome;

	if (r->to_target.done || to->is_deaf)
		return true;
	outcome = body_move(&r->to_target, &from->in, &to->out, STREAM_HIGH_BYTES);
	stream_taken(from);
	switch (outcome) {
	case BODY_DONE:
		r->sent_us = r->conn->worker->loop.now_us;
		r->upstream.ops->end(r);
		return true;
	case BODY_MORE:
		if (!from->eof || buf_len(&from->in) || body_is_held(&r->to_target))
			return true;
		return end_request(r);
	case BODY_BAD:
		break;
	}
	r->keep_client = false;
	request_answer(r, 400, "ClientProtocolError");
	return false;
}

/* Is all of the request that was sent still here? */
static bool is_replayable(const struct request *r)
{
	return r->http.framing == HTTP_FRAMING_NONE ||
	       (r->http.framing == HTTP_FRAMING_LENGTH && !r->http.content_length) ||
	       (!r->to_target.done && !r->to_target.bytes);
}

/*
 * The target closed before a whole response. Its connection, and not this request alone, which it
 * may have begun: then the request may have crossed with that.
 */
static enum relay_outcome target_closed(struct request *r)
{
	int error = r->upstream.s->error;
	bool has_crossed = r->upstream.was_used && !r->upstream.s->in.end && error != -ECANCELED &&
			   error != -EPROTO && r->http.framing == HTTP_FRAMING_NONE &&
			   is_idempotent(r->http.method);
	bool is_untouched = r->upstream.is_refused && is_replayable(r);

	if (!r->response_started && (has_crossed || is_untouched))
		return RELAY_AGAIN;
	request_answer(r, 502, error == -EPROTO ? "TargetProtocolError" : "TargetConnectionClosed");
	return RELAY_DONE;
}

static void note_grpc_status(struct request *r, struct str text)
{
	r->has_grpc_status = grpc_is_request(&r->http) && num_parse_u16(text, &r->grpc_status) == 0;
}

/* The response is whole. */
static void end_response(struct request *r)
{
	struct str text = buf_str(&r->to_client.trailers);
	struct http_header h;

	while (trailers_next(&text, &h)) {
		if (str_eq_nocase(h.name, STR("grpc-status")))
			note_grpc_status(r, h.value);
	}
	r->client.ops->end(r);
}

static void put_head(struct request *r, const struct http_response *response)
{
	const struct http_header *grpc;

	r->status = response->status;
	r->keep_target = response->keep_alive;
	r->answered_us = r->conn->worker->loop.now_us;
	r->response_started = true;
	grpc = response->content_length ? NULL
					: http_headers_find(&response->headers, STR("grpc-status"));
	if (grpc)
		note_grpc_status(r, grpc->value);
	r->client.ops->put_head(r, response);
}

/* A head with @status, which is not the final one's: 1xx. False: the target may not say this now.
 */
static bool take_interim(struct request *r, const struct http_response *response)
{
	if (response->status != 101)
		return true;
	if (!relay_head_asks_upgrade(r))
		return false;
	put_head(r, response);
	r->is_tunnel = true;
	r->keep_client = false;
	r->keep_target = false;
	body_init(&r->to_target, HTTP_FRAMING_UNTIL_CLOSE, 0, false);
	body_init(&r->to_client, HTTP_FRAMING_UNTIL_CLOSE, 0, false);
	return true;
}

/* Read the response's head from what has come. RELAY_WAIT also when it was read: see started. */
static enum relay_outcome read_head(struct request *r)
{
	struct stream *from = r->upstream.s;
	struct http_response response;
	struct h1_result result;

	while (!r->response_started) {
		result = r->upstream.ops->take_head(r, &response);
		if (result.outcome == H1_MORE)
			return from->eof || from->error ? target_closed(r) : RELAY_WAIT;
		if (result.outcome == H1_BAD ||
		    (response.status < 200 && ++r->interims > INTERIMS_MAX) ||
		    (response.status < 200 && !take_interim(r, &response))) {
			request_answer(r, 502, "TargetProtocolError");
			return RELAY_DONE;
		}
		if (response.status >= 200) {
			put_head(r, &response);
		}
		r->response_head_bytes = result.head_bytes;
	}
	return RELAY_WAIT;
}

/* The target has ended: so has our side towards the client, who may go on sending. */
static enum relay_outcome end_passthrough(struct request *r)
{
	r->to_client.done = true;
	if (!r->client.s->is_final)
		stream_shut(r->client.s);
	return r->to_target.done || r->upstream.s->is_deaf ? RELAY_DONE : RELAY_WAIT;
}

/* Target to client. */
static enum relay_outcome move_response(struct request *r)
{
	struct stream *from = r->upstream.s, *to = r->client.s;
	enum relay_outcome head = read_head(r);
	enum body_outcome outcome;

	if (head != RELAY_WAIT || !r->response_started)
		return head;
	if (r->is_passthrough && r->to_client.done)
		return end_passthrough(r);
	outcome = body_move(&r->to_client, &from->in, &to->out, STREAM_HIGH_BYTES);
	stream_taken(from);
	switch (outcome) {
	case BODY_DONE:
		end_response(r);
		return RELAY_DONE;
	case BODY_BAD:
		request_answer(r, 502, "TargetProtocolError");
		return RELAY_DONE;
	case BODY_MORE:
		break;
	}
	if ((!from->eof && !from->error) || buf_len(&from->in) || body_is_held(&r->to_client))
		return RELAY_WAIT;
	if (r->is_passthrough && !from->error)
		return end_passthrough(r);
	if (from->error || body_end_at_eof(&r->to_client, from->trailers, &to->out) == BODY_BAD)
		return target_closed(r);
	if (r->to_client.framing == HTTP_FRAMING_UNTIL_CLOSE)
		r->keep_target = false;
	end_response(r);
	return RELAY_DONE;
}

/* The response is whole: keep the target's connection if both sides left it clean. */
static void settle_target(struct request *r)
{
	if (!r->to_target.done)
		r->keep_client = false;
	request_leave_target(r, r->keep_target && r->to_target.done &&
					!buf_len(&r->upstream.s->out) && !r->failure);
}

/* Move whatever can be moved, in both directions. */
enum relay_outcome relay_run(struct request *r)
{
	struct stream *client = r->client.s, *target = r->upstream.s;
	struct pipes *pipes = &r->conn->worker->pipes;
	size_t moved;

	if (!r->head_sent)
		send_head(r);
	do {
		enum relay_outcome outcome;

		moved = 0;
		if (!r->to_target.done && !target->is_deaf)
			moved = splice_fill(pipes, &r->to_target, client, target);
		if (!move_request(r))
			return RELAY_DONE;
		if (r->to_target.done && !r->is_tunnel)
			stream_flush_late(target, &r->conn->worker->loop);
		else
			moved += stream_flush(target);
		moved += splice_fill(pipes, &r->to_client, target, client);
		outcome = move_response(r);
		if (outcome == RELAY_DONE)
			stream_flush_late(client, &r->conn->worker->loop);
		else
			moved += stream_flush(client);
		if (client->error || client->is_deaf) {
			if (!r->failure)
				r->failure = "ClientConnectionClosed";
			return RELAY_DONE;
		}
		if (outcome == RELAY_DONE) {
			settle_target(r);
			return RELAY_DONE;
		}
		if (outcome == RELAY_AGAIN)
			return RELAY_AGAIN;
	} while (moved);
	r->client.activity->last_ms = r->conn->worker->loop.now_ms;
	return RELAY_WAIT;
}
