/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/hex.c. */
#include "base/hex.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void writes_the_last_digits(void **state)
{
	char to[16];

	(void)state;
	assert_ptr_equal(hex_write(to, UINT64_C(0x0123456789abcdef), 16), to + 16);
	assert_memory_equal(to, "0123456789abcdef", 16);
	assert_ptr_equal(hex_write(to, 0xfedcba, 2), to + 2);
	assert_memory_equal(to, "ba", 2);
	assert_ptr_equal(hex_write(to, 1, 0), to);
}

static void reads_what_it_writes_and_nothing_else(void **state)
{
	static const char *const wrong[] = {
		"", "0x1", "A", "g", " 1", "1 ", "+1", "/", ":", "`", "00000000000000001"
	};
	uint64_t v = 7;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(hex_parse(str_of(wrong[i]), &v));
	assert_int_equal(v, 7);
	assert_true(hex_parse(STR("0"), &v));
	assert_int_equal(v, 0);
	assert_true(hex_parse(STR("ffffffffffffffff"), &v));
	assert_true(v == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_the_last_digits),
		cmocka_unit_test(reads_what_it_writes_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
