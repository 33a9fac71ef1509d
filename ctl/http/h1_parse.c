/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1 heads. First the end of the head is looked for, line by line with memchr(); only a whole
 * head is parsed, in one pass. So a verdict depends on the bytes alone and never on how they were
 * cut into reads, and as the head ends in CR LF CR LF every scan below stops inside it.
 */
#include "http/h1_parse.h"

#include "http/chars.h"
#include "http/h1_framing.h"
#include "http/request_target.h"

#include <assert.h>

enum {
	VERSION_BYTES = sizeof("HTTP/1.1") - 1,
	HEAD_TAIL_BYTES = sizeof("\r\n\r\n") - 1,
	STATUS_MIN = 100,
};

/* A walk over one whole head. */
struct walk {
	const char *at, *end; /* what is left; end is behind the empty line */
	struct h1_refusal refusal;
};

static bool refuse(struct walk *w, unsigned status, const char *reason)
{
	w->refusal = (struct h1_refusal){ status, reason };
	return false;
}

static struct h1_result bad(unsigned status, const char *reason)
{
	return (struct h1_result){ .outcome = H1_BAD, .status = status, .reason = reason };
}

static struct h1_result more(void)
{
	return (struct h1_result){ .outcome = H1_MORE };
}

static struct h1_result too_long(struct str head)
{
	if (memchr(head.p, '\n', head.n))
		return bad(431, "head too long");
	return bad(414, "first line too long");
}

/* Look on for the end of the head that begins at @start, where no CR or LF is. */
static struct h1_result find_end(struct str input, size_t start, size_t *scanned)
{
	struct str in = str_first(input, LATTICE_HEADER_BYTES_MAX);
	size_t i = *scanned > start ? *scanned : start;

	while (i < in.n) {
		const char *lf = memchr(in.p + i, '\n', in.n - i);

		if (!lf)
			break;
		if (lf[-1] != '\r')
			return bad(400, "line that ends in a bare LF");
		i = (size_t)(lf + 1 - in.p);
		if (lf[-2] == '\n')
			return (struct h1_result){ .outcome = H1_DONE, .head_bytes = i };
	}
	*scanned = in.n;
	if (in.n == LATTICE_HEADER_BYTES_MAX)
		return too_long(str_skip(in, start));
	return more();
}

/* Read "HTTP/1.x" at the front. */
static bool parse_version(struct walk *w, enum http_version *ret)
{
	const char *p = w->at;

	if (w->end - p < VERSION_BYTES + HEAD_TAIL_BYTES || memcmp(p, "HTTP/", 5) != 0)
		return refuse(w, 400, "malformed version");
	if (p[5] == '1' && p[6] == '.' && (p[7] == '1' || p[7] == '0')) {
		*ret = p[7] == '1' ? HTTP_VERSION_1_1 : HTTP_VERSION_1_0;
		w->at = p + VERSION_BYTES;
		return true;
	}
	if (p[5] >= '0' && p[5] <= '9' && p[6] == '.' && p[7] >= '0' && p[7] <= '9')
		return refuse(w, 505, "version other than 1.0 and 1.1");
	return refuse(w, 400, "malformed version");
}

static bool parse_line_end(struct walk *w, const char *reason)
{
	if (w->at[0] != '\r' || w->at[1] != '\n')
		return refuse(w, 400, reason);
	w->at += 2;
	return true;
}

static bool parse_request_line(struct walk *w, struct http_request *ret)
{
	const char *p = w->at, *space;
	struct request_target target;

	while (char_is(*p, CHAR_TOKEN))
		p++;
	if (*p != ' ')
		return refuse(w, 400, "malformed method");
	ret->method = (struct str){ w->at, (size_t)(p - w->at) };
	p++;
	space = memchr(p, ' ', (size_t)(w->end - p));
	if (!space)
		return refuse(w, 400, "malformed request line");
	ret->target = (struct str){ p, (size_t)(space - p) };
	w->at = space + 1;
	if (!parse_version(w, &ret->version) ||
	    !parse_line_end(w, "bytes behind the version of the request line"))
		return false;
	if (str_eq(ret->method, STR("CONNECT")))
		return refuse(w, 501, "CONNECT is not served");

	target = request_target_parse(ret->method, ret->target);
	if (target.reason)
		return refuse(w, 400, target.reason);
	ret->path = target.path;
	ret->query = target.query;
	ret->has_query = target.has_query;
	ret->authority = target.authority;
	return true;
}

/* Does any of the eight bytes in @word have to be looked at alone: below 0x20, or 0x7f? */
static bool has_control(uint64_t word)
{
	const uint64_t ones = UINT64_MAX / 0xff;
	uint64_t delete = word ^ (ones * 0x7f);

	/* A byte borrows from its neighbour only when it is itself a hit: no hit is invented. */
	return (((word - ones * 0x20) & ~word) | ((delete - ones) & ~delete)) & (ones * 0x80);
}

