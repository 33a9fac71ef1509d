/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/arena.c: limits, alignment, zeroes, products that would wrap. */
#include "base/arena.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "../faults.h"

static void look_and_free(void *p);

FAULT(free, void, look_and_free(p), (void *p), (p))

/* What is freed is a block that holds nothing. */
static void look_and_free(void *p)
{
	const struct arena_block *b = p;
	size_t i;

	for (i = 0; i < b->size; i++)
		assert_int_equal(b->bytes[i], 0);
	__real_free(p);
}

static void gives_zeroed_aligned_memory(void **state)
{
	struct arena a;
	size_t i;

	(void)state;
	arena_init(&a, 1 << 20);
	for (i = 1; i < 100; i++) {
		char *bytes = arena_new(&a, char, i);
		uint64_t *number = arena_new(&a, uint64_t, 1);

		assert_non_null(bytes);
		assert_int_equal((uintptr_t)number % _Alignof(uint64_t), 0);
		assert_int_equal(bytes[i - 1], 0);
		memset(bytes, 0xff, i);
	}
	arena_fini(&a);
}

static void refuses_beyond_its_limit_and_lives_on(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 8192);
	assert_non_null(arena_new(&a, char, 8000));
	assert_null(arena_new(&a, char, 8192));
	arena_reset(&a);
	assert_non_null(arena_new(&a, char, 8000));
	arena_fini(&a);
}

static void refuses_a_product_that_wraps(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, SIZE_MAX);
	assert_null(arena_new(&a, uint64_t, SIZE_MAX / 4));
	arena_fini(&a);
}

static void copies_and_prints(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 4096);
	assert_string_equal(arena_cstr(&a, STR("ab")), "ab");
	assert_true(str_eq(arena_printf(&a, "%d-%s", 5, "x"), STR("5-x")));
	arena_fini(&a);
}

static void count_farewell(void *what)
{
	++*(int *)what;
}

static void says_farewell_when_given_back(void **state)
{
	int first = 0, second = 0;
	struct arena a;

	(void)state;
	arena_init(&a, 4096);
	assert_true(arena_defer(&a, count_farewell, &first));
	assert_true(arena_defer(&a, count_farewell, &second));
	assert_int_equal(first + second, 0);
	arena_reset(&a);
	assert_int_equal(first, 1);
	assert_int_equal(second, 1);
	arena_fini(&a);
	assert_int_equal(first, 1);
	arena_init(&a, 0);
	assert_false(arena_defer(&a, count_farewell, &first));
	arena_fini(&a);
	assert_int_equal(first, 1);
}

static void wipes_what_is_given_back(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 4096);
	a.wipes = true;
	assert_string_equal(arena_cstr(&a, STR("secret")), "secret");
	faults_left = 1;
	arena_reset(&a);
	assert_int_equal(faults_left, 0);
	assert_string_equal(arena_cstr(&a, STR("again")), "again");
	faults_left = 1;
	arena_fini(&a);
	assert_int_equal(faults_left, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeroed_aligned_memory),
		cmocka_unit_test(refuses_beyond_its_limit_and_lives_on),
		cmocka_unit_test(refuses_a_product_that_wraps),
		cmocka_unit_test(copies_and_prints),
		cmocka_unit_test(says_farewell_when_given_back),
		cmocka_unit_test(wipes_what_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
