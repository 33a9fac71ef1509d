/* SPDX-License-Identifier: Apache-2.0 */
/* Streams that were passed over. */
#include "proxy/h2_ids.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void each_in_turn_is_fine_and_so_is_its_trailer(void **state)
{
	struct h2_ids ids = { 0 };
	int32_t id;

	(void)state;
	for (id = 1; id < 1000; id += 2) {
		assert_true(h2_ids_open(&ids, id));
		assert_true(h2_ids_open(&ids, id));
		assert_true(h2_ids_open(&ids, 1));
	}
	assert_int_equal(ids.count, 0);
}

static void what_was_passed_over_is_gone(void **state)
{
	struct h2_ids ids = { 0 };

	(void)state;
	assert_true(h2_ids_open(&ids, 5));
	assert_true(h2_ids_open(&ids, 7));
	assert_true(h2_ids_open(&ids, 11));
	assert_false(h2_ids_open(&ids, 1));
	assert_false(h2_ids_open(&ids, 3));
	assert_true(h2_ids_open(&ids, 5));
	assert_true(h2_ids_open(&ids, 7));
	assert_false(h2_ids_open(&ids, 9));
	assert_true(h2_ids_open(&ids, 11));
	assert_true(h2_ids_open(&ids, INT32_MAX));
	assert_false(h2_ids_open(&ids, 13));
	assert_false(h2_ids_open(&ids, INT32_MAX - 2));
	assert_true(h2_ids_open(&ids, INT32_MAX));
}

static void the_latest_are_known(void **state)
{
	struct h2_ids ids = { 0 };
	int32_t id;

	(void)state;
	for (id = 3; id <= 4 * (H2_SKIPS_MAX + 1); id += 4)
		assert_true(h2_ids_open(&ids, id));
	assert_true(h2_ids_open(&ids, 1));
	assert_false(h2_ids_open(&ids, 5));
	assert_false(h2_ids_open(&ids, id - 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_in_turn_is_fine_and_so_is_its_trailer),
		cmocka_unit_test(what_was_passed_over_is_gone),
		cmocka_unit_test(the_latest_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
