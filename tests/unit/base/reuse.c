/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/reuse.c: what comes back is given out again, and no more than a limit is kept.
 */
#include "base/reuse.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

#include "../faults.h"

FAULT(malloc, void *, NULL, (size_t n), (n))

static bool is_filled(const char *p, size_t n, char c)
{
	while (n--) {
		if (p[n] != c)
			return false;
	}
	return true;
}

static void gives_out_what_came_back(void **state)
{
	struct reuse p = { 0 };
	char *a = reuse_alloc(&p, 100), *b = reuse_alloc(&p, 100);

	(void)state;
	assert_ptr_not_equal(a, b);
	memset(a, 'a', 100);
	memset(b, 'b', 100);
	assert_true(is_filled(a, 100, 'a'));
	reuse_free(&p, a);
	if (REUSE_KEEPS) {
		void *other = reuse_alloc(&p, 65), *larger = reuse_alloc(&p, 129);

		assert_ptr_equal(other, a);
		assert_ptr_not_equal(larger, a);
		assert_int_equal(p.kept_bytes, 0);
		reuse_free(&p, other);
		reuse_free(&p, larger);
		assert_int_equal(p.kept_bytes, 128 + 192);
	}
	reuse_free(&p, b);
	reuse_free(&p, NULL);
	reuse_fini(&p);
	assert_int_equal(p.kept_bytes, 0);
}

/* Ask for twice as many blocks of @size as may be kept, and give them back. Returns what is kept.
 */
static size_t keep_all(struct reuse *p, size_t size)
{
	static void *at[2 * REUSE_KEPT_BYTES_MAX / REUSE_STEP_BYTES];
	size_t count = 2 * REUSE_KEPT_BYTES_MAX / size, i;

	for (i = 0; i < count; i++)
		assert_non_null(at[i] = reuse_alloc(p, size));
	for (i = 0; i < count; i++)
		reuse_free(p, at[i]);
	return p->kept_bytes;
}

/* What @a held is not in what is given out next, where that is the same memory. */
static void wipes_what_may_be_secret(void **state)
{
	struct reuse p = { 0 };
	char *a = reuse_alloc(&p, 100), *b;

	(void)state;
	memset(a, 's', 100);
	if (!REUSE_KEEPS) {
		reuse_wipe(&p, a);
		return;
	}
	reuse_wipe(&p, a);
	b = reuse_alloc(&p, 100);
	assert_ptr_equal(a, b);
	assert_true(is_filled(b, 100, '\0'));
	memset(b, 's', 100);
	a = reuse_realloc(&p, b, 1000);
	assert_true(is_filled(a, 100, 's'));
	assert_ptr_equal(reuse_alloc(&p, 100), b);
	assert_true(is_filled(b, 100, '\0'));
	reuse_wipe(&p, NULL);
	reuse_free(&p, a);
	reuse_free(&p, b);
	reuse_fini(&p);
}

static void keeps_no_more_than_its_limit(void **state)
{
	size_t max = REUSE_KEEPS ? REUSE_KEPT_BYTES_MAX : 0;
	struct reuse p = { 0 };

	(void)state;
	assert_int_equal(keep_all(&p, REUSE_BLOCK_BYTES_MAX), max / 2);
	assert_int_equal(keep_all(&p, REUSE_LARGE_BYTES_MIN / 2), max);
	reuse_fini(&p);
	assert_int_equal(keep_all(&p, REUSE_STEP_BYTES), max);
	reuse_fini(&p);
}

static void keeps_no_large_blocks(void **state)
{
	struct reuse p = { 0 };
	char *large = reuse_alloc(&p, REUSE_BLOCK_BYTES_MAX + 1);

	(void)state;
	memset(large, 'l', REUSE_BLOCK_BYTES_MAX + 1);
	reuse_free(&p, large);
	reuse_free(&p, reuse_alloc(&p, 0));
	assert_int_equal(p.kept_bytes, 0);
	assert_null(reuse_alloc(&p, SIZE_MAX));
}

static void moves_what_grows(void **state)
{
	struct reuse p = { 0 };
	char *a = reuse_realloc(&p, NULL, 10);
	size_t n;

	(void)state;
	memset(a, 'x', 10);
	for (n = 20; n < 40000; n *= 2) {
		a = reuse_realloc(&p, a, n);
		assert_true(is_filled(a, n / 2, 'x'));
		memset(a, 'x', n);
	}
	a = reuse_realloc(&p, a, 30);
	assert_true(is_filled(a, 30, 'x'));
	reuse_free(&p, a);
	reuse_fini(&p);
}

static void leaves_what_it_has_without_memory(void **state)
{
	struct reuse p = { 0 };
	char *a = reuse_alloc(&p, 10);

	(void)state;
	memset(a, 'x', 10);
	faults_left = 1;
	assert_null(reuse_alloc(&p, 300));
	faults_left = 1;
	assert_null(reuse_realloc(&p, a, 300));
	assert_true(is_filled(a, 10, 'x'));
	reuse_free(&p, a);
	reuse_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_out_what_came_back),
		cmocka_unit_test(wipes_what_may_be_secret),
		cmocka_unit_test(keeps_no_more_than_its_limit),
		cmocka_unit_test(keeps_no_large_blocks),
		cmocka_unit_test(moves_what_grows),
		cmocka_unit_test(leaves_what_it_has_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
