/* SPDX-License-Identifier: Apache-2.0 */
/* What is read out of an Authorization header and a presigned query; sigv4.c judges more of it. */
#include "auth/claim.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define AUTHORIZATION                                                                   \
	"AWS4-HMAC-SHA256 Credential=A/20240506/r/s/aws4_request, SignedHeaders=host, " \
	"Signature=ff"
#define QUERY                                                                                   \
	"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20240506%2Fr%2Fs%2Faws4_request" \
	"&X-Amz-Date=20240506T070809Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3bx"            \
	"&X-Amz-Signature=ff"

static enum sigv4_reason read(struct http_request *r, size_t room, struct claim *ret)
{
	static struct buf decoded;
	enum sigv4_reason reason;

	buf_fini(&decoded);
	buf_init(&decoded, room);
	reason = claim_parse(r, &decoded, ret);
	return reason;
}

static void add_header(struct http_request *r, const char *name, const char *value)
{
	r->headers.at[r->headers.count++] = (struct http_header){ str_of(name), str_of(value) };
}

static void a_header_is_read_with_any_white_space(void **state)
{
	static const char *const cases[] = {
		AUTHORIZATION,
		"AWS4-HMAC-SHA256 \t Signature=ff\t,\tSignedHeaders=host ,"
		"Credential=A/20240506/r/s/aws4_request \t",
	};
	struct http_request r;
	struct claim c;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&r, 0, sizeof(r));
		add_header(&r, "authorization", cases[i]);
		add_header(&r, "X-AMZ-DATE", "20240506T070809Z");
		add_header(&r, "x-amz-security-token", "t");
		add_header(&r, "x-amz-security-token-of-somebody-else", "u");
		assert_int_equal(read(&r, 64, &c), SIGV4_REASON_NONE);
		assert_true(c.is_present && !c.is_presigned && !c.is_ecdsa);
		assert_true(str_eq(c.access_key_id, STR("A")));
		assert_true(str_eq(c.scope, STR("20240506/r/s/aws4_request")));
		assert_true(str_eq(c.region, STR("r")) && str_eq(c.service, STR("s")));
		assert_true(str_eq(c.signature, STR("ff")) && str_eq(c.token, STR("t")));
		assert_int_equal(c.time_s, 1714979289);
		assert_true(claim_is_sent(&c, CLAIM_TOKEN) && !claim_is_sent(&c, CLAIM_DATE));
	}
}

static void what_may_come_once_comes_once(void **state)
{
	static const char *const names[] = { "x-amz-date", "date", "x-amz-content-sha256",
					     "x-amz-region-set", "x-amz-security-token" };
	struct http_request r;
	struct claim c;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		memset(&r, 0, sizeof(r));
		add_header(&r, "Authorization", AUTHORIZATION);
		add_header(&r, names[i], "20240506T070809Z");
		add_header(&r, names[i], "20240506T070809Z");
		assert_int_equal(read(&r, 64, &c), SIGV4_REASON_MALFORMED);
	}
}

static void a_query_is_decoded(void **state)
{
	struct http_request r = { .query = STR("a=%2&" QUERY "&x-z=%zz%1"), .has_query = true };
	struct claim c;
	size_t room;

	(void)state;
	assert_int_equal(read(&r, 4096, &c), SIGV4_REASON_NONE);
	assert_true(c.is_present && c.is_presigned);
	assert_true(str_eq(c.scope, STR("20240506/r/s/aws4_request")));
	assert_true(str_eq(c.signed_headers, STR("host;x")));
	assert_true(claim_is_signed(&c, CLAIM_HOST) && !claim_is_signed(&c, CLAIM_DATE));
	assert_int_equal(c.expires_s, 60);
	for (room = 1; room < r.query.n; room++)
		assert_int_equal(read(&r, room, &c), SIGV4_REASON_NO_MEMORY);
	r.query = STR("X-Amz-Signature=%4&X-Amz-Security-Token=%g1%1g%");
	read(&r, 4096, &c);
	assert_true(str_eq(c.signature, STR("%4")));
	assert_true(str_eq(c.token, STR("%g1%1g%")));
}

static void expiry_is_a_number_of_seconds(void **state)
{
	static const char *const cases[] = {
		"", "0", "-1", "604801", "1e3", "99999999999999999999"
	};
	struct http_request r = { .has_query = true };
	char query[512];
	struct claim c;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(query, sizeof(query),
			 "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A/20240506/r/s/"
			 "aws4_request&X-Amz-Date=20240506T070809Z&X-Amz-Expires=%s",
			 cases[i]);
		r.query = str_of(query);
		assert_int_equal(read(&r, 4096, &c), SIGV4_REASON_BAD_EXPIRES);
	}
}

static void nothing_of_ours_is_no_claim(void **state)
{
	static const char *const queries[] = { "",
					       "-",
					       "a-b-c-d-e-f-g",
					       "aaaaaaaaaaa",
					       "x-amz-",
					       "X-Amz-Date=1&x-amz-expires=2",
					       "a-Amz-Signature=1",
					       "x-amz-x=1" };
	struct http_request r = { .has_query = true };
	struct claim c;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(queries); i++) {
		r.query = str_of(queries[i]);
		assert_int_equal(read(&r, 4096, &c), SIGV4_REASON_NONE);
		assert_false(c.is_present);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_read_with_any_white_space),
		cmocka_unit_test(what_may_come_once_comes_once),
		cmocka_unit_test(a_query_is_decoded),
		cmocka_unit_test(expiry_is_a_number_of_seconds),
		cmocka_unit_test(nothing_of_ours_is_no_claim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
