/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/num.c: what is a number and what is refused. */
#include "base/num.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void reads_digits_up_to_the_type(void **state)
{
	uint64_t v64 = 0;
	uint32_t v32 = 0;
	uint16_t v16 = 0;

	(void)state;
	assert_int_equal(num_parse_u64(STR("18446744073709551615"), &v64), 0);
	assert_true(v64 == UINT64_MAX);
	assert_int_equal(num_parse_u32(STR("4294967295"), &v32), 0);
	assert_true(v32 == UINT32_MAX);
	assert_int_equal(num_parse_u16(STR("0065535"), &v16), 0);
	assert_int_equal(v16, 65535);
}

static void refuses_all_else_and_leaves_the_result(void **state)
{
	static const struct {
		struct str text;
		int err;
	} cases[] = {
		{ { "", 0 }, -EINVAL },	     { { "-1", 2 }, -EINVAL },
		{ { "+1", 2 }, -EINVAL },    { { " 1", 2 }, -EINVAL },
		{ { "1 ", 2 }, -EINVAL },    { { "1\0", 2 }, -EINVAL },
		{ { "0x1", 3 }, -EINVAL },   { { "65536", 5 }, -ERANGE },
		{ { "99999", 5 }, -ERANGE }, { { "18446744073709551616", 20 }, -ERANGE },
	};
	uint16_t v = 7;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(num_parse_u16(cases[i].text, &v), cases[i].err);
		assert_int_equal(v, 7);
	}
}

static void writes_what_it_reads(void **state)
{
	char text[NUM_DIGITS_MAX + 1];
	uint64_t v = 1, got;
	unsigned i;

	(void)state;
	for (i = 0; i <= NUM_DIGITS_MAX; i++, v *= 10) {
		const uint64_t around[] = { v - 1, v, v + 1, i == NUM_DIGITS_MAX ? UINT64_MAX : 0 };
		size_t k;

		for (k = 0; k < ARRAY_SIZE(around); k++) {
			char *end = num_write(text, around[k]);

			assert_in_range(end - text, 1, NUM_DIGITS_MAX);
			assert_true(text[0] != '0' || end == text + 1);
			assert_int_equal(
				num_parse_u64((struct str){ text, (size_t)(end - text) }, &got), 0);
			assert_true(got == around[k]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_digits_up_to_the_type),
		cmocka_unit_test(refuses_all_else_and_leaves_the_result),
		cmocka_unit_test(writes_what_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
