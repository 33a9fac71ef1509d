/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a span says of a request, by OpenTelemetry's semantic conventions for HTTP. A query is left
 * out: it may hold a signature. Spans leave as log lines do, some of them at once.
 */
#include "proxy/trace_span.h"

#include "base/array.h"
#include "base/clock.h"
#include "http/authority.h"
#include "http/grpc.h"
#include "proxy/request.h"
#include "proxy/worker.h"
#include "telemetry/span.h"

enum { STATUS_DIGITS = 3 };

/* The batch that the next span goes to; NULL without memory. */
static struct log_batch *batch_of(struct worker *w)
{
	if (!w->spans)
		w->spans = log_batch_new(0, WORKER_LOG_BYTES_MAX);
	return w->spans;
}

/* Hand on the spans written so far. */
void trace_flush(struct worker *w)
{
	timer_disarm(&w->loop, &w->spans_flush);
	if (w->spans)
		w->hooks->spans(w->hooks->ctx, w->spans);
	w->spans = NULL;
}

static void flush_expired(struct timer *t)
{
	trace_flush(container_of(t, struct worker, spans_flush));
}

static void put_span(struct worker *w, const struct span *s)
{
	struct log_batch *b = batch_of(w);
	size_t length;

	if (!b) {
		w->hooks->spans(w->hooks->ctx, NULL);
		return;
	}
	length = buf_len(&b->lines);
	span_write(&b->lines, s);
	if (b->lines.failed) {
		b->lines.end = b->lines.start + length;
		b->lines.failed = false;
		w->hooks->spans(w->hooks->ctx, NULL);
		return;
	}
	w->spans_flush.expired = flush_expired;
	if (buf_len(&b->lines) >= WORKER_LOG_BYTES_FULL)
		trace_flush(w);
	else if (!timer_is_armed(&w->spans_flush))
		timer_arm(&w->loop, &w->spans_flush, WORKER_LOG_MS_MAX);
}

/* A span of @r, from @from_us to @to_us of clock_mono_us(). */
static struct span begin(const struct request *r, uint64_t from_us, uint64_t to_us)
{
	const struct request_trace *t = &r->trace;

	return (struct span){
		.trace_hi = t->at.id_hi,
		.trace_lo = t->at.id_lo,
		.start_us = t->wall_us + (from_us - r->started_us),
		.end_us = t->wall_us + (to_us - r->started_us),
	};
}

/* Methods are names of spans, so that only known ones may be: there are not to be many names. */
static void add_method(struct span *s, struct str method)
{
	static const struct str known[] = { { "GET", 3 },     { "HEAD", 4 },   { "POST", 4 },
					    { "PUT", 3 },     { "DELETE", 6 }, { "CONNECT", 7 },
					    { "OPTIONS", 7 }, { "TRACE", 5 },  { "PATCH", 5 } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known) && !str_eq(method, known[i]); i++)
		;
	s->name = i < ARRAY_SIZE(known) ? known[i] : STR("HTTP");
	span_add_text(s, "http.request.method", i < ARRAY_SIZE(known) ? known[i] : STR("_OTHER"));
	if (i == ARRAY_SIZE(known))
		span_add_text(s, "http.request.method_original", method);
}

/*
 * The status; from @wrong on, and when there is none, it is an error: what we call it, or the
 * number, whose digits go to @digits.
 */
static void add_status(struct span *s, unsigned status, unsigned wrong, const char *failure,
		       char digits[STATUS_DIGITS])
{
	struct str type = str_of(failure);

	if (status)
		span_add_number(s, "http.response.status_code", status);
	s->has_failed = !status || status >= wrong;
	if (!s->has_failed)
		return;
	s->message = type;
	if (!type.n && status) {
		digits[0] = (char)('0' + status / 100 % 10);
		digits[1] = (char)('0' + status / 10 % 10);
		digits[2] = (char)('0' + status % 10);
		type = (struct str){ digits, STATUS_DIGITS };
	}
	span_add_text(s, "error.type", type.n ? type : STR("_OTHER"));
}

