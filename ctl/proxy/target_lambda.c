/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exchange sees a stream like any other. What it sends is collected until the request is whole,
 * becomes an event (lambda_event.c) and goes to the function's endpoint as Lambda's Invoke; what
 * comes back is collected likewise, and read by the exchange as if a target had said it
 * (lambda_answer.c).
 */
#include "proxy/target_lambda.h"

#include "auth/principal.h"
#include "base/clock.h"
#include "base/log.h"
#include "model/snap_function.h"
#include "proxy/lambda_answer.h"
#include "proxy/lambda_event.h"
#include "proxy/lambda_invoke.h"
#include "proxy/relay_head.h"
#include "proxy/request.h"
#include "proxy/worker.h"

#include <errno.h>
#include <stdlib.h>

enum {
	PAYLOAD_BYTES_MAX = 6 << 20, /* AWS: of a request's body, and of the JSON returned */
	/* The event: a body in base64, or text in which each byte is escaped; and the head. */
	EVENT_BYTES_MAX = 6 * PAYLOAD_BYTES_MAX + (1 << 20),
	ANSWER_BYTES_MAX = 2 * PAYLOAD_BYTES_MAX + (1 << 20),
	HEAD_ARENA_BYTES = 64 << 10,
	LOG_EVERY_MS = 1000, /* failures in between are answered only */
};

enum call_state {
	CALL_COLLECTS, /* the request's body */
	CALL_SENDS,    /* the event, and then waits */
	CALL_RECEIVES, /* what was returned */
	CALL_IS_DONE,  /* there is a response */
};

struct lambda_call {
	struct stream s; /* what the exchange sees */
	struct request *r;
	struct upstream *u; /* NULL: no address is left */
	unsigned tried;	    /* addresses */
	enum call_state state;
	struct buf request, event, returned;
	size_t sent, scanned;
	bool keep_alive, has_failed; /* the function itself */
	unsigned invoke_status;
	struct body framing; /* of what is returned */
	struct arena arena;
	struct lambda_answer answer;
	size_t body_read;
};

/* An answer of our own; @failure is for the log. */
static void answer_with(struct lambda_call *l, unsigned status, const char *failure)
{
	l->r->failure = failure;
	l->answer.status = status;
	l->answer.headers.count = 1;
	l->answer.headers.at[0] = (struct http_header){ STR("content-type"), STR("text/plain") };
	l->answer.body = http_status_reason(status);
	l->state = CALL_IS_DONE;
	l->keep_alive = false;
}

/*
 * What the function did wrong is answered 502, as by AWS's other balancers; that it could not be
 * invoked, 500.
 */
static void finish(struct lambda_call *l)
{
	if (l->invoke_status != 200)
		answer_with(l, 500, "TargetConnectionError");
	else if (l->has_failed || buf_len(&l->returned) > PAYLOAD_BYTES_MAX ||
		 !lambda_answer_parse(buf_str(&l->returned), &l->arena, &l->answer))
		answer_with(l, 502, "TargetProtocolError");
	else
		l->state = CALL_IS_DONE;
	buf_fini(&l->returned);
}

static struct lambda_call *call_of(struct stream *s)
{
	return container_of(s, struct lambda_call, s);
}

/* Take in more of the request's body. Returns the bytes moved. */
static size_t collect(struct lambda_call *l)
{
	size_t n = buf_len(&l->s.out);

	buf_add(&l->request, buf_str(&l->s.out));
	buf_clear(&l->s.out);
	if (l->request.failed) {
		l->s.is_deaf = true;
		answer_with(l, 413, "ClientProtocolError");
	}
	return n;
}

/* Give the endpoint as much of the event as it takes. Returns the bytes moved. */
static size_t send_event(struct lambda_call *l)
{
	struct stream *to = &l->u->s;
	size_t total = 0, moved;

	do {
		struct str left = str_skip(buf_str(&l->event), l->sent);

		if (buf_len(&to->out) < STREAM_HIGH_BYTES) {
			left = str_first(left, STREAM_HIGH_BYTES - buf_len(&to->out));
			buf_add(&to->out, left);
			l->sent += left.n;
		}
		moved = stream_flush(to);
		total += moved;
	} while (moved);
	if (l->sent == buf_len(&l->event) && !buf_len(&to->out))
		buf_fini(&l->event);
	if (to->is_deaf || to->error)
		l->s.is_deaf = true;
	return total;
}

