/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/http/trailers.c: what may stand behind a body, and how it is kept. */
#include "http/trailers.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void what_frames_routes_or_vouches_is_left_out(void **state)
{
	static const char *const refused[] = {
		"Transfer-Encoding",
		"transfer_encoding",
		"Content-Length",
		"content_length",
		"Host",
		"TE",
		"Trailer",
		"Authorization",
		"Cookie",
		"X-Amzn-Lattice-Identity",
		"x-forwarded-for",
		":status",
		"Content-Type",
		"Upgrade",
		"Connection",
	};
	static const char *const allowed[] = { "grpc-status", "Grpc-Message", "ETag",
					       "x-checksum" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(refused); i++)
		assert_false(trailers_allow(str_of(refused[i])));
	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		assert_true(trailers_allow(str_of(allowed[i])));
}

static void fields_are_kept_in_order(void **state)
{
	struct buf b = { 0 };
	struct http_header h;
	struct str text;

	(void)state;
	trailers_add(&b, STR("grpc-status"), STR("0"));
	trailers_add(&b, STR("host"), STR("x"));
	trailers_add(&b, STR("grpc-message"), STR("a: b"));
	text = buf_str(&b);
	assert_true(trailers_next(&text, &h));
	assert_true(str_eq(h.name, STR("grpc-status")) && str_eq(h.value, STR("0")));
	assert_true(trailers_next(&text, &h));
	assert_true(str_eq(h.name, STR("grpc-message")) && str_eq(h.value, STR("a: b")));
	assert_false(trailers_next(&text, &h));
	buf_fini(&b);
}

static void lines_of_a_client_lose_their_blanks(void **state)
{
	struct str text = STR("a:\t 1 \r\nb:\r\n\r\nc: 2\r\n");
	struct http_header h;

	(void)state;
	assert_true(trailers_next(&text, &h));
	assert_true(str_eq(h.name, STR("a")) && str_eq(h.value, STR("1")));
	assert_true(trailers_next(&text, &h));
	assert_true(str_eq(h.name, STR("b")) && !h.value.n);
	assert_false(trailers_next(&text, &h));
}

static void there_is_a_limit(void **state)
{
	static char big[TRAILER_BYTES_MAX];
	struct buf b = { 0 };

	(void)state;
	memset(big, 'x', sizeof(big));
	trailers_add(&b, STR("a"), (struct str){ big, sizeof(big) - 5 });
	assert_int_equal(buf_len(&b), TRAILER_BYTES_MAX);
	trailers_add(&b, STR("b"), STR("2"));
	assert_int_equal(buf_len(&b), TRAILER_BYTES_MAX);
	assert_false(b.failed);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_frames_routes_or_vouches_is_left_out),
		cmocka_unit_test(fields_are_kept_in_order),
		cmocka_unit_test(lines_of_a_client_lose_their_blanks),
		cmocka_unit_test(there_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
