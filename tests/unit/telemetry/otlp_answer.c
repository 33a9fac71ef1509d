/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/otlp_answer.c: what collectors say, and what they had better not. */
#include "telemetry/otlp_answer.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void rejected_spans_are_counted(void **state)
{
	static const struct {
		const char *body;
		size_t rejected;
		const char *message;
	} cases[] = {
		{ "", 0, "" },
		{ "{}", 0, "" },
		{ "not JSON", 0, "" },
		{ "[1]", 0, "" },
		{ "{\"partialSuccess\":{}}", 0, "" },
		{ "{\"partialSuccess\":7}", 0, "" },
		{ "{\"partialSuccess\":{\"rejectedSpans\":\"3\",\"errorMessage\":\"too old\"}}", 3,
		  "too old" },
		{ "{\"partialSuccess\":{\"rejectedSpans\":3}}", 3, "" },
		{ "{\"partialSuccess\":{\"errorMessage\":\"use gzip\"}}", 0, "use gzip" },
		{ "{\"partialSuccess\":{\"rejectedSpans\":\"11\"}}", 10, "" },
		{ "{\"partialSuccess\":{\"rejectedSpans\":\"18446744073709551615\"}}", 10, "" },
		{ "{\"partialSuccess\":{\"rejectedSpans\":1e300}}", 10, "" },
		{ "{\"partialSuccess\":{\"rejectedSpans\":\"-1\"}}", 0, "" },
		{ "{\"partialSuccess\":{\"rejectedSpans\":-5}}", 0, "" },
		{ "{\"partialSuccess\":{\"rejectedSpans\":0.5}}", 0, "" },
		{ "{\"partialSuccess\":{\"rejectedSpans\":true,\"errorMessage\":[]}}", 0, "" },
		{ "{\"partialSuccess\":{\"errorMessage\":\"a\\nb\\u00e9\"}}", 0, "a?b??" },
	};
	char message[OTLP_MESSAGE_BYTES], longer[1000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(message, 'x', sizeof(message));
		assert_int_equal(otlp_rejected(str_of(cases[i].body), 10, message),
				 cases[i].rejected);
		assert_string_equal(message, cases[i].message);
	}
	snprintf(longer, sizeof(longer), "{\"partialSuccess\":{\"errorMessage\":\"%0500d\"}}", 0);
	assert_int_equal(otlp_rejected(str_of(longer), 10, message), 0);
	assert_int_equal(strlen(message), OTLP_MESSAGE_BYTES - 1);
}

static void retry_after_has_two_forms(void **state)
{
	/* Fri, 31 Dec 1999 23:59:59 GMT */
	static const uint64_t date = UINT64_C(946684799000);
	static const struct {
		const char *value;
		uint64_t now_ms, ms;
	} cases[] = {
		{ "120", 0, 120 * 1000 },
		{ "0", 0, 1 },
		{ "300", 0, OTLP_RETRY_MS_MAX },
		{ "301", 0, OTLP_RETRY_MS_MAX },
		{ "18446744073709551615", 0, OTLP_RETRY_MS_MAX },
		{ "18446744073709551616", 0, 0 },
		{ "Fri, 31 Dec 1999 23:59:59 GMT", date - 1500, 1500 },
		{ "Fri, 31 Dec 1999 23:59:59 GMT", date, 1 },
		{ "Fri, 31 Dec 1999 23:59:59 GMT", date + 1, 1 },
		{ "Fri, 31 Dec 1999 23:59:59 GMT", 0, OTLP_RETRY_MS_MAX },
		{ "Fri, 31 Dec 1999 23:59:59 GMT and more", 0, 0 },
		{ "Fri, 31 Dec 1999 23:59:59", 0, 0 },
		{ "soon", 0, 0 },
		{ "-1", 0, 0 },
		{ "1.5", 0, 0 },
		{ "", 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(otlp_retry_after_ms(str_of(cases[i].value), cases[i].now_ms),
				 cases[i].ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rejected_spans_are_counted),
		cmocka_unit_test(retry_after_has_two_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
