/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical requests piece by piece, and with too little memory for each of them. */
#include "auth/canonical.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "../faults.h"

FAULT(realloc, void *, NULL, (void *p, size_t n), (p, n))

static const struct http_headers none;

static void check_path(const char *path, const char *as_is, const char *normal)
{
	struct canonical c = { .path = str_of(path), .headers = &none };
	struct str missing;
	const char *wanted[] = { as_is, normal };
	size_t i;

	for (i = 0; i < 2; i++) {
		char text[256];
		struct buf b;

		buf_init(&b, 1024);
		c.normalizes = i == 1;
		c.signed_headers = STR("host");
		c.host = STR("h");
		snprintf(text, sizeof(text), "\n%s\n\nhost:h\n\nhost\n", wanted[i]);
		assert_int_equal(canonical_write(&c, &b, &missing), CANONICAL_DONE);
		if (!str_eq(buf_str(&b), str_of(text)))
			fail_msg("%s: " STR_FMT, path, STR_ARG(buf_str(&b)));
		buf_fini(&b);
	}
	assert_int_equal(canonical_is_normal(c.path), strcmp(as_is, normal) == 0);
}

static void paths_are_encoded_once_more(void **state)
{
	(void)state;
	check_path("/", "/", "/");
	check_path("/a%20b", "/a%2520b", "/a%2520b");
	check_path("/A-Za-z0-9._~", "/A-Za-z0-9._~", "/A-Za-z0-9._~");
	check_path("/a:@!$&'()*+,;=", "/a%3A%40%21%24%26%27%28%29%2A%2B%2C%3B%3D",
		   "/a%3A%40%21%24%26%27%28%29%2A%2B%2C%3B%3D");
	check_path("/a/", "/a/", "/a/");
	check_path("//", "//", "/");
	check_path("/a//b", "/a//b", "/a/b");
	check_path("/./a/.", "/./a/.", "/a");
	check_path("/a/..", "/a/..", "/");
	check_path("/../..", "/../..", "/");
	check_path("/a/b/../c/", "/a/b/../c/", "/a/c/");
	check_path("/...", "/...", "/...");
	check_path("/.a/..b", "/.a/..b", "/.a/..b");
}

static void check_query(const char *query, const char *wanted)
{
	struct canonical c = { .path = STR("/"),
			       .query = str_of(query),
			       .is_presigned = true,
			       .headers = &none,
			       .host = STR("h"),
			       .signed_headers = STR("host") };
	char text[512];
	struct str missing;
	struct buf b;

	buf_init(&b, 4096);
	snprintf(text, sizeof(text), "\n/\n%s\nhost:h\n\nhost\n", wanted);
	assert_int_equal(canonical_write(&c, &b, &missing), CANONICAL_DONE);
	if (!str_eq(buf_str(&b), str_of(text)))
		fail_msg("%s: " STR_FMT, query, STR_ARG(buf_str(&b)));
	buf_fini(&b);
}

static void queries_are_decoded_encoded_and_sorted(void **state)
{
	(void)state;
	check_query("", "");
	check_query("a", "a=");
	check_query("&&a&", "a=");
	check_query("=", "=");
	check_query("b=2&a=1", "a=1&b=2");
	check_query("a=2&a=10&a", "a=&a=10&a=2");
	check_query("a-b=1&a=2&ab=3", "a=2&a-b=1&ab=3");
	check_query("B=1&a=2", "B=1&a=2");
	check_query("%61=%7e&b=%2f", "a=~&b=%2F");
	check_query("a=b=c", "a=b%3Dc");
	check_query("a=+", "a=%2B");
	check_query("a=%", "a=%25");
	check_query("a=%4", "a=%254");
	check_query("a=%g1%1g", "a=%25g1%251g");
	check_query("X-Amz-Signature=1&a=1", "a=1");
	check_query("%58-Amz-Signature=1&x-amz-signature=2", "x-amz-signature=2");
	check_query("X-Amz-Signature=1&a=1&%58-Amz-Signature=2", "X-Amz-Signature=2&a=1");
}

