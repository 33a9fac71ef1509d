/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/health/verdict.c: how many checks it takes. */
#include "health/verdict.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct snap_health_check check = { .healthy_threshold = 3, .unhealthy_threshold = 2 };

static void a_new_target_is_healthy_after_one_good_check(void **state)
{
	struct verdict v = { 0 };

	(void)state;
	assert_false(verdict_add(&v, &check, false));
	assert_int_equal(v.health, HEALTH_INITIAL);
	assert_true(verdict_add(&v, &check, true));
	assert_int_equal(v.health, HEALTH_HEALTHY);
}

static void a_new_target_is_unhealthy_after_the_threshold(void **state)
{
	struct verdict v = { 0 };

	(void)state;
	assert_false(verdict_add(&v, &check, false));
	assert_true(verdict_add(&v, &check, false));
	assert_int_equal(v.health, HEALTH_UNHEALTHY);
}

static void only_checks_in_a_row_count(void **state)
{
	struct verdict v = { .health = HEALTH_HEALTHY };

	(void)state;
	assert_false(verdict_add(&v, &check, false));
	assert_false(verdict_add(&v, &check, true));
	assert_false(verdict_add(&v, &check, false));
	assert_true(verdict_add(&v, &check, false));

	assert_false(verdict_add(&v, &check, true));
	assert_false(verdict_add(&v, &check, true));
	assert_false(verdict_add(&v, &check, false));
	assert_false(verdict_add(&v, &check, true));
	assert_false(verdict_add(&v, &check, true));
	assert_true(verdict_add(&v, &check, true));
	assert_int_equal(v.health, HEALTH_HEALTHY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_target_is_healthy_after_one_good_check),
		cmocka_unit_test(a_new_target_is_unhealthy_after_the_threshold),
		cmocka_unit_test(only_checks_in_a_row_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