static size_t flush_call(struct stream *s)
{
	struct lambda_call *l = call_of(s);

	if (l->state == CALL_COLLECTS)
		return collect(l);
	return l->state == CALL_IS_DONE ? 0 : send_event(l);
}

/* The endpoint's head. False: it is not there yet, or none. */
static bool read_head(struct lambda_call *l)
{
	struct buf *in = &l->u->s.in;
	struct http_response a;
	struct h1_result result;

	do {
		result = h1_parse_response(buf_str(in), &l->scanned, STR("POST"), &a);
		if (result.outcome == H1_MORE)
			return false;
		l->scanned = 0;
		if (result.outcome == H1_BAD || a.status == 101) {
			answer_with(l, 502, "TargetProtocolError");
			return false;
		}
		l->has_failed = http_headers_find(&a.headers, STR("x-amz-function-error"));
		buf_consume(in, result.head_bytes);
	} while (a.status < 200);
	l->invoke_status = a.status;
	l->keep_alive = a.keep_alive;
	body_init(&l->framing, a.framing, a.content_length, false);
	l->state = CALL_RECEIVES;
	return true;
}

/* Take in what is returned, as far as it has come. */
static void receive(struct lambda_call *l)
{
	struct stream *from = &l->u->s;
	enum body_outcome outcome =
		body_move(&l->framing, &from->in, &l->returned, ANSWER_BYTES_MAX);

	if (outcome == BODY_MORE && from->eof && !buf_len(&from->in)) {
		l->keep_alive = false;
		outcome = body_end_at_eof(&l->framing, STR(""), &l->returned);
	}
	if (l->returned.failed || outcome == BODY_BAD || buf_len(&l->returned) >= ANSWER_BYTES_MAX)
		answer_with(l, 502, "TargetProtocolError");
	else if (outcome == BODY_DONE)
		finish(l);
}

/* The endpoint is gone, and no answer will come any more. */
static void see_end(struct lambda_call *l)
{
	const struct stream *from = &l->u->s;

	if (l->state == CALL_IS_DONE)
		return;
	if (from->error)
		l->s.error = from->error;
	else if (from->eof && (l->state != CALL_RECEIVES || !buf_len(&from->in)))
		l->s.eof = true;
}

/* More of the response's body for the exchange. Returns the bytes moved. */
static size_t give_body(struct lambda_call *l)
{
	struct str left = str_skip(l->answer.body, l->body_read);
	size_t held = buf_len(&l->s.in);

	if (held >= STREAM_HIGH_BYTES)
		return 0;
	left = str_first(left, STREAM_HIGH_BYTES - held);
	buf_add(&l->s.in, left);
	l->body_read += left.n;
	return left.n;
}

static size_t fill_call(struct stream *s)
{
	struct lambda_call *l = call_of(s);
	size_t moved = 0, n;

	if (l->state == CALL_IS_DONE)
		return give_body(l);
	if (l->state == CALL_COLLECTS)
		return 0;
	do {
		n = stream_fill(&l->u->s);
		moved += n;
		if (l->state == CALL_SENDS && !read_head(l))
			continue;
		if (l->state == CALL_RECEIVES)
			receive(l);
	} while (n && l->state != CALL_IS_DONE);
	see_end(l);
	/* Something to be told at once: a response. */
	return moved + (l->state == CALL_IS_DONE);
}

static const struct stream_ops call_ops = { fill_call, flush_call, NULL };

static void changed(struct upstream *u)
{
	struct request *r = u->owner;

	r->client.ops->wake(r);
}

/* A kept connection may be dead, which only what may be asked twice may find out. */
static bool may_reuse(const struct request *r)
{
	return r->attempts == 0 && r->http.framing == HTTP_FRAMING_NONE &&
	       (str_eq(r->http.method, STR("GET")) || str_eq(r->http.method, STR("HEAD")));
}

