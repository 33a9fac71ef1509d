/* SPDX-License-Identifier: Apache-2.0 */
/*
 * traceparent is "00-" trace "-" parent "-" flags, all in lower case, and later versions may only
 * append to that. X-Amzn-Trace-Id is members between semicolons, in any order: Root is a trace,
 * which splits the same 32 digits in two, Parent a span, Sampled a decision; Self is a note of a
 * load balancer's, and others may add members of their own.
 */
#include "http/trace_header.h"

#include "base/array.h"
#include "base/hex.h"

enum {
	W3C_VERSION_NONE = 0xff,
	W3C_SAMPLED = 1,
	XRAY_ROOT_BYTES = 35, /* 1-, 8 digits, -, 24 digits */
};

static struct str part(struct str s, size_t from, size_t n)
{
	return str_first(str_skip(s, from), n);
}

/* Read a traceparent. False, and @ret untouched, when it is not valid. */
bool trace_header_parse_w3c(struct str v, struct trace_context *ret)
{
	struct trace_context t;
	uint64_t version, flags;

	if (v.n < TRACEPARENT_BYTES || v.n > TRACE_HEADER_BYTES_MAX)
		return false;
	if (v.p[2] != '-' || v.p[35] != '-' || v.p[52] != '-')
		return false;
	if (!hex_parse(part(v, 0, 2), &version) || version == W3C_VERSION_NONE)
		return false;
	/* What a later version appends is set off by a dash; this one appends nothing. */
	if (v.n > TRACEPARENT_BYTES && (!version || v.p[TRACEPARENT_BYTES] != '-'))
		return false;
	if (!hex_parse(part(v, 3, 16), &t.id_hi) || !hex_parse(part(v, 19, 16), &t.id_lo) ||
	    !hex_parse(part(v, 36, 16), &t.parent) || !hex_parse(part(v, 53, 2), &flags))
		return false;
	if (!trace_is_there(&t) || !t.parent)
		return false;
	t.sampling = flags & W3C_SAMPLED ? TRACE_SAMPLED : TRACE_NOT_SAMPLED;
	*ret = t;
	return true;
}

/* The next member of @text, without the spaces around it; empty members are passed over. */
static bool next_member(struct str *text, struct str *ret)
{
	while (text->n) {
		struct str_cut c = str_cut(*text, ';');

		*text = c.tail;
		*ret = str_trim(c.head);
		if (ret->n)
			return true;
	}
	return false;
}

static bool parse_root(struct str v, struct trace_context *t)
{
	uint64_t time, middle;

	if (v.n != XRAY_ROOT_BYTES || v.p[0] != '1' || v.p[1] != '-' || v.p[10] != '-')
		return false;
	if (!hex_parse(part(v, 2, 8), &time) || !hex_parse(part(v, 11, 8), &middle) ||
	    !hex_parse(part(v, 19, 16), &t->id_lo))
		return false;
	t->id_hi = time << 32 | middle;
	return trace_is_there(t);
}

static bool parse_sampled(struct str v, enum trace_sampling *ret)
{
	if (v.n != 1)
		return false;
	*ret = v.p[0] == '1' ? TRACE_SAMPLED : v.p[0] == '0' ? TRACE_NOT_SAMPLED : TRACE_UNDECIDED;
	return v.p[0] == '0' || v.p[0] == '1' || v.p[0] == '?';
}

/* Read an X-Amzn-Trace-Id. False, and @ret untouched, when it is not valid or has no Root. */
bool trace_header_parse_xray(struct str v, struct trace_context *ret)
{
	struct trace_context t = { 0 };
	bool has_parent = false, has_sampled = false, is_good = true;
	size_t others = 0;
	struct str m;

	if (v.n > TRACE_HEADER_BYTES_MAX)
		return false;
	while (is_good && next_member(&v, &m)) {
		struct str_cut c = str_cut(m, '=');

		if (str_eq(c.head, STR("Root"))) {
			is_good = !trace_is_there(&t) && parse_root(c.tail, &t);
		} else if (str_eq(c.head, STR("Parent"))) {
			is_good = !has_parent && c.tail.n == SPAN_ID_DIGITS &&
				  hex_parse(c.tail, &t.parent) && t.parent;
			has_parent = true;
		} else if (str_eq(c.head, STR("Sampled"))) {
			is_good = !has_sampled && parse_sampled(c.tail, &t.sampling);
			has_sampled = true;
		} else {
			is_good = c.found && c.head.n && ++others <= XRAY_OTHERS_MAX;
		}
	}
	if (!is_good || !trace_is_there(&t))
		return false;
	*ret = t;
	return true;
}