static void headers_are_joined_and_trimmed(void **state)
{
	struct http_headers h = { .count = 5 };
	struct canonical c = { .path = STR("/"), .headers = &h, .payload = STR("P") };
	struct str missing;
	struct buf b;

	(void)state;
	h.at[0] = (struct http_header){ STR("X-A"), STR(" 1\t \t2 ") };
	h.at[1] = (struct http_header){ STR("x-b"), STR("") };
	h.at[2] = (struct http_header){ STR("x-a"), STR("3\t\t4") };
	h.at[3] = (struct http_header){ STR("Host"), STR("unread") };
	h.at[4] = (struct http_header){ STR("x-c"), STR("  ") };
	buf_init(&b, 1024);
	c.signed_headers = STR("x-a;x-b;x-c");
	assert_int_equal(canonical_write(&c, &b, &missing), CANONICAL_DONE);
	assert_true(str_eq(buf_str(&b), STR("\n/\n\nx-a:1 2,3 4\nx-b:\nx-c:\n\nx-a;x-b;x-c\nP")));
	buf_clear(&b);
	c.signed_headers = STR("host");
	assert_int_equal(canonical_write(&c, &b, &missing), CANONICAL_DONE);
	assert_true(str_eq(buf_str(&b), STR("\n/\n\nhost:unread\n\nhost\nP")));
	buf_clear(&b);
	c.host = STR("h");
	c.signed_headers = STR("host;x-d");
	assert_int_equal(canonical_write(&c, &b, &missing), CANONICAL_NO_HEADER);
	assert_true(str_eq(missing, STR("x-d")));
	buf_fini(&b);
}

/* Whatever does not fit, the outcome says so, and nothing is written beyond. */
static void too_little_memory_is_said_so(void **state)
{
	struct http_headers h = { .count = 1 };
	struct canonical c = { .method = STR("GET"),
			       .path = STR("/a/../b c"),
			       .query = STR("b=1&a=2"),
			       .headers = &h,
			       .host = STR("host"),
			       .signed_headers = STR("host;x"),
			       .payload = STR("UNSIGNED-PAYLOAD") };
	enum canonical_outcome outcome = CANONICAL_NO_MEMORY;
	struct str missing;
	struct buf b;
	size_t max;

	(void)state;
	h.at[0] = (struct http_header){ STR("x"), STR("some value") };
	for (max = 1; max < 1024; max++) {
		enum canonical_outcome before = outcome;

		if (max == 512)
			before = CANONICAL_NO_MEMORY;
		buf_init(&b, max % 512);
		c.normalizes = max >= 512;
		outcome = canonical_write(&c, &b, &missing);
		assert_true(outcome == CANONICAL_NO_MEMORY || outcome == CANONICAL_DONE);
		assert_true(before == CANONICAL_NO_MEMORY || outcome == CANONICAL_DONE);
		buf_fini(&b);
	}
	assert_int_equal(outcome, CANONICAL_DONE);
}

/* @ctx: a request. */
static bool writes(void *ctx)
{
	struct str missing;
	struct buf b;
	bool is_written;

	buf_init(&b, 1 << 16);
	is_written = canonical_write(ctx, &b, &missing) == CANONICAL_DONE;
	buf_fini(&b);
	return is_written;
}

/* The buffer grows wherever it may: in the value of a header, and for a normalised path. */
static void a_buffer_that_cannot_grow_is_said_so(void **state)
{
	static char value[5000];
	struct http_headers h = { .count = 1 };
	struct canonical c = { .path = STR("/a/../b"),
			       .headers = &h,
			       .signed_headers = STR("x"),
			       .normalizes = true };

	(void)state;
	memset(value, 'v', sizeof(value));
	h.at[0] = (struct http_header){ STR("x"), { value, sizeof(value) } };
	faults_each(writes, &c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_encoded_once_more),
		cmocka_unit_test(queries_are_decoded_encoded_and_sorted),
		cmocka_unit_test(headers_are_joined_and_trimmed),
		cmocka_unit_test(too_little_memory_is_said_so),
		cmocka_unit_test(a_buffer_that_cannot_grow_is_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
