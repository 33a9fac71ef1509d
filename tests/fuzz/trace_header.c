/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as traceparent and as X-Amzn-Trace-Id: what is taken is a trace with an id, and comes
 * back as it was when it is written and read again; nothing is taken that strict rules forbid.
 */
#include "http/trace_header.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_same(const struct trace_context *a, const struct trace_context *b)
{
	return a->id_hi == b->id_hi && a->id_lo == b->id_lo && a->parent == b->parent &&
	       a->sampling == b->sampling;
}

static void try_w3c(struct str value)
{
	char text[TRACEPARENT_BYTES];
	struct trace_context t, again;

	if (!trace_header_parse_w3c(value, &t))
		return;
	assert(trace_is_there(&t) && t.parent && t.sampling != TRACE_UNDECIDED);
	assert(value.n >= TRACEPARENT_BYTES && value.n <= TRACE_HEADER_BYTES_MAX);
	assert(trace_header_parse_w3c(trace_header_write_w3c(text, &t), &again));
	assert(is_same(&t, &again));
	/* All but the version and the flags is written as it was read. */
	assert(!memcmp(text + 3, value.p + 3, 50));
}

static void try_xray(struct str value)
{
	char text[XRAY_BYTES_MAX];
	struct str others[XRAY_OTHERS_MAX];
	struct trace_context t, again;
	size_t n, i;

	n = trace_header_xray_others(value, others);
	for (i = 0; i < n; i++)
		assert(others[i].n && others[i].p >= value.p &&
		       others[i].p + others[i].n <= value.p + value.n);
	if (!trace_header_parse_xray(value, &t))
		return;
	assert(trace_is_there(&t));
	assert(trace_header_parse_xray(trace_header_write_xray(text, &t), &again));
	assert(is_same(&t, &again));
}

/* Fields up to the newlines, of one name or the other in turn: what is found is one of them. */
static void try_fields(struct str text)
{
	struct http_headers h = { .count = 0 };
	struct trace_found f;

	while (text.n && h.count < 4) {
		struct str_cut c = str_cut(text, '\n');

		h.at[h.count] = (struct http_header){ h.count % 2 ? STR("traceparent")
								  : STR("X-Amzn-Trace-Id"),
						      c.head };
		h.count++;
		text = c.tail;
	}
	trace_header_find(&h, &f);
	assert(!f.xray.n || trace_is_there(&f.at));
	assert(!f.is_w3c || f.at.parent);
	if (h.count > 3)
		assert(!trace_is_there(&f.at));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = { (const char *)data, size };

	try_w3c(value);
	try_xray(value);
	try_fields(value);
	return 0;
}
