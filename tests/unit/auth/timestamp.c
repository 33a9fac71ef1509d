/* SPDX-License-Identifier: Apache-2.0 */
/* Dates in both forms, and what is none. */
#include "auth/timestamp.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void reads_both_forms(void **state)
{
	static const struct {
		const char *text, *basic;
		uint64_t s;
	} cases[] = {
		{ "19700101T000000Z", "19700101T000000Z", 0 },
		{ "20240506T070809Z", "20240506T070809Z", 1714979289 },
		{ "20000229T235959Z", "20000229T235959Z", 951868799 },
		{ "99991231T235959Z", "99991231T235959Z", 253402300799 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT", "19941106T084937Z", 784111777 },
		{ "Thu, 29 Feb 2024 00:00:00 GMT", "20240229T000000Z", 1709164800 },
	};
	char basic[16];
	uint64_t s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_true(timestamp_parse(str_of(cases[i].text), basic, &s));
		assert_int_equal(s, cases[i].s);
		assert_memory_equal(basic, cases[i].basic, 16);
	}
}

static void refuses_what_is_no_date(void **state)
{
	static const char *const cases[] = {
		"",
		"20240506T070809",
		"20240506 070809Z",
		"20240506T070809z",
		"2024O506T070809Z",
		"2024-506T070809Z",
		"20A40506T070809Z",
		"20240006T070809Z",
		"20241306T070809Z",
		"20240500T070809Z",
		"20240431T070809Z",
		"20230229T070809Z",
		"19000229T070809Z",
		"21000229T070809Z",
		"20240506T240809Z",
		"20240506T076009Z",
		"20240506T070860Z",
		"19690506T070809Z",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun; 06 Nov 1994 08:49:37 GMT",
		"Sun, 06-Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov-1994 08:49:37 GMT",
		"Sun, 06 Nov 1994-08:49:37 GMT",
		"Sun, 06 Nov 1994 08.49:37 GMT",
		"Sun, 06 Nov 1994 08:49.37 GMT",
		"Sun, 06 Noo 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT",
	};
	char basic[16];
	uint64_t s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_false(timestamp_parse(str_of(cases[i]), basic, &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_both_forms),
		cmocka_unit_test(refuses_what_is_no_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
