/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/http/h1_parse.c: what is a request or a response, and what is refused and how. */
#include "http/h1_parse.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define HOST "Host: a\r\n"

static struct h1_result parse(struct str text, struct http_request *ret)
{
	size_t scanned = 0;

	return h1_parse_request(text, &scanned, ret);
}

/* Bytes arriving one by one must lead to the same verdict as all at once. */
static void assert_same_bytewise(struct str text, struct h1_result whole)
{
	struct http_request *r = malloc(sizeof(*r));
	struct h1_result now = { 0 };
	size_t scanned = 0, n;

	for (n = 0; n <= text.n && now.outcome == H1_MORE; n++)
		now = h1_parse_request((struct str){ text.p, n }, &scanned, r);
	assert_int_equal(now.outcome, whole.outcome);
	assert_int_equal(now.status, whole.status);
	assert_int_equal(now.head_bytes, whole.head_bytes);
	free(r);
}

static void refuses_every_ambiguity(void **state)
{
	static const struct {
		const char *text;
		unsigned status;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\n" HOST "\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "X: a\rb\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\r\n" HOST ": a\r\n\r\n", 400 },
		{ "GET  / HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET / HTTP/1.1 \r\n" HOST "\r\n", 400 },
		{ "GET\t/ HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "G@T / HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET /# HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET http://b/ HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET http://u@a/ HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET * HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n", 501 },
		{ "GET / HTTP/2.0\r\n" HOST "\r\n", 505 },
		{ "GET / HTTP/1.10\r\n" HOST "\r\n", 400 },
		{ "GET / http/1.1\r\n" HOST "\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
		  400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST
		  "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		  400 },
		{ "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400 },
		{ "POST / HTTP/1.1\r\n" HOST
		  "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
		  400 },
	};
	struct http_request *r = malloc(sizeof(*r));
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct h1_result result = parse(str_of(cases[i].text), r);

		if (result.outcome != H1_BAD || result.status != cases[i].status)
			fail_msg("case %zu: outcome %d status %u %s", i, result.outcome,
				 result.status, result.reason ? result.reason : "");
		assert_non_null(result.reason);
		assert_same_bytewise(str_of(cases[i].text), result);
	}
	free(r);
}

static void reads_a_request(void **state)
{
	struct str text =
		STR("POST /a%20b?x=1&y HTTP/1.1\r\nHost: cart.example:8080\r\n"
		    "Content-Length: 42\r\nExpect: 100-continue\r\nX-A:  b c \r\n\r\nbody");
	struct http_request *r = malloc(sizeof(*r));
	struct h1_result result;

	(void)state;
	result = parse(text, r);
	assert_int_equal(result.outcome, H1_DONE);
	assert_int_equal(result.head_bytes, text.n - 4);
	assert_true(str_eq(r->method, STR("POST")));
	assert_true(str_eq(r->path, STR("/a%20b")));
	assert_true(r->has_query && str_eq(r->query, STR("x=1&y")));
	assert_true(str_eq(r->authority, STR("cart.example:8080")));
	assert_int_equal(r->framing, HTTP_FRAMING_LENGTH);
	assert_int_equal(r->content_length, 42);
	assert_true(r->expects_continue && r->keep_alive);
	assert_true(str_eq(http_headers_find(&r->headers, STR("x-a"))->value, STR("b c")));
	assert_same_bytewise(text, result);
	free(r);
}

static void knows_when_a_connection_is_kept(void **state)
{
	static const struct {
		const char *text;
		bool kept;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n" HOST "\r\n", true },
		{ "GET / HTTP/1.1\r\n" HOST "Connection: x, Close\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\n" HOST "Connection: keep-alive\r\n\r\n", true },
	};
	struct http_request *r = malloc(sizeof(*r));
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse(str_of(cases[i].text), r).outcome, H1_DONE);
		assert_int_equal(r->keep_alive, cases[i].kept);
	}
	free(r);
}

/* A head of exactly @n fields besides Host, or of @n bytes when @n is large. */
static char *many_fields(unsigned n)
{
	char *text = malloc(32 + n * 8), *p = text;
	unsigned i;

	p += snprintf(p, 32, "GET / HTTP/1.1\r\n" HOST);
	for (i = 0; i < n; i++)
		p += snprintf(p, 32, "x: y\r\n");
	snprintf(p, 3, "\r\n");
	return text;
}

static void counts_fields_to_the_limit(void **state)
{
	struct http_request *r = malloc(sizeof(*r));
	char *fits = many_fields(LATTICE_HEADERS_MAX - 1), *more = many_fields(LATTICE_HEADERS_MAX);

	(void)state;
	assert_int_equal(parse(str_of(fits), r).outcome, H1_DONE);
	assert_int_equal(r->headers.count, LATTICE_HEADERS_MAX);
	assert_int_equal(parse(str_of(more), r).status, 400);
	free(fits);
	free(more);
	free(r);
}

static void measures_heads_to_the_limit(void **state)
{
	static char text[LATTICE_HEADER_BYTES_MAX + 2];
	struct http_request *r = malloc(sizeof(*r));
	size_t n = LATTICE_HEADER_BYTES_MAX;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "GET / HTTP/1.1\r\n" HOST "x: ", 28);
	memcpy(text + n - 4, "\r\n\r\n", 4);
	assert_int_equal(parse((struct str){ text, n }, r).outcome, H1_DONE);
	memset(text + n - 4, 'a', 4);
	memcpy(text + n - 3, "\r\n\r\n", 4);
	assert_int_equal(parse((struct str){ text, n + 1 }, r).status, 431);
	memset(text, 'a', sizeof(text));
	assert_int_equal(parse((struct str){ text, sizeof(text) }, r).status, 414);
	free(r);
}

static void frames_responses(void **state)
{
	static const struct {
		const char *text, *method;
		enum h1_outcome outcome;
		enum http_framing framing;
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\n\r\n", "GET", H1_DONE, HTTP_FRAMING_UNTIL_CLOSE },
		{ "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", "GET", H1_DONE,
		  HTTP_FRAMING_LENGTH },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD", H1_DONE,
		  HTTP_FRAMING_NONE },
		{ "HTTP/1.1 204 No\r\n\r\n", "GET", H1_DONE, HTTP_FRAMING_NONE },
		{ "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", "GET", H1_DONE,
		  HTTP_FRAMING_NONE },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", H1_DONE,
		  HTTP_FRAMING_CHUNKED },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		  "GET", H1_BAD, 0 },
		{ "HTTP/1.1 99 No\r\n\r\n", "GET", H1_BAD, 0 },
		{ "HTTP/1.1 2000 No\r\n\r\n", "GET", H1_BAD, 0 },
		{ "ICY 200 OK\r\n\r\n", "GET", H1_BAD, 0 },
		{ "HTTP/1.1 200 OK\n\n", "GET", H1_BAD, 0 },
	};
	struct http_response *r = malloc(sizeof(*r));
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t scanned = 0;
		struct h1_result result = h1_parse_response(str_of(cases[i].text), &scanned,
							    str_of(cases[i].method), r);

		if (result.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d", i, result.outcome);
		if (result.outcome == H1_DONE)
			assert_int_equal(r->framing, cases[i].framing);
	}
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_every_ambiguity),
		cmocka_unit_test(reads_a_request),
		cmocka_unit_test(knows_when_a_connection_is_kept),
		cmocka_unit_test(counts_fields_to_the_limit),
		cmocka_unit_test(measures_heads_to_the_limit),
		cmocka_unit_test(frames_responses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