static struct lambda_call *call_new(struct request *r)
{
	struct lambda_call *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->r = r;
	l->s.ops = &call_ops;
	l->s.watch.fd = -1;
	buf_init(&l->s.in, STREAM_BUFFER_BYTES_MAX);
	buf_init(&l->s.out, STREAM_BUFFER_BYTES_MAX);
	buf_init(&l->request, PAYLOAD_BYTES_MAX);
	buf_init(&l->event, EVENT_BYTES_MAX);
	buf_init(&l->returned, ANSWER_BYTES_MAX);
	arena_init(&l->arena, ANSWER_BYTES_MAX);
	return l;
}

static bool is_named(const struct snap_target *t)
{
	return t->addr.family == AF_UNSPEC;
}

/*
 * The next address of the endpoint to try; each worker begins with another one, always the same,
 * whose connections it has. False: there is none any more.
 */
static bool next_addr(struct lambda_call *l, struct sock_addr *ret)
{
	const struct worker *w = l->r->conn->worker;
	const struct snap_target *t = l->r->target;
	const struct host *host;
	unsigned n = l->tried++;

	*ret = t->addr;
	if (!is_named(t))
		return n == 0;
	host = hosts_find(w->hosts, t->function->name);
	return host && n < host->count &&
	       hosts_choose(w->hosts, t->function->name, (w->number + n) % host->count, ret);
}

/* Begin a connection to the next address. */
static enum target_state connect_next(struct lambda_call *l)
{
	struct request *r = l->r;
	const struct worker_tls *tls = r->conn->worker->hooks->tls;
	const struct snap_function *f = r->target->function;
	struct sock_addr addr;
	struct upstream_want want = {
		.target = r->target,
		.addr = &addr,
		.may_reuse = may_reuse(r),
		.is_tls = f->is_tls,
		.group = r->group,
		.name = f->name,
	};

	if (!next_addr(l, &addr))
		return TARGET_FAILED;
	if (f->is_tls && tls)
		want.trust = f->trust ? f->trust : tls->system;
	l->u = upstream_open(r->conn->worker, &want);
	if (!l->u)
		return TARGET_NO_MEMORY;
	l->u->owner = r;
	l->u->changed = changed;
	r->upstream.was_used = l->u->reused;
	return TARGET_CONNECTING;
}

static enum target_state open_call(struct request *r)
{
	struct lambda_call *l = r->upstream.held;
	enum target_state state = TARGET_CONNECTING;

	if (!l) {
		l = call_new(r);
		if (!l)
			return TARGET_NO_MEMORY;
		r->upstream.held = l;
	}
	if (!l->u && is_named(r->target) && name_waits_hold(r, r->target->function->name))
		return TARGET_CONNECTING;
	while (state == TARGET_CONNECTING && (!l->u || l->u->state == UPSTREAM_FAILED)) {
		upstream_close(l->u);
		l->u = NULL;
		state = connect_next(l);
	}
	if (state != TARGET_CONNECTING || l->u->state != UPSTREAM_CONNECTED)
		return state;
	r->upstream.s = &l->s;
	if (is_named(r->target))
		r->called = l->u->addr;
	return TARGET_CONNECTED;
}

/* Who asks, as far as that is known. */
static struct lambda_caller caller_of(const struct request *r)
{
	struct lambda_caller c = { .source_vpc_arn = r->vpc->arn };
	const struct principal *p = r->principal;

	if (!p || p->type == PRINCIPAL_ANONYMOUS)
		return c;
	c.type = STR("AWS_IAM");
	c.principal = p->arn;
	c.org_id = p->org_id;
	c.session = p->session;
	return c;
}

