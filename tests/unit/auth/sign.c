/* SPDX-License-Identifier: Apache-2.0 */
/* What we sign ourselves is what AWS's JavaScript signer makes of it, and what our verifier takes.
 */
#include "auth/sign.c"

#include "auth/access_key.h"
#include "sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "../faults.h"

FAULT(realloc, void *, NULL, (void *p, size_t n), (p, n))

#define HOST "lambda.us-west-2.amazonaws.com"
#define TARGET                                                                                \
	"/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A123456789012%3Afunction%3Af/" \
	"invocations"
#define BODY  "{\"a\":1}"
#define NOW_S 1714979289
#define HASH  "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"

static const struct signer keys = {
	.key_id = { TEST_ID, sizeof(TEST_ID) - 1 },
	.secret = { TEST_SECRET, sizeof(TEST_SECRET) - 1 },
	.region = { "us-west-2", 9 },
	.service = { "lambda", 6 },
};

static const struct sign_request invoke = {
	.method = { "POST", 4 },
	.target = { TARGET, sizeof(TARGET) - 1 },
	.host = { HOST, sizeof(HOST) - 1 },
	.body = { BODY, sizeof(BODY) - 1 },
	.now = NOW_S,
};

static void check_fields(const struct signer *s, const char *expected)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	sign_write_headers(s, &invoke, &b);
	assert_false(b.failed);
	buf_add_char(&b, '\0');
	assert_string_equal(buf_str(&b).p, expected);
	buf_fini(&b);
}

static void signs_as_sdks_do(void **state)
{
	struct signer temporary = keys;

	(void)state;
	check_fields(
		&keys,
		"x-amz-content-sha256: " HASH "\r\n"
		"x-amz-date: 20240506T070809Z\r\n"
		"authorization: AWS4-HMAC-SHA256 Credential=" TEST_ID
		"/20240506/us-west-2/lambda/aws4_request, "
		"SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
		"Signature=ccba4958ddbf53954cbe3a8e7bb0912354e1fa0520e297c2945755023e865233\r\n");
	temporary.token = STR("SESSIONTOKEN");
	check_fields(
		&temporary,
		"x-amz-content-sha256: " HASH "\r\n"
		"x-amz-date: 20240506T070809Z\r\n"
		"x-amz-security-token: SESSIONTOKEN\r\n"
		"authorization: AWS4-HMAC-SHA256 Credential=" TEST_ID
		"/20240506/us-west-2/lambda/aws4_request, "
		"SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "
		"Signature=b3cc4163a78a3720027a8c0fb88edce1ff6640ce7fa908e3385a29781f3b0b3c\r\n");
}

/* Read what was written, as a server does, into @ret; the text is the caller's to free. */
static char *read_signed(const struct buf *fields, const char *line, struct http_request *ret)
{
	char *text = calloc(1, 8192), *from, *to = text;
	struct str s = buf_str(fields);

	to += snprintf(to, 4096, "%s HTTP/1.1\nHost:" HOST "\n", line);
	for (from = (char *)s.p; from < s.p + s.n; from++)
		if (*from != '\r')
			*to++ = *from;
	*to = '\n';
	test_read_request(text, ret);
	return text;
}

static void what_is_signed_is_verified(void **state)
{
	static const struct sigv4_rules rules = { { "us-west-2", 9 },
						  { "lambda", 6 },
						  SIGV4_PAYLOAD_SIGNED };
	static const char *const lines[] = { "POST " TARGET, "GET " TARGET, "POST " TARGET "?x=1" };
	struct signer temporary = keys;
	struct http_request http;
	struct test_keys known;
	struct sigv4 verifier;
	struct buf b;
	size_t i;

	(void)state;
	temporary.token = STR("SESSIONTOKEN");
	test_keys_init(&known, STR("SESSIONTOKEN"));
	assert_int_equal(sigv4_init(&verifier, &rules, known.vault), 0);
	buf_init(&b, 1 << 16);
	sign_write_headers(&temporary, &invoke, &b);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *text = read_signed(&b, lines[i], &http);
		const struct sigv4_request r = { .http = &http,
						 .body = STR(BODY),
						 .now_ms = NOW_S * UINT64_C(1000),
						 .find_key = test_find_key,
						 .ctx = &known };

		assert_int_equal(sigv4_verify(&verifier, &r).verdict,
				 i ? SIGV4_INVALID : SIGV4_VALID);
		free(text);
	}
	buf_fini(&b);
	sigv4_fini(&verifier);
	test_keys_fini(&known);
}

static void refuses_what_cannot_be_signed(void **state)
{
	char secret[ACCESS_KEY_SECRET_BYTES_MAX + 1];
	struct sign_request r = invoke;
	struct signer s = keys;
	struct buf b;

	(void)state;
	memset(secret, 'x', sizeof(secret));
	s.secret = (struct str){ secret, ACCESS_KEY_SECRET_BYTES_MAX };
	buf_init(&b, 1 << 16);
	sign_write_headers(&s, &r, &b);
	assert_false(b.failed);
	s.secret.n++;
	sign_write_headers(&s, &r, &b);
	assert_true(b.failed);
	buf_fini(&b);
	buf_init(&b, 1 << 16);
	r.now = INT64_MAX;
	sign_write_headers(&keys, &r, &b);
	assert_true(b.failed);
	buf_fini(&b);
}

static bool fails(const struct signer *s, const struct sign_request *r)
{
	struct buf b;
	bool has_failed;

	buf_init(&b, 1 << 16);
	sign_write_headers(s, r, &b);
	has_failed = b.failed;
	buf_fini(&b);
	return has_failed;
}

static bool signs(void *ctx)
{
	(void)ctx;
	return !fails(&keys, &invoke);
}

static void fails_when_memory_or_time_ends(void **state)
{
	struct sign_request late = invoke;

	(void)state;
	faults_each(signs, NULL);
	late.now = INT64_C(253402300799); /* the end of 9999 */
	assert_false(fails(&keys, &late));
	late.now++;
	assert_true(fails(&keys, &late));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_as_sdks_do),
		cmocka_unit_test(what_is_signed_is_verified),
		cmocka_unit_test(refuses_what_cannot_be_signed),
		cmocka_unit_test(fails_when_memory_or_time_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