/* The members of a valid @value that are to be passed on as they are; borrowed from it. */
size_t trace_header_xray_others(struct str value, struct str ret[XRAY_OTHERS_MAX])
{
	static const struct str ours[] = {
		{ "Root", 4 }, { "Parent", 6 }, { "Sampled", 7 }, { "Self", 4 }
	};
	size_t n = 0, i;
	struct str m;

	while (n < XRAY_OTHERS_MAX && next_member(&value, &m)) {
		struct str name = str_cut(m, '=').head;

		for (i = 0; i < ARRAY_SIZE(ours) && !str_eq(name, ours[i]); i++)
			;
		if (i == ARRAY_SIZE(ours))
			ret[n++] = m;
	}
	return n;
}

/* The only field @name of @h; empty when there is none, or more than one. */
static struct str find_only(const struct http_headers *h, struct str name)
{
	struct str found = { 0 };
	size_t count = 0, i;

	for (i = 0; i < h->count; i++) {
		if (h->at[i].name.n != name.n || !str_eq_nocase(h->at[i].name, name))
			continue;
		found = h->at[i].value;
		count++;
	}
	return count == 1 ? found : (struct str){ 0 };
}

/* What @h says of a trace: traceparent, and without a valid one X-Amzn-Trace-Id. */
void trace_header_find(const struct http_headers *h, struct trace_found *ret)
{
	struct str w3c = find_only(h, STR("traceparent"));
	struct str xray = find_only(h, STR("x-amzn-trace-id"));
	struct trace_context x;

	*ret = (struct trace_found){ 0 };
	ret->is_w3c = trace_header_parse_w3c(w3c, &ret->at);
	if (!xray.n || !trace_header_parse_xray(xray, &x))
		return;
	if (!ret->is_w3c)
		ret->at = x;
	if (ret->at.id_hi == x.id_hi && ret->at.id_lo == x.id_lo)
		ret->xray = xray;
}

/* Is @name one of the fields that this file is about? */
bool trace_header_is(struct str name)
{
	switch (name.n) {
	case 10:
		return str_eq_nocase(name, STR("tracestate"));
	case 11:
		return str_eq_nocase(name, STR("traceparent"));
	case 15:
		return str_eq_nocase(name, STR("x-amzn-trace-id"));
	default:
		return false;
	}
}

void trace_header_write_id(char to[TRACE_ID_DIGITS], const struct trace_context *t)
{
	hex_write(hex_write(to, t->id_hi, 16), t->id_lo, 16);
}

/* @t, which has a parent, as a traceparent. */
struct str trace_header_write_w3c(char to[TRACEPARENT_BYTES], const struct trace_context *t)
{
	char *at = str_put(to, STR("00-"));

	trace_header_write_id(at, t);
	at = str_put(at + TRACE_ID_DIGITS, STR("-"));
	at = hex_write(at, t->parent, SPAN_ID_DIGITS);
	str_put(at, t->sampling == TRACE_SAMPLED ? STR("-01") : STR("-00"));
	return (struct str){ to, TRACEPARENT_BYTES };
}

/* @t as the beginning of an X-Amzn-Trace-Id, which is all of it unless there are others. */
struct str trace_header_write_xray(char to[XRAY_BYTES_MAX], const struct trace_context *t)
{
	static const struct str sampled[] = {
		[TRACE_UNDECIDED] = { ";Sampled=?", 10 },
		[TRACE_SAMPLED] = { ";Sampled=1", 10 },
		[TRACE_NOT_SAMPLED] = { ";Sampled=0", 10 },
	};
	char *at = str_put(to, STR("Root=1-"));

	at = hex_write(at, t->id_hi >> 32, 8);
	at = str_put(at, STR("-"));
	at = hex_write(at, t->id_hi, 8);
	at = hex_write(at, t->id_lo, 16);
	if (t->parent)
		at = hex_write(str_put(at, STR(";Parent=")), t->parent, SPAN_ID_DIGITS);
	at = str_put(at, sampled[t->sampling]);
	return (struct str){ to, (size_t)(at - to) };
}
