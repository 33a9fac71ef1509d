/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OTLP's JSON is protobuf's with ids in hexadecimal: numbers of 64 bits are strings, enums are
 * numbers, what has its default is left out.
 */
#include "telemetry/span.h"

#include "base/hex.h"
#include "base/json.h"

#include <assert.h>

/* Of the span's flags: W3C's own in the low byte, then whether the parent is elsewhere. */
enum { FLAG_SAMPLED = 1, FLAG_REMOTE_IS_KNOWN = 0x100, FLAG_REMOTE = 0x200, STATUS_ERROR = 2 };

/* As much of @s as is kept; a character of several bytes stays whole. */
static struct str shorten(struct str s)
{
	size_t n = SPAN_TEXT_BYTES_MAX;

	if (s.n <= n)
		return s;
	while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return str_first(s, n);
}

/* An empty value is none. */
void span_add_text(struct span *s, const char *key, struct str value)
{
	if (!value.n)
		return;
	assert(s->count < SPAN_ATTRIBUTES_MAX);
	s->at[s->count++] = (struct span_attribute){ .key = key, .text = shorten(value) };
}

void span_add_number(struct span *s, const char *key, uint64_t value)
{
	assert(s->count < SPAN_ATTRIBUTES_MAX);
	s->at[s->count++] = (struct span_attribute){ .key = key, .number = value };
}

static void write_hex(struct buf *to, uint64_t v)
{
	char digits[16];

	hex_write(digits, v, sizeof(digits));
	buf_add(to, (struct str){ digits, sizeof(digits) });
}

static void write_ids(struct buf *to, const struct span *s)
{
	unsigned flags = FLAG_SAMPLED | FLAG_REMOTE_IS_KNOWN;

	buf_add_lit(to, "{\"traceId\":\"");
	write_hex(to, s->trace_hi);
	write_hex(to, s->trace_lo);
	buf_add_lit(to, "\",\"spanId\":\"");
	write_hex(to, s->id);
	if (s->parent) {
		buf_add_lit(to, "\",\"parentSpanId\":\"");
		write_hex(to, s->parent);
	}
	buf_add_lit(to, "\",");
	if (s->state.n && s->state.n <= SPAN_STATE_BYTES_MAX) {
		buf_add_lit(to, "\"traceState\":");
		json_write_bytes(to, s->state);
		buf_add_char(to, ',');
	}
	if (s->is_parent_remote)
		flags |= FLAG_REMOTE;
	buf_addf(to, "\"flags\":%u,", flags);
}

static void write_attribute(struct buf *to, const struct span_attribute *a)
{
	buf_addf(to, "{\"key\":\"%s\",\"value\":{", a->key);
	if (a->text.p) {
		buf_add_lit(to, "\"stringValue\":");
		json_write_bytes(to, a->text);
	} else {
		buf_addf(to, "\"intValue\":\"%llu\"", (unsigned long long)a->number);
	}
	buf_add_lit(to, "}}");
}

/* Append @s as one line, which ends with a newline; to->failed when there was no room. */
void span_write(struct buf *to, const struct span *s)
{
	size_t i;

	write_ids(to, s);
	buf_add_lit(to, "\"name\":");
	json_write_bytes(to, s->name);
	buf_addf(to,
		 ",\"kind\":%d,\"startTimeUnixNano\":\"%llu000\",\"endTimeUnixNano\":\"%llu000\"",
		 (int)s->kind, (unsigned long long)s->start_us, (unsigned long long)s->end_us);
	buf_add_lit(to, ",\"attributes\":[");
	for (i = 0; i < s->count; i++) {
		if (i)
			buf_add_char(to, ',');
		write_attribute(to, &s->at[i]);
	}
	buf_add_lit(to, "],\"status\":{");
	if (s->has_failed)
		buf_addf(to, "\"code\":%d", STATUS_ERROR);
	if (s->has_failed && s->message.n) {
		buf_add_lit(to, ",\"message\":");
		json_write_bytes(to, s->message);
	}
	buf_add_lit(to, "}}\n");
}