static void write_event(struct lambda_call *l, struct buf *to)
{
	struct request *r = l->r;
	struct arena arena;
	struct head_list fields = { .arena = &arena };
	struct head_out out = { .list = &fields };
	struct lambda_event e = {
		.is_v2 = r->group->lambda == SNAP_LAMBDA_V2,
		.method = r->http.method,
		.path = relay_head_target(&r->http),
		.query = r->http.query,
		.headers = fields.at,
		.body = buf_str(&l->request),
		.network_arn = r->vpc->network_arn,
		.service_arn = r->service->arn,
		.group_arn = r->group->arn,
		.request_id = r->id,
		.caller = caller_of(r),
		.time_us = clock_wall_ms() * 1000,
	};
	/* arn:aws:vpc-lattice:REGION:... */
	struct str_cut c = str_cut(str_cut(str_cut(r->group->arn, ':').tail, ':').tail, ':');

	e.region = str_cut(c.tail, ':').head;
	arena_init(&arena, HEAD_ARENA_BYTES);
	head_list_add(&fields, STR("host"), r->http.authority);
	relay_head_request_fields(r, &out);
	e.header_count = fields.count;
	lambda_event_write(to, &e);
	to->failed |= fields.failed;
	arena_fini(&arena);
}

/* The head of the call with @event. False: it cannot be signed. */
static bool write_call(struct lambda_call *l, struct str event)
{
	struct worker *w = l->r->conn->worker;
	const struct lambda_invoke i = {
		.target = l->r->target,
		.event = event,
		.vault = w->hooks->vault,
		.now = (int64_t)(clock_wall_ms() / 1000),
	};

	if (lambda_invoke_write(&i, &l->event))
		return true;
	if (w->loop.now_ms - w->lambda_logged_ms >= LOG_EVERY_MS)
		log_error("function " STR_FMT ": the secret of its access key cannot be read with "
			  "this key file; it is not called",
			  STR_ARG(l->r->target->function_arn));
	w->lambda_logged_ms = w->loop.now_ms;
	return false;
}

/* The request is whole: call the function. */
static void start_call(struct lambda_call *l)
{
	bool is_written;
	struct buf event;

	if (l->state != CALL_COLLECTS)
		return;
	collect(l);
	if (l->state != CALL_COLLECTS)
		return;
	buf_init(&event, EVENT_BYTES_MAX);
	write_event(l, &event);
	buf_fini(&l->request);
	is_written = write_call(l, buf_str(&event));
	buf_add(&l->event, buf_str(&event));
	l->event.failed |= event.failed;
	buf_fini(&event);
	if (!is_written)
		answer_with(l, 500, "TargetConnectionError");
	else if (l->event.failed)
		answer_with(l, 413, "ClientProtocolError");
	else
		l->state = CALL_SENDS;
}

static void put_head(struct request *r)
{
	struct lambda_call *l = r->upstream.held;

	if (r->to_target.done)
		start_call(l);
}

/* The JSON that was returned, as the head that it stands for. */
static struct h1_result take_head(struct request *r, struct http_response *ret)
{
	struct lambda_call *l = r->upstream.held;
	bool has_no_body = str_eq(r->http.method, STR("HEAD")) || l->answer.status == 204 ||
			   l->answer.status == 304;

	if (l->state != CALL_IS_DONE)
		return (struct h1_result){ .outcome = H1_MORE };
	ret->status = l->answer.status;
	ret->reason = http_status_reason(ret->status);
	ret->version = HTTP_VERSION_1_1;
	ret->framing = has_no_body ? HTTP_FRAMING_NONE : HTTP_FRAMING_LENGTH;
	ret->content_length = l->answer.body.n;
	ret->keep_alive = l->keep_alive;
	ret->headers.count = l->answer.headers.count;
	memcpy(ret->headers.at, l->answer.headers.at,
	       ret->headers.count * sizeof(ret->headers.at[0]));
	return (struct h1_result){ .outcome = H1_DONE };
}

static void end(struct request *r)
{
	start_call(r->upstream.held);
}

static void close_call(struct request *r, bool is_clean)
{
	struct lambda_call *l = r->upstream.held;

	if (is_clean && l->u && l->keep_alive && l->state == CALL_IS_DONE && !buf_len(&l->u->s.out))
		upstream_release(l->u);
	else
		upstream_close(l->u);
	buf_fini(&l->s.in);
	buf_fini(&l->s.out);
	buf_fini(&l->request);
	buf_fini(&l->event);
	buf_fini(&l->returned);
	body_fini(&l->framing);
	arena_fini(&l->arena);
	free(l);
}

const struct target_ops target_lambda = { open_call, put_head, take_head, end, close_call };
