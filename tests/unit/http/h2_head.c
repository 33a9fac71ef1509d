/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/http/h2_head.c: fields as they come out of a session, good ones and each bad one. */
#include "http/h2_head.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { FIELDS_MAX = 12 };

/* Fields as pairs of texts, ended by NULL. */
struct fields {
	const char *at[2 * FIELDS_MAX];
};

static void feed(struct h2_head *h, const struct fields *f)
{
	size_t i;

	h2_head_begin(h);
	for (i = 0; i < 2 * FIELDS_MAX && f->at[i]; i += 2)
		h2_head_add(h, str_of(f->at[i]), str_of(f->at[i + 1]));
}

#define GET	 ":method", "GET", ":scheme", "http", ":path", "/"
#define GET_HOST GET, ":authority", "h"

static void a_request_is_what_http1_would_say(void **state)
{
	static const struct fields f = { { ":method", "POST", ":scheme", "https", ":authority",
					   "cart.example:80", ":path", "/a/b?c=d", "content-length",
					   "5", "x-mine", "yes", "te", "trailers" } };
	struct h2_head h = { 0 };
	struct http_request q;

	(void)state;
	feed(&h, &f);
	assert_null(h2_head_request(&h, false, &q).reason);
	assert_true(str_eq(q.method, STR("POST")));
	assert_true(str_eq(q.target, STR("/a/b?c=d")));
	assert_true(str_eq(q.path, STR("/a/b")));
	assert_true(q.has_query && str_eq(q.query, STR("c=d")));
	assert_true(str_eq(q.authority, STR("cart.example:80")));
	assert_int_equal(q.version, HTTP_VERSION_2);
	assert_int_equal(q.framing, HTTP_FRAMING_LENGTH);
	assert_int_equal(q.content_length, 5);
	assert_int_equal(q.headers.count, 3);
	assert_true(str_eq(http_headers_find(&q.headers, STR("X-Mine"))->value, STR("yes")));
	h2_head_fini(&h);
}

static void the_end_of_the_stream_frames_a_body(void **state)
{
	static const struct fields f = { { GET_HOST } };
	struct h2_head h = { 0 };
	struct http_request q;

	(void)state;
	feed(&h, &f);
	assert_null(h2_head_request(&h, true, &q).reason);
	assert_int_equal(q.framing, HTTP_FRAMING_NONE);
	feed(&h, &f);
	assert_null(h2_head_request(&h, false, &q).reason);
	assert_int_equal(q.framing, HTTP_FRAMING_STREAM);
	h2_head_fini(&h);
}

static void cookies_become_one_field(void **state)
{
	static const struct fields f = { { GET_HOST, "cookie", "a=1", "x", "y", "cookie", "b=2",
					   "cookie", "" } };
	struct h2_head h = { 0 };
	struct http_request q;

	(void)state;
	feed(&h, &f);
	assert_null(h2_head_request(&h, true, &q).reason);
	assert_int_equal(q.headers.count, 2);
	assert_true(str_eq(q.headers.at[0].value, STR("y")));
	assert_true(str_eq(q.headers.at[1].name, STR("cookie")));
	assert_true(str_eq(q.headers.at[1].value, STR("a=1; b=2; ")));
	h2_head_fini(&h);
}

static void host_may_stand_for_the_authority(void **state)
{
	static const struct fields one = { { GET, "host", "h" } };
	static const struct fields both = { { GET_HOST, "host", "H" } };
	struct h2_head h = { 0 };
	struct http_request q;

	(void)state;
	feed(&h, &one);
	assert_null(h2_head_request(&h, true, &q).reason);
	assert_true(str_eq(q.authority, STR("h")));
	feed(&h, &both);
	assert_null(h2_head_request(&h, true, &q).reason);
	h2_head_fini(&h);
}

