/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request's place in a trace: trace_begin() reads it, or begins one where the operator wants
 * that, and trace_put_fields() tells the target. Where traces are neither begun nor recorded the
 * fields of a client pass untouched, and are read for the log alone.
 */
#ifndef LATTICE_PROXY_TRACE_H
#define LATTICE_PROXY_TRACE_H

#include "http/head_out.h"
#include "http/trace_header.h"

struct request;
struct worker;

/* A ratio of 1; the other ratios are parts of it. */
#define TRACE_RATIO_ONE (UINT64_C(1) << 56)

/* What the operator asked for; the same for all workers. */
struct trace_rules {
	uint64_t ratio;	  /* how many of the traces that nobody decided on are sampled */
	bool is_recorded; /* spans of sampled requests are wanted */
};

/* All-zero: not read. */
struct request_trace {
	struct trace_context at; /* as it came, or was begun here */
	uint64_t span;		 /* ours, 0: none */
	uint64_t attempt;	 /* the span at the target; 0: none is under way */
	uint64_t attempt_us;	 /* when it began, by clock_mono_us() */
	uint64_t wall_us;	 /* when the request began, since 1970 */
	bool is_read;
	bool is_recorded; /* somebody wants the span */
	bool is_ours;	  /* the fields that came are replaced */
	bool is_w3c;	  /* but what came as tracestate stands */
	struct str xray;
};

uint64_t trace_new_id(struct worker *w);
void trace_begin(struct request *r);
void trace_put_fields(const struct request *r, const struct head_out *to);
struct str trace_log_id(const struct request *r, char to[TRACE_ID_DIGITS]);

/* Does the request's field @name end here, because another takes its place or it is void? */
static inline bool trace_replaces(const struct request_trace *t, struct str name)
{
	return t->is_ours && trace_header_is(name) &&
	       !(t->is_w3c && str_eq_nocase(name, STR("tracestate")));
}

#endif
