/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields that say which trace a request is part of: W3C Trace Context (level 1, traceparent
 * and tracestate) and AWS X-Ray (X-Amzn-Trace-Id), which are two spellings of one thing. To read
 * them is trace_header_find(); what is not just right is as if it were not there.
 */
#ifndef LATTICE_HTTP_TRACE_HEADER_H
#define LATTICE_HTTP_TRACE_HEADER_H

#include "http/message.h"

enum {
	TRACE_ID_DIGITS = 32,
	SPAN_ID_DIGITS = 16,
	TRACEPARENT_BYTES = 55,
	XRAY_BYTES_MAX = 74, /* without others' members */
	TRACE_HEADER_BYTES_MAX = 512,
	XRAY_OTHERS_MAX = 8, /* members that are others', such as Lineage */
};

enum trace_sampling { TRACE_UNDECIDED, TRACE_SAMPLED, TRACE_NOT_SAMPLED };

/* All-zero is no trace. */
struct trace_context {
	uint64_t id_hi, id_lo;
	uint64_t parent; /* the span that the request was made in; 0: not known */
	enum trace_sampling sampling;
};

struct trace_found {
	struct trace_context at;
	bool is_w3c;	 /* traceparent says it, so that tracestate is to be believed */
	struct str xray; /* X-Amzn-Trace-Id, when it is about this trace */
};

static inline bool trace_is_there(const struct trace_context *t)
{
	return t->id_hi || t->id_lo;
}

bool trace_header_parse_w3c(struct str value, struct trace_context *ret);
bool trace_header_parse_xray(struct str value, struct trace_context *ret);
void trace_header_find(const struct http_headers *h, struct trace_found *ret);
bool trace_header_is(struct str name);
void trace_header_write_id(char to[TRACE_ID_DIGITS], const struct trace_context *t);
struct str trace_header_write_w3c(char to[TRACEPARENT_BYTES], const struct trace_context *t);
struct str trace_header_write_xray(char to[XRAY_BYTES_MAX], const struct trace_context *t);
size_t trace_header_xray_others(struct str value, struct str ret[XRAY_OTHERS_MAX]);

#endif