static const struct {
	struct fields fields;
	bool has_body;
	unsigned status;
} bad[] = {
	{ { { ":method", "GET", ":scheme", "http", ":authority", "h" } }, false, 400 },
	{ { { ":scheme", "http", ":path", "/", ":authority", "h" } }, false, 400 },
	{ { { ":method", "GET", ":path", "/", ":authority", "h" } }, false, 400 },
	{ { { GET } }, false, 400 },
	{ { { GET_HOST, ":path", "/b" } }, false, 400 },
	{ { { GET_HOST, "a", "b", ":path", "/b" } }, false, 400 },
	{ { { GET_HOST, ":status", "200" } }, false, 400 },
	{ { { GET_HOST, ":protocol", "websocket" } }, false, 400 },
	{ { { GET_HOST, "host", "other" } }, false, 400 },
	{ { { GET_HOST, "host", "h", "host", "h" } }, false, 400 },
	{ { { GET, ":authority", "user@h" } }, false, 400 },
	{ { { GET, ":authority", "" } }, false, 400 },
	{ { { GET, ":authority", "h, i" } }, false, 400 },
	{ { { GET_HOST, "X-Upper", "a" } }, false, 400 },
	{ { { GET_HOST, "a b", "a" } }, false, 400 },
	{ { { GET_HOST, "a:b", "a" } }, false, 400 },
	{ { { GET_HOST, "", "a" } }, false, 400 },
	{ { { GET_HOST, "a", "b\r\nc: d" } }, false, 400 },
	{ { { GET_HOST, "a", "b\n" } }, false, 400 },
	{ { { GET_HOST, "a", " b" } }, false, 400 },
	{ { { GET_HOST, "a", "b\t" } }, false, 400 },
	{ { { GET_HOST, "connection", "close" } }, false, 400 },
	{ { { GET_HOST, "keep-alive", "1" } }, false, 400 },
	{ { { GET_HOST, "proxy-connection", "close" } }, false, 400 },
	{ { { GET_HOST, "upgrade", "h2c" } }, false, 400 },
	{ { { GET_HOST, "transfer-encoding", "chunked" } }, true, 400 },
	{ { { GET_HOST, "transfer_encoding", "chunked" } }, true, 400 },
	{ { { GET_HOST, "te", "gzip" } }, false, 400 },
	{ { { GET_HOST, "content-length", "5" } }, false, 400 },
	{ { { GET_HOST, "content-length", "5", "content-length", "5" } }, true, 400 },
	{ { { GET_HOST, "content-length", "+5" } }, true, 400 },
	{ { { GET_HOST, "content-length", "5, 5" } }, true, 400 },
	{ { { GET_HOST, "content_length", "5" } }, true, 400 },
	{ { { GET_HOST, "content-length", "5\r\n\r\nGET /x HTTP/1.1" } }, true, 400 },
	{ { { GET_HOST, "content-length", "0", "content-length", "5" } }, true, 400 },
	{ { { GET_HOST, "content-length", " 5" } }, true, 400 },
	{ { { GET_HOST, "content-length", "18446744073709551616" } }, true, 400 },
	{ { { GET_HOST, "transfer-encoding", "identity" } }, true, 400 },
	{ { { GET_HOST, "transfer-encoding ", "chunked" } }, true, 400 },
	{ { { GET_HOST, "transfer-encoding: chunked\r\nx", "y" } }, true, 400 },
	{ { { GET_HOST, "content-length", "5", "transfer-encoding", "chunked" } }, true, 400 },
	{ { { GET_HOST, "te", "trailers, chunked" } }, false, 400 },
	{ { { GET_HOST, "expect", "y 100-continue" } }, true, 417 },
	{ { { GET_HOST, "a\r\nhost", "i" } }, false, 400 },
	{ { { GET_HOST, "a\n", "b" } }, false, 400 },
	{ { { GET_HOST, "a", "b\rc: d" } }, false, 400 },
	{ { { GET_HOST, "a", "b\nc: d" } }, false, 400 },
	{ { { GET_HOST, "a", "b\x7f" } }, false, 400 },
	{ { { GET_HOST, "host", "h:81" } }, false, 400 },
	{ { { GET, ":authority", "h/x" } }, false, 400 },
	{ { { GET, ":authority", "h\r\nx: y" } }, false, 400 },
	{ { { GET, ":authority", "h", ":authority", "i" } }, false, 400 },
	{ { { ":method", "G T", ":scheme", "http", ":path", "/", ":authority", "h" } },
	  false,
	  400 },
	{ { { ":method", "", ":scheme", "http", ":path", "/", ":authority", "h" } }, false, 400 },
	{ { { ":method", "GET", ":scheme", "ftp", ":path", "/", ":authority", "h" } }, false, 400 },
	{ { { ":method", "GET", ":scheme", "http", ":path", "", ":authority", "h" } }, false, 400 },
	{ { { ":method", "GET", ":scheme", "http", ":path", "*", ":authority", "h" } },
	  false,
	  400 },
	{ { { ":method", "GET", ":scheme", "http", ":path", "http://i/", ":authority", "h" } },
	  false,
	  400 },
	{ { { ":method", "GET", ":scheme", "http", ":path", "/a b", ":authority", "h" } },
	  false,
	  400 },
	{ { { ":method", "GET", ":scheme", "http", ":path", "/#", ":authority", "h" } },
	  false,
	  400 },
	{ { { ":method", "GET / HTTP/1.1\r\nx: y", ":scheme", "http", ":path", "/", ":authority",
	      "h" } },
	  false,
	  400 },
	{ { { ":method", "GET", ":scheme", "http", ":path", "/ HTTP/1.1\r\nx: y", ":authority",
	      "h" } },
	  false,
	  400 },
	{ { { ":method", "GET", ":scheme", "http://i/?", ":path", "/", ":authority", "h" } },
	  false,
	  400 },
	{ { { ":method", "GET", ":scheme", "http", ":path", "@i/", ":authority", "h" } },
	  false,
	  400 },
	{ { { ":method", "CONNECT", ":authority", "h:80" } }, true, 501 },
};

