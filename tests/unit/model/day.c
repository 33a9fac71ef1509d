/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/model/day.c: there and back for every day, and what is none. */
#include "model/day.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void every_day_comes_back(void **state)
{
	char text[DAY_TEXT_BYTES];
	uint32_t day, back;

	(void)state;
	for (day = 0; day < 60000; day++) {
		assert_true(day_parse(day_write(day, text), &back));
		assert_int_equal(back, day);
	}
}

static void days_are_those_of_the_calendar(void **state)
{
	char text[DAY_TEXT_BYTES];

	(void)state;
	assert_string_equal(day_write(0, text).p, "1970-01-01");
	assert_string_equal(day_write(11016, text).p, "2000-02-29");
	assert_string_equal(day_write(20783, text).p, "2026-11-26");
	assert_string_equal(day_write(UINT32_MAX, text).p, "9999-12-31");
	assert_int_equal(day_first_of_month(20783), 20758);
	assert_int_equal(day_first_of_month(20758), 20758);
	assert_int_equal(day_first_of_month(11016), 10988);
}

static void what_is_no_day_is_refused(void **state)
{
	static const char *const texts[] = { "",	   "2026-02-29", "2026-13-01", "2026-00-01",
					     "2026-01-00", "2026-01-32", "1969-12-31", "2026-1-01",
					     "2026-01-1",  "2026/01/01", "2026-01-0x", "+026-01-01",
					     "2026-01-011" };
	uint32_t day;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(day_parse(str_of(texts[i]), &day));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_comes_back),
		cmocka_unit_test(days_are_those_of_the_calendar),
		cmocka_unit_test(what_is_no_day_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