/* The first byte from @p on that may not be in a field value. */
static const char *skip_value(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t word;

		memcpy(&word, p, sizeof(word));
		if (has_control(word))
			break;
	}
	while (char_is(*p, CHAR_VALUE))
		p++;
	return p;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool refuse_name(struct walk *w, const char *stop)
{
	if (is_blank(*stop))
		return refuse(w, 400,
			      stop == w->at ? "folded line"
					    : "white space in or behind a field name");
	if (*stop == ':')
		return refuse(w, 400, "empty field name");
	return refuse(w, 400, "malformed field name");
}

static bool parse_field(struct walk *w, struct http_header *ret)
{
	const char *p = w->at, *value;

	while (char_is(*p, CHAR_TOKEN))
		p++;
	if (*p != ':' || p == w->at)
		return refuse_name(w, p);
	ret->name = (struct str){ w->at, (size_t)(p - w->at) };

	do
		p++;
	while (is_blank(*p));
	value = p;
	p = skip_value(p, w->end);
	w->at = p;
	while (p > value && is_blank(p[-1]))
		p--;
	ret->value = (struct str){ value, (size_t)(p - value) };
	return parse_line_end(w, "control byte in a field value");
}

/* All fields, to the empty line. */
static bool parse_fields(struct walk *w, struct http_headers *ret, struct h1_framing *framing)
{
	ret->count = 0;
	while (w->end - w->at > 2) {
		struct http_header *h = &ret->at[ret->count];

		if (ret->count == LATTICE_HEADERS_MAX)
			return refuse(w, 400, "too many fields");
		if (!parse_field(w, h))
			return false;
		w->refusal = h1_framing_add(framing, h);
		if (w->refusal.reason)
			return false;
		ret->count++;
	}
	return true;
}

struct h1_result h1_parse_request(struct str input, size_t *scanned, struct http_request *ret)
{
	struct h1_framing framing = { 0 };
	struct h1_result result;
	size_t start = 0;
	struct walk w;

	/* RFC 9112 section 2.2: an empty line in front, left over from a form's body. */
	if (str_starts(input, STR("\r\n")))
		start = 2;
	if (input.n == start || str_eq(input, STR("\r")))
		return more();
	/* At once, so that TLS or noise on this port need not wait for a line to end. */
	if (!char_is(input.p[start], CHAR_TOKEN))
		return bad(400, "malformed method");

	result = find_end(input, start, scanned);
	if (result.outcome != H1_DONE)
		return result;
	w = (struct walk){ input.p + start, input.p + result.head_bytes, { 0 } };
	if (!parse_request_line(&w, ret) || !parse_fields(&w, &ret->headers, &framing))
		return bad(w.refusal.status, w.refusal.reason);
	w.refusal = h1_framing_request(&framing, ret);
	if (w.refusal.reason)
		return bad(w.refusal.status, w.refusal.reason);
	return result;
}

static bool parse_status(struct walk *w, unsigned *ret)
{
	const char *p = w->at;
	unsigned status = 0;
	int i;

	if (*p++ != ' ')
		return refuse(w, 400, "malformed status line");
	for (i = 0; i < 3; i++) {
		if (p[i] < '0' || p[i] > '9')
			return refuse(w, 400, "malformed status");
		status = status * 10 + (unsigned)(p[i] - '0');
	}
	if (status < STATUS_MIN)
		return refuse(w, 400, "malformed status");
	*ret = status;
	w->at = p + 3;
	return true;
}

/* The space before an empty reason is left out by enough servers to be allowed so. */
static bool parse_status_line(struct walk *w, struct http_response *ret)
{
	ret->reason = (struct str){ 0 };
	if (!parse_version(w, &ret->version) || !parse_status(w, &ret->status))
		return false;
	if (*w->at == ' ') {
		const char *reason = w->at + 1;

		w->at = skip_value(reason, w->end);
		ret->reason = (struct str){ reason, (size_t)(w->at - reason) };
	}
	return parse_line_end(w, "malformed status line");
}

struct h1_result h1_parse_response(struct str input, size_t *scanned, struct str request_method,
				   struct http_response *ret)
{
	struct h1_framing framing = { 0 };
	struct h1_result result;
	struct walk w;

	if (!input.n)
		return more();
	if (input.p[0] != 'H')
		return bad(400, "malformed status line");
	result = find_end(input, 0, scanned);
	if (result.outcome != H1_DONE)
		return result;
	w = (struct walk){ input.p, input.p + result.head_bytes, { 0 } };
	if (!parse_status_line(&w, ret) || !parse_fields(&w, &ret->headers, &framing))
		return bad(w.refusal.status, w.refusal.reason);
	w.refusal = h1_framing_response(&framing, request_method, ret);
	if (w.refusal.reason)
		return bad(w.refusal.status, w.refusal.reason);
	return result;
}
