/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/balance/round_robin.c: even shares, whoever is out. */
#include "balance/round_robin.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { TARGETS = 5 };

struct fixture {
	struct snap_target targets[TARGETS];
	struct snap_target_group group;
	struct round_robin turns;
	unsigned seen[TARGETS];
};

static void begin(struct fixture *f)
{
	*f = (struct fixture){ .group = { .target_count = TARGETS, .serial = 1 } };
	f->group.targets = f->targets;
}

static void set_out(struct fixture *f, size_t i, bool is_out)
{
	f->targets[i].is_out = is_out;
	f->group.changes++;
}

static void take(struct fixture *f, unsigned requests)
{
	size_t i;

	for (i = 0; i < TARGETS; i++)
		f->seen[i] = 0;
	while (requests--)
		f->seen[round_robin_next(&f->turns, &f->group) - f->targets]++;
}

static void all_take_turns(void **state)
{
	struct fixture f;
	size_t i;

	(void)state;
	begin(&f);
	take(&f, 5 * TARGETS);
	for (i = 0; i < TARGETS; i++)
		assert_int_equal(f.seen[i], 5);
	round_robin_fini(&f.turns);
}

static void the_shares_of_those_that_are_out_are_spread_evenly(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	take(&f, 3);
	set_out(&f, 1, true);
	set_out(&f, 2, true);
	take(&f, 30);
	assert_int_equal(f.seen[0], 10);
	assert_int_equal(f.seen[1] + f.seen[2], 0);
	assert_int_equal(f.seen[3], 10);
	assert_int_equal(f.seen[4], 10);
	set_out(&f, 2, false);
	take(&f, 40);
	assert_int_equal(f.seen[1], 0);
	assert_int_equal(f.seen[2], 10);
	round_robin_fini(&f.turns);
}

static void all_are_used_when_all_are_out(void **state)
{
	struct fixture f;
	size_t i;

	(void)state;
	begin(&f);
	for (i = 0; i < TARGETS; i++)
		set_out(&f, i, true);
	take(&f, 2 * TARGETS);
	for (i = 0; i < TARGETS; i++)
		assert_int_equal(f.seen[i], 2);
	round_robin_fini(&f.turns);
}

static void another_version_of_the_group_is_looked_at_anew(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	set_out(&f, 0, true);
	take(&f, 8);
	f.group.serial = 2;
	f.group.target_count = 2;
	take(&f, 6);
	assert_int_equal(f.seen[0], 0);
	assert_int_equal(f.seen[1], 6);
	round_robin_fini(&f.turns);
}

static void an_empty_group_has_no_turn(void **state)
{
	struct snap_target_group none = { .target_count = 0, .serial = 1 };
	struct round_robin turns = { 0 };

	(void)state;
	assert_null(round_robin_next(&turns, &none));
	assert_null(round_robin_next(&turns, &none));
	round_robin_fini(&turns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_take_turns),
		cmocka_unit_test(the_shares_of_those_that_are_out_are_spread_evenly),
		cmocka_unit_test(all_are_used_when_all_are_out),
		cmocka_unit_test(another_version_of_the_group_is_looked_at_anew),
		cmocka_unit_test(an_empty_group_has_no_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
