/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who decides whether a trace is sampled: whoever decided before, else the ratio, on the trace's
 * own digits, so that all who use that ratio decide alike. Fields that came change hands only
 * when there is something of ours to say: a span, or a decision.
 */
#include "proxy/trace.h"

#include "base/clock.h"
#include "proxy/request.h"
#include "proxy/worker.h"

/* A random number that is not 0, which would be no id. */
uint64_t trace_new_id(struct worker *w)
{
	uint64_t id;

	do
		id = worker_random(w);
	while (!id);
	return id;
}

/* A trace begins: as X-Ray has it, with the time in the first eight digits. */
static struct trace_context new_trace(struct worker *w)
{
	return (struct trace_context){
		.id_hi = clock_wall_ms() / 1000 << 32 | worker_random(w) >> 32,
		.id_lo = trace_new_id(w),
	};
}

static enum trace_sampling decide(const struct trace_rules *rules, const struct trace_context *t)
{
	return (t->id_lo & (TRACE_RATIO_ONE - 1)) < rules->ratio ? TRACE_SAMPLED
								 : TRACE_NOT_SAMPLED;
}

/* Read which trace @r is part of, or begin one. Call it once, where there are rules. */
void trace_begin(struct request *r)
{
	struct worker *w = r->conn->worker;
	const struct trace_rules *rules = w->hooks->trace;
	struct request_trace *t = &r->trace;
	struct trace_found found;

	t->is_read = true;
	/* What is passed through has no head. */
	if (!r->http.method.n)
		return;
	trace_header_find(&r->http.headers, &found);
	t->at = found.at;
	t->is_w3c = found.is_w3c;
	t->xray = found.xray;
	if (!trace_is_there(&t->at)) {
		if (!rules->ratio)
			return;
		t->at = new_trace(w);
	}
	if (t->at.sampling == TRACE_UNDECIDED && rules->ratio) {
		t->at.sampling = decide(rules, &t->at);
		t->is_ours = true;
	}
	t->is_recorded = t->at.sampling == TRACE_SAMPLED && rules->is_recorded;
	t->is_ours |= t->is_recorded;
	/* Who makes no span names that of the client, if it said one. */
	if (t->is_recorded || (t->is_ours && !t->at.parent))
		t->span = trace_new_id(w);
	if (t->is_recorded)
		t->wall_us = clock_wall_us();
}

/* Tell the target of the trace, in both spellings, where there is something to say. */
void trace_put_fields(const struct request *r, const struct head_out *to)
{
	const struct request_trace *t = &r->trace;
	struct trace_context at = t->at;
	struct str parts[1 + 2 * XRAY_OTHERS_MAX], others[XRAY_OTHERS_MAX];
	char w3c[TRACEPARENT_BYTES], xray[XRAY_BYTES_MAX];
	size_t n = 0, count, i;

	if (!t->is_ours)
		return;
	if (t->span)
		at.parent = t->attempt ? t->attempt : t->span;
	/* A list of fields keeps what is joined, and borrows what is not. */
	parts[n++] = trace_header_write_w3c(w3c, &at);
	head_out_joined(to, STR("traceparent"), parts, n);
	n = 0;
	parts[n++] = trace_header_write_xray(xray, &at);
	count = trace_header_xray_others(t->xray, others);
	for (i = 0; i < count; i++) {
		parts[n++] = STR(";");
		parts[n++] = others[i];
	}
	head_out_joined(to, STR("x-amzn-trace-id"), parts, n);
}

/* The trace's id for the log, in @to; empty when the request is part of none. */
struct str trace_log_id(const struct request *r, char to[TRACE_ID_DIGITS])
{
	struct trace_found found = { .at = r->trace.at };

	if (!r->trace.is_read)
		trace_header_find(&r->http.headers, &found);
	if (!trace_is_there(&found.at))
		return (struct str){ 0 };
	trace_header_write_id(to, &found.at);
	return (struct str){ to, TRACE_ID_DIGITS };
}