static void what_is_read_two_ways_is_refused(void **state)
{
	struct h2_head h = { 0 };
	struct http_request q;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct h1_refusal r;

		feed(&h, &bad[i].fields);
		r = h2_head_request(&h, !bad[i].has_body, &q);
		if (!r.reason || r.status != bad[i].status)
			fail_msg("case %zu: %u %s", i, r.status, r.reason ? r.reason : "taken");
	}
	h2_head_fini(&h);
}

static void there_are_limits(void **state)
{
	static char big[LATTICE_HEADER_BYTES_MAX];
	static const struct fields f = { { GET_HOST } };
	struct h2_head h = { 0 };
	struct http_request q;
	int i;

	(void)state;
	memset(big, 'x', sizeof(big));
	feed(&h, &f);
	h2_head_add(&h, STR("a"), (struct str){ big, sizeof(big) });
	assert_int_equal(h2_head_request(&h, true, &q).status, 431);
	feed(&h, &f);
	for (i = 0; i < LATTICE_HEADERS_MAX; i++)
		h2_head_add(&h, STR("a"), STR("b"));
	assert_null(h2_head_request(&h, true, &q).reason);
	feed(&h, &f);
	for (i = 0; i < LATTICE_HEADERS_MAX + 1; i++)
		h2_head_add(&h, STR("a"), STR("b"));
	assert_int_equal(h2_head_request(&h, true, &q).status, 400);
	h2_head_fini(&h);
}

static unsigned framing_of(const char *status, const char *method, bool is_last)
{
	const struct fields f = { { ":status", status } };
	struct h2_head h = { 0 };
	struct http_response a;

	feed(&h, &f);
	assert_null(h2_head_response(&h, str_of(method), is_last, &a).reason);
	h2_head_fini(&h);
	return a.framing;
}

static void responses_are_framed_for_http1(void **state)
{
	(void)state;
	assert_int_equal(framing_of("200", "GET", false), HTTP_FRAMING_STREAM);
	assert_int_equal(framing_of("200", "GET", true), HTTP_FRAMING_LENGTH);
	assert_int_equal(framing_of("200", "HEAD", true), HTTP_FRAMING_NONE);
	assert_int_equal(framing_of("204", "GET", true), HTTP_FRAMING_NONE);
	assert_int_equal(framing_of("304", "GET", true), HTTP_FRAMING_NONE);
	assert_int_equal(framing_of("103", "GET", false), HTTP_FRAMING_NONE);
}

static void bad_responses_are_refused(void **state)
{
	static const struct fields bad_answers[] = {
		{ { "a", "b" } },
		{ { ":status", "20" } },
		{ { ":status", "2000" } },
		{ { ":status", "099" } },
		{ { ":status", "+20" } },
		{ { ":status", "101" } },
		{ { ":status", "200", ":path", "/" } },
		{ { ":status", "200", "connection", "close" } },
		{ { ":status", "200", "a", "b\r\nset-cookie: c" } },
		{ { ":status", "200", "content-length", "1", "content-length", "2" } },
		{ { ":status", "200", "content-length", "7" } },
		{ { ":status", "204", "content-length", "7" } },
	};
	struct h2_head h = { 0 };
	struct http_response a;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad_answers); i++) {
		feed(&h, &bad_answers[i]);
		if (!h2_head_response(&h, STR("GET"), true, &a).reason)
			fail_msg("case %zu was taken", i);
	}
	h2_head_fini(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_what_http1_would_say),
		cmocka_unit_test(the_end_of_the_stream_frames_a_body),
		cmocka_unit_test(cookies_become_one_field),
		cmocka_unit_test(host_may_stand_for_the_authority),
		cmocka_unit_test(what_is_read_two_ways_is_refused),
		cmocka_unit_test(there_are_limits),
		cmocka_unit_test(responses_are_framed_for_http1),
		cmocka_unit_test(bad_responses_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
