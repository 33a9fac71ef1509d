/* SPDX-License-Identifier: Apache-2.0 */
/* Shelves share what is alike, and what the last of them lets go is freed (the sanitizer looks). */
#include "model/part.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

static struct part *new_part(void)
{
	struct part *p = part_new(sizeof(*p), 1 << 12);

	assert_non_null(p);
	return p;
}

static void a_copy_does_not_see_later_changes(void **state)
{
	struct shelf a = { 0 }, b = { 0 };
	struct part *first = new_part(), *second = new_part();

	(void)state;
	assert_int_equal(shelf_set(&a, 3, first), 0);
	assert_int_equal(shelf_set(&a, 200, new_part()), 0);
	assert_int_equal(shelf_copy(&b, &a), 0);
	assert_ptr_equal(b.rows[0], a.rows[0]);
	assert_int_equal(shelf_set(&b, 3, second), 0);
	assert_ptr_equal(shelf_at(&a, 3), first);
	assert_ptr_equal(shelf_at(&b, 3), second);
	assert_ptr_equal(b.rows[3], a.rows[3]);
	assert_int_equal(shelf_set(&b, 200, NULL), 0);
	assert_non_null(shelf_at(&a, 200));
	assert_null(shelf_at(&b, 200));
	shelf_fini(&a);
	assert_ptr_equal(shelf_at(&b, 3), second);
	shelf_fini(&b);
}

static void places_beyond_the_end_are_empty(void **state)
{
	struct shelf s = { 0 };

	(void)state;
	assert_null(shelf_at(&s, 0));
	assert_int_equal(shelf_set(&s, 1000, NULL), 0);
	assert_int_equal(shelf_end(&s), 0);
	assert_int_equal(shelf_set(&s, 64, new_part()), 0);
	assert_int_equal(shelf_end(&s), 128);
	assert_null(shelf_at(&s, 0));
	assert_null(shelf_at(&s, 128));
	shelf_fini(&s);
}

static void every_difference_is_found_and_nothing_else(void **state)
{
	static const size_t changed[] = { 0, 63, 64, 130, 640 };
	struct shelf a = { 0 }, b = { 0 };
	size_t i, at;

	(void)state;
	for (i = 0; i < 300; i++)
		assert_int_equal(shelf_set(&a, i, new_part()), 0);
	assert_int_equal(shelf_copy(&b, &a), 0);
	at = 0;
	assert_false(shelf_differ(&a, &b, &at));
	for (i = 0; i < sizeof(changed) / sizeof(*changed); i++)
		assert_int_equal(shelf_set(&b, changed[i], i % 2 ? NULL : new_part()), 0);
	for (i = 0, at = 0; shelf_differ(&a, &b, &at); i++, at++)
		assert_int_equal(at, changed[i]);
	assert_int_equal(i, 5);
	for (i = 0, at = 0; shelf_differ(&b, &a, &at); i++, at++)
		assert_int_equal(at, changed[i]);
	assert_int_equal(i, 5);
	shelf_fini(&a);
	shelf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_does_not_see_later_changes),
		cmocka_unit_test(places_beyond_the_end_are_empty),
		cmocka_unit_test(every_difference_is_found_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
