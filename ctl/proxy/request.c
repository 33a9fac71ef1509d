/* SPDX-License-Identifier: Apache-2.0 */
/* A request's memory, its id, and answers that the proxy gives itself. */
#include "proxy/request.h"

#include "base/array.h"
#include "base/hex.h"
#include "http/grpc.h"
#include "proxy/attest.h"
#include "proxy/stages.h"
#include "proxy/worker.h"

#include <stddef.h>
#include <stdlib.h>

/* Write a random UUID (RFC 9562 version 4) to @text. */
static void write_uuid(char text[36], uint64_t hi, uint64_t lo)
{
	char *to = text;

	hi = (hi & ~UINT64_C(0xf000)) | 0x4000;
	lo = (lo & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;
	to = hex_write(to, hi >> 32, 8);
	*to++ = '-';
	to = hex_write(to, hi >> 16, 4);
	*to++ = '-';
	to = hex_write(to, hi, 4);
	*to++ = '-';
	to = hex_write(to, lo >> 48, 4);
	*to++ = '-';
	hex_write(to, lo, 12);
}

static void choose_id(struct request *r)
{
	const struct http_header *h = http_headers_find(&r->http.headers, STR("x-amzn-requestid"));

	if (h && h->value.n) {
		r->id = str_first(h->value, REQUEST_ID_BYTES_MAX);
		return;
	}
	write_uuid(r->id_text, worker_random(r->conn->worker), worker_random(r->conn->worker));
	r->id = (struct str){ r->id_text, sizeof(r->id_text) };
}

/* A head has room for a hundred fields and holds a few: only those are copied. */
static void copy_head(struct http_request *to, const struct http_request *from)
{
	memcpy(to, from,
	       offsetof(struct http_request, headers.at) +
		       from->headers.count * sizeof(from->headers.at[0]));
}

/*
 * Begin the request whose head is @http, of @client, on the connection @c. The caller gives it the
 * memory that @http points into, as r->head. NULL without memory.
 */
struct request *request_new(struct conn *c, struct client client, const struct http_request *http)
{
	struct request *r = reuse_alloc(&c->worker->reuse, sizeof(*r));

	if (!r)
		return NULL;
	memset(r, 0, offsetof(struct request, http));
	copy_head(&r->http, http);
	r->conn = c;
	r->client = client;
	r->keep_client = http->keep_alive;
	r->started_us = r->conn->worker->loop.now_us;
	r->lease = lease_pin(c->worker->lease);
	body_init(&r->to_target, http->framing, http->content_length, false);
	choose_id(r);
	if (c->worker->hooks->trace)
		trace_begin(r);
	return r;
}

/* Does the target that @r is with live in VPC number @vpc? */
bool request_uses(const struct request *r, uint32_t vpc)
{
	return r->upstream.held && r->target->vpc == vpc;
}

/* Let go of what @r has open towards a target, if anything; see target_ops.close. */
void request_leave_target(struct request *r, bool is_clean)
{
	if (r->upstream.held)
		r->upstream.ops->close(r, is_clean);
	turns_end(&r->conn->worker->turns, &r->turn);
	r->upstream = (struct target_side){ .ops = r->upstream.ops };
}

static void stop_waiting(struct request *r)
{
	if (r->waits.next)
		list_remove(&r->waits);
}

/* Let @r wait among @waiters, whom requests_wake() wakes; it may be there already. */
void request_wait(struct request *r, struct list *waiters)
{
	stop_waiting(r);
	list_add_tail(waiters, &r->waits);
}

/* Wake all of @waiters. What runs may end others of them, or wait there again. */
void requests_wake(struct list *waiters)
{
	struct list woken;

	list_init(&woken);
	list_splice_tail(&woken, waiters);
	while (!list_empty(&woken)) {
		struct request *r = list_entry(woken.next, struct request, waits);

		list_remove(&r->waits);
		r->client.ops->wake(r);
	}
}

/* End @r: its connection to the target too, if it still has one. */
void request_free(struct request *r)
{
	stop_waiting(r);
	request_leave_target(r, false);
	lease_unpin(r->lease);
	body_fini(&r->to_target);
	body_fini(&r->to_client);
	buf_fini(&r->head);
	buf_fini(&r->target_text);
	reuse_free(&r->conn->worker->reuse, r);
}

/* Does the head of @status end its response, whatever the fields say (RFC 9110 section 15)? */
static bool is_head_all(unsigned status)
{
	return status == 204 || status == 304;
}

/* The head of an answer of ours, of @status and with @text as its body. */
static void plain_answer(const struct request *r, unsigned status, struct str text,
			 struct http_response *a)
{
	bool is_head = str_eq(r->http.method, STR("HEAD"));

	a->status = status;
	a->framing = is_head || is_head_all(status) ? HTTP_FRAMING_NONE : HTTP_FRAMING_LENGTH;
	a->content_length = text.n;
	a->headers.count = text.n > 0;
	a->headers.at[0] = (struct http_header){ STR("content-type"), STR("text/plain") };
}

/* As plain_answer(), for a call of gRPC: a head that is all, and HTTP's status is 200. */
static void grpc_answer(struct request *r, unsigned status, struct str text,
			struct http_response *a)
{
	r->grpc_status = grpc_of_status(status);
	r->has_grpc_status = true;
	/* A message is percent-encoded: what would need it is not worth it. */
	if (!grpc_is_message(text))
		text = http_status_reason(status);
	a->status = 200;
	a->framing = HTTP_FRAMING_NONE;
	a->content_length = 0;
	a->headers.count = 3;
	a->headers.at[0] = (struct http_header){ STR("content-type"), STR("application/grpc") };
	a->headers.at[1] = (struct http_header){ STR("grpc-status"), grpc_digits(r->grpc_status) };
	a->headers.at[2] = (struct http_header){ STR("grpc-message"), text };
}

/*
 * Answer @status ourselves with @text, and @failure for the log (NULL for none). The connection is
 * kept only if the request's body has been read. When a response has begun already, all that can be
 * done is to cut it off.
 */
enum step request_answer_text(struct request *r, unsigned status, const char *failure,
			      struct str text)
{
	struct http_response a;

	r->failure = failure;
	if (r->response_started) {
		r->client.ops->cut(r);
		return STEP_DONE;
	}
	if (!r->to_target.done)
		r->keep_client = false;
	if (is_head_all(status) || status == 205)
		text = (struct str){ 0 };
	if (r->http.version == HTTP_VERSION_2 && grpc_is_request(&r->http))
		grpc_answer(r, status, text, &a);
	else
		plain_answer(r, status, text, &a);
	r->status = a.status;
	r->response_started = true;
	r->client.ops->put_head(r, &a);
	if (a.framing != HTTP_FRAMING_NONE) {
		buf_add(&r->client.s->out, text);
		r->to_client.bytes = text.n;
	}
	r->to_client.done = true;
	r->client.ops->end(r);
	return STEP_DONE;
}

/* As request_answer_text(), with the words that the status has. */
enum step request_answer(struct request *r, unsigned status, const char *failure)
{
	return request_answer_text(r, status, failure, http_status_reason(status));
}

/* Run @r until it must wait for an event (false) or is finished (true). */
bool request_run(struct request *r)
{
	while (r->stage < stage_count) {
		switch (stages[r->stage].run(r)) {
		case STEP_NEXT:
			r->stage++;
			break;
		case STEP_WAIT:
			return false;
		case STEP_DONE:
			r->stage = stage_count;
			break;
		}
	}
	return true;
}
