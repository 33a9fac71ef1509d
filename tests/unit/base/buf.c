/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/buf.c: growth, the maximum, the failure that stays. */
#include "base/buf.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "../faults.h"

static void look_and_free(void *p);

FAULT(free, void, look_and_free(p), (void *p), (p))

static size_t freed_bytes;

/* The first @freed_bytes of what is freed are zero. */
static void look_and_free(void *p)
{
	size_t i;

	for (i = 0; i < freed_bytes; i++)
		assert_int_equal(((char *)p)[i], 0);
	__real_free(p);
}

static void holds_what_is_added_in_order(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_add_lit(&b, "ab");
	buf_add_char(&b, 'c');
	buf_add_u64(&b, 18446744073709551615u);
	buf_addf(&b, "-%d", 7);
	assert_true(str_eq(buf_str(&b), STR("abc18446744073709551615-7")));
	buf_consume(&b, 3);
	assert_true(str_eq(buf_str(&b), STR("18446744073709551615-7")));
	buf_fini(&b);
}

static void takes_exactly_its_maximum(void **state)
{
	char bytes[1000] = { 0 };
	struct buf b;

	(void)state;
	buf_init(&b, sizeof(bytes));
	buf_add(&b, (struct str){ bytes, sizeof(bytes) });
	assert_false(b.failed);
	buf_add_char(&b, 'x');
	assert_true(b.failed);
	assert_int_equal(buf_len(&b), sizeof(bytes));
	buf_fini(&b);
}

static void failure_stays_until_cleared(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_add_lit(&b, "12345");
	buf_add_lit(&b, "1");
	assert_true(b.failed);
	assert_int_equal(buf_len(&b), 0);
	buf_clear(&b);
	buf_add_lit(&b, "1234");
	assert_false(b.failed);
	buf_fini(&b);
}

static void reuses_the_room_of_what_was_consumed(void **state)
{
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 300);
	for (i = 0; i < 10000; i++) {
		buf_add_lit(&b, "0123456789");
		buf_consume(&b, 9);
		buf_consume(&b, 1);
		buf_add_lit(&b, "x");
		if (i)
			buf_consume(&b, 1);
	}
	assert_false(b.failed);
	assert_int_equal(buf_len(&b), 1);
	buf_fini(&b);
}

/* Whatever happens to what is held, nothing of it stays behind. */
static void nothing_can_be_consumed_of_nothing(void **state)
{
	struct buf b = { .max = 8 };

	(void)state;
	buf_consume(&b, 0);
	assert_int_equal(buf_len(&b), 0);
	buf_fini(&b);
}

static void wipes_what_is_not_held_any_more(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 4096);
	b.wipes = true;
	buf_add_lit(&b, "secret");
	freed_bytes = b.cap;
	faults_left = 1;
	buf_reserve(&b, b.cap);
	assert_int_equal(faults_left, 0);
	assert_true(str_eq(buf_str(&b), STR("secret")));
	buf_consume(&b, 5);
	assert_memory_equal(b.p, "\0\0\0\0\0t", 6);
	buf_reserve(&b, b.cap - 1);
	assert_memory_equal(b.p, "t\0\0\0\0\0", 6);
	buf_clear(&b);
	assert_int_equal(b.p[0], 0);
	buf_add_lit(&b, "again");
	freed_bytes = b.cap;
	faults_left = 1;
	buf_fini(&b);
	assert_int_equal(faults_left, 0);
	assert_true(b.wipes);
	/* Others do not pay for it. */
	buf_init(&b, 64);
	buf_add_lit(&b, "public");
	buf_clear(&b);
	for (i = 0; i < 6; i++)
		assert_int_equal(b.p[i], "public"[i]);
	buf_fini(&b);
}

static void takes_memory_that_came_back(void **state)
{
	struct reuse r = { 0 };
	struct buf a, b;

	(void)state;
	buf_init(&a, 1000);
	a.reuse = &r;
	buf_add_lit(&a, "one");
	buf_reserve(&a, 500);
	assert_true(str_eq(buf_str(&a), STR("one")));
	b = a; /* who takes a buffer over takes its origin too */
	buf_init(&a, 1000);
	buf_fini(&b);
	assert_ptr_equal(b.reuse, &r);
	buf_add_lit(&b, "two");
	assert_true(str_eq(buf_str(&b), STR("two")));
	buf_fini(&b);
	reuse_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_what_is_added_in_order),
		cmocka_unit_test(takes_exactly_its_maximum),
		cmocka_unit_test(failure_stays_until_cleared),
		cmocka_unit_test(reuses_the_room_of_what_was_consumed),
		cmocka_unit_test(nothing_can_be_consumed_of_nothing),
		cmocka_unit_test(wipes_what_is_not_held_any_more),
		cmocka_unit_test(takes_memory_that_came_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
