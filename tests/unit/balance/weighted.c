/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/balance/weighted.c: shares met over any run, no bursts, weights of zero. */
#include "balance/weighted.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void shares_are_met_from_any_start(void **state)
{
	struct snap_forward f[] = { { .weight = 90 }, { .weight = 10 }, { .weight = 0 } };
	struct snap_action a = { .forward = f, .forward_count = 3, .weight_sum = 100 };
	uint32_t start, k;

	(void)state;
	for (start = 0; start < 100000; start += 9973) {
		int count[3] = { 0 };

		for (k = 0; k < 1000; k++)
			count[weighted_choose(&a, start + k) - f]++;
		assert_true(abs(count[0] - 900) <= 5);
		assert_int_equal(count[2], 0);
	}
}

static void halves_alternate_without_bursts(void **state)
{
	struct snap_forward f[] = { { .weight = 50 }, { .weight = 50 } };
	struct snap_action a = { .forward = f, .forward_count = 2, .weight_sum = 100 };
	const struct snap_forward *last = NULL;
	unsigned run = 0, k;

	(void)state;
	for (k = 0; k < 10000; k++) {
		const struct snap_forward *now = weighted_choose(&a, k);

		run = now == last ? run + 1 : 1;
		assert_true(run <= 2);
		last = now;
	}
}

static void nothing_is_chosen_when_all_weights_are_zero(void **state)
{
	struct snap_forward f[] = { { .weight = 0 } };
	struct snap_action a = { .forward = f, .forward_count = 1 };

	(void)state;
	assert_null(weighted_choose(&a, 12345));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_met_from_any_start),
		cmocka_unit_test(halves_alternate_without_bursts),
		cmocka_unit_test(nothing_is_chosen_when_all_weights_are_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
