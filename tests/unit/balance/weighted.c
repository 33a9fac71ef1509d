/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/balance/weighted.c: shares met over any run, no bursts, weights of zero. */
#include "balance/weighted.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void settle(struct snap_action *a)
{
	size_t i;

	for (i = 0; i < a->forward_count; i++)
		a->weight_sum += a->forward[i].weight;
	snap_action_settle(a);
}

static void shares_are_met_exactly_from_any_start(void **state)
{
	static const uint32_t weights[][3] = {
		{ 90, 10, 0 }, { 1, 999, 7 }, { 333, 333, 334 }, { 0, 0, 5 }, { 6, 4, 2 },
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(weights) / sizeof(*weights); i++) {
		struct snap_forward f[] = { { .weight = weights[i][0] },
					    { .weight = weights[i][1] },
					    { .weight = weights[i][2] } };
		struct snap_action a = { .forward = f, .forward_count = 3 };
		uint32_t start, count[3];

		settle(&a);
		for (start = 0; start < 100000; start += 9973) {
			memset(count, 0, sizeof(count));
			for (k = 0; k < a.cycle; k++)
				count[weighted_choose(&a, start + (uint32_t)k) - f]++;
			for (k = 0; k < 3; k++)
				assert_int_equal(count[k] * a.unit, weights[i][k]);
		}
	}
}

static void a_rare_choice_comes_at_even_distances(void **state)
{
	struct snap_forward f[] = { { .weight = 950 }, { .weight = 50 } };
	struct snap_action a = { .forward = f, .forward_count = 2 };
	uint32_t k, last = 0;

	(void)state;
	settle(&a);
	for (k = 0; k < 1000; k++) {
		if (weighted_choose(&a, k) == &f[0])
			continue;
		assert_true(!last || k - last == 20);
		last = k;
	}
	assert_true(last > 900);
}

static void halves_alternate_without_bursts(void **state)
{
	struct snap_forward f[] = { { .weight = 50 }, { .weight = 50 } };
	struct snap_action a = { .forward = f, .forward_count = 2 };
	const struct snap_forward *last = NULL;
	unsigned run = 0, k;

	(void)state;
	settle(&a);
	for (k = 0; k < 10000; k++) {
		const struct snap_forward *now = weighted_choose(&a, k);

		run = now == last ? run + 1 : 1;
		assert_true(run <= 2);
		last = now;
	}
}

static void nothing_is_chosen_when_all_weights_are_zero(void **state)
{
	struct snap_forward f[] = { { .weight = 0 }, { .weight = 0 } };
	struct snap_action a = { .forward = f, .forward_count = 1 };

	(void)state;
	assert_null(weighted_choose(&a, 12345));
	a.forward_count = 2;
	settle(&a);
	assert_null(weighted_choose(&a, 12345));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_met_exactly_from_any_start),
		cmocka_unit_test(a_rare_choice_comes_at_even_distances),
		cmocka_unit_test(halves_alternate_without_bursts),
		cmocka_unit_test(nothing_is_chosen_when_all_weights_are_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
