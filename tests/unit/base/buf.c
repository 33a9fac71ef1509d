/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/buf.c: growth, the maximum, the failure that stays. */
#include "base/buf.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_what_is_added_in_order),
		cmocka_unit_test(takes_exactly_its_maximum),
		cmocka_unit_test(failure_stays_until_cleared),
		cmocka_unit_test(reuses_the_room_of_what_was_consumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
