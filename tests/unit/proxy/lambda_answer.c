/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of ctl/proxy/lambda_answer.c. Each line of tests/vectors/lambda/answers is what a function
 * returned, and the line behind it the response: a status, headers and the body, or "bad".
 */
#include "proxy/lambda_answer.c"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* @json's response as a vector has it; bytes that cannot be printed as \xNN. */
static void describe(struct str json, struct buf *to)
{
	struct lambda_answer answer;
	struct arena a;
	size_t i;

	arena_init(&a, 1 << 20);
	buf_clear(to);
	if (!lambda_answer_parse(json, &a, &answer)) {
		buf_add_lit(to, "bad");
		arena_fini(&a);
		return;
	}
	buf_addf(to, "%u", answer.status);
	for (i = 0; i < answer.headers.count; i++)
		buf_addf(to, " %.*s=%.*s", STR_ARG(answer.headers.at[i].name),
			 STR_ARG(answer.headers.at[i].value));
	buf_add_lit(to, " |");
	for (i = 0; i < answer.body.n; i++) {
		unsigned char c = (unsigned char)answer.body.p[i];

		if (c >= ' ' && c <= '~')
			buf_add_char(to, (char)c);
		else
			buf_addf(to, "\\x%02x", c);
	}
	arena_fini(&a);
}

static void what_functions_return_becomes_the_responses_of_the_vectors(void **state)
{
	static char json[8192], expected[8192];
	FILE *f = fopen("tests/vectors/lambda/answers", "r");
	unsigned count = 0;
	struct buf b;

	(void)state;
	assert_non_null(f);
	buf_init(&b, 1 << 20);
	while (fgets(json, sizeof(json), f)) {
		if (json[0] == '#')
			continue;
		assert_non_null(fgets(expected, sizeof(expected), f));
		json[strcspn(json, "\n")] = '\0';
		expected[strcspn(expected, "\n")] = '\0';
		describe(str_of(json), &b);
		if (!str_eq(buf_str(&b), str_of(expected)))
			fail_msg("%s: " STR_FMT, json, STR_ARG(buf_str(&b)));
		count++;
	}
	assert_true(count >= 30);
	buf_fini(&b);
	fclose(f);
}

static void headers_are_counted(void **state)
{
	static struct lambda_answer answer;
	struct arena a;
	struct buf b;
	int i, n;

	(void)state;
	buf_init(&b, 1 << 20);
	for (n = LATTICE_HEADERS_MAX; n <= LATTICE_HEADERS_MAX + 1; n++) {
		arena_init(&a, 1 << 20);
		buf_clear(&b);
		buf_add_lit(&b, "{\"statusCode\":200,\"headers\":{");
		for (i = 0; i < n; i++)
			buf_addf(&b, "%s\"h%d\":\"v\"", i ? "," : "", i);
		buf_add_lit(&b, "}}");
		assert_int_equal(lambda_answer_parse(buf_str(&b), &a, &answer),
				 n == LATTICE_HEADERS_MAX);
		arena_fini(&a);
	}
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_functions_return_becomes_the_responses_of_the_vectors),
		cmocka_unit_test(headers_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