static void add_places(struct span *s, const struct request *r)
{
	span_add_text(s, "lattice.request.id", r->id);
	if (r->vpc) {
		span_add_text(s, "lattice.vpc.id", r->vpc->id);
		span_add_text(s, "lattice.network.id", r->vpc->network_id);
	}
	if (r->service) {
		span_add_text(s, "lattice.service.id", r->service->id);
		span_add_text(s, "lattice.service.name", r->service->name);
	}
	if (r->group)
		span_add_text(s, "lattice.target_group.id", r->group->id);
}

/* Begin an attempt at r->target, which the target is told of as its parent. */
void trace_attempt_begin(struct request *r)
{
	struct request_trace *t = &r->trace;

	if (!t->is_recorded)
		return;
	t->attempt = trace_new_id(r->conn->worker);
	t->attempt_us = clock_mono_us();
}

/* Write what the target, or the way there, did in the attempt under way, if there is one. */
static void end_attempt(struct request *r, const char *failure, uint64_t now_us)
{
	struct request_trace *t = &r->trace;
	char address[SOCK_ADDR_TEXT_MAX], digits[STATUS_DIGITS];
	struct span s;

	if (!t->attempt)
		return;
	s = begin(r, t->attempt_us, now_us);
	s.kind = SPAN_CLIENT;
	s.id = t->attempt;
	s.parent = t->span;
	t->attempt = 0;
	add_method(&s, r->http.method);
	/* An error of the client's is one of ours here: it is we who asked. */
	add_status(&s, r->answered_us ? r->status : 0, 400, failure, digits);
	if (r->target->addr.family != AF_UNSPEC) {
		span_add_text(&s, "server.address", sock_addr_write_ip(&r->target->addr, address));
		span_add_number(&s, "server.port", r->target->addr.port);
	}
	span_add_text(&s, "aws.lambda.invoked_arn", r->target->function_arn);
	if (r->attempts)
		span_add_number(&s, "http.request.resend_count", r->attempts);
	if (r->group)
		span_add_text(&s, "lattice.target_group.id", r->group->id);
	put_span(r->conn->worker, &s);
}

/* The attempt under way has ended, and another may follow. */
void trace_attempt_end(struct request *r, const char *failure)
{
	if (r->trace.attempt)
		end_attempt(r, failure, clock_mono_us());
}

static struct str version_of(const struct request *r)
{
	static const struct str versions[] = {
		[HTTP_VERSION_1_0] = { "1.0", 3 },
		[HTTP_VERSION_1_1] = { "1.1", 3 },
		[HTTP_VERSION_2] = { "2", 1 },
	};

	return versions[r->http.version];
}

static struct str header(const struct request *r, struct str name)
{
	const struct http_header *h = http_headers_find(&r->http.headers, name);

	return h ? h->value : (struct str){ 0 };
}

/* @r has ended: write its span, and that of an attempt that is still under way. */
void trace_end(struct request *r, uint64_t now_us)
{
	const struct request_trace *t = &r->trace;
	char client[SOCK_ADDR_TEXT_MAX], digits[STATUS_DIGITS];
	struct span s;

	if (!t->is_recorded)
		return;
	end_attempt(r, r->failure, now_us);
	s = begin(r, r->started_us, now_us);
	s.kind = SPAN_SERVER;
	s.id = t->span;
	s.parent = t->at.parent;
	s.is_parent_remote = t->at.parent;
	if (t->is_w3c)
		s.state = header(r, STR("tracestate"));
	add_method(&s, r->http.method);
	add_status(&s, r->status, 500, r->failure, digits);
	span_add_text(&s, "url.scheme", r->conn->secure ? STR("https") : STR("http"));
	span_add_text(&s, "url.path", r->http.path);
	span_add_text(&s, "server.address", authority_parse(r->http.authority).host);
	span_add_number(&s, "server.port", r->conn->local.port);
	span_add_text(&s, "client.address", sock_addr_write_ip(&r->conn->peer, client));
	span_add_text(&s, "network.protocol.version", version_of(r));
	span_add_text(&s, "user_agent.original", header(r, STR("user-agent")));
	if (grpc_is_request(&r->http))
		span_add_text(&s, "rpc.system", STR("grpc"));
	if (r->has_grpc_status)
		span_add_number(&s, "rpc.grpc.status_code", r->grpc_status);
	add_places(&s, r);
	put_span(r->conn->worker, &s);
}
