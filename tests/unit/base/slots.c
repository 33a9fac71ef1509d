/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that come back are given again, each to one holder. */
#include "base/slots.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

enum { COUNT = 100 };

static void no_number_is_given_twice(void **state)
{
	bool is_taken[COUNT + 1] = { false };
	struct slots s = { 0 };
	uint32_t i, slot;

	(void)state;
	for (i = 1; i <= COUNT; i++)
		assert_int_equal(slots_take(&s), i);
	for (i = 1; i <= COUNT; i += 2)
		assert_int_equal(slots_give(&s, i), 0);
	for (i = 1; i <= COUNT; i += 2) {
		slot = slots_take(&s);
		assert_true(slot <= COUNT && slot % 2 && !is_taken[slot]);
		is_taken[slot] = true;
	}
	assert_int_equal(slots_take(&s), COUNT + 1);
	slots_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_number_is_given_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
