/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A span as OpenTelemetry has it, and its text in OTLP's JSON: fill the members, add attributes,
 * span_write(). Texts are borrowed until then.
 */
#ifndef LATTICE_TELEMETRY_SPAN_H
#define LATTICE_TELEMETRY_SPAN_H

#include "base/buf.h"

enum {
	SPAN_ATTRIBUTES_MAX = 24,
	SPAN_TEXT_BYTES_MAX = 1024, /* of a value; the rest of it is left out */
	SPAN_STATE_BYTES_MAX = 512, /* a longer tracestate is left out */
};

/* The numbers are OTLP's. */
enum span_kind { SPAN_SERVER = 2, SPAN_CLIENT = 3 };

struct span_attribute {
	const char *key;
	struct str text; /* p NULL: it is the number */
	uint64_t number;
};

struct span {
	uint64_t trace_hi, trace_lo, id;
	uint64_t parent; /* 0: it has none */
	bool is_parent_remote;
	enum span_kind kind;
	struct str name, state;	   /* tracestate */
	uint64_t start_us, end_us; /* since 1970 */
	bool has_failed;
	struct str message; /* why */
	size_t count;
	struct span_attribute at[SPAN_ATTRIBUTES_MAX];
};

void span_add_text(struct span *s, const char *key, struct str value);
void span_add_number(struct span *s, const char *key, uint64_t value);
void span_write(struct buf *to, const struct span *s);

#endif
