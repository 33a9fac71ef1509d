/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/steer/table.c: a table is whole or it is nothing. */
#include "steer/table.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int begin(struct table *t, uint64_t generation, uint32_t count, uint32_t rules)
{
	const struct link_msg m = {
		.generation = generation, .count = count, .has_filter = 1, .rule_count = rules
	};

	return table_begin(t, &m);
}

static void is_whole_when_all_that_was_announced_is_there(void **state)
{
	struct link_binding b[2] = { { .service = 1 }, { .service = 2 } };
	struct table t = { 0 };

	(void)state;
	assert_int_equal(begin(&t, 7, 2, 0), 0);
	assert_false(table_is_whole(&t, 7));
	assert_int_equal(table_add(&t, b, 1), 0);
	assert_int_equal(table_add(&t, b + 1, 1), 0);
	assert_false(table_is_whole(&t, 8));
	assert_true(table_is_whole(&t, 7));
	assert_int_equal(t.bindings[1].service, 2);
	table_fini(&t);
}

static void an_empty_table_is_whole_at_once(void **state)
{
	struct table t = { 0 };

	(void)state;
	assert_false(table_is_whole(&t, 0));
	assert_int_equal(begin(&t, 1, 0, 0), 0);
	assert_true(table_is_whole(&t, 1));
	table_fini(&t);
}

static void refuses_more_than_was_announced(void **state)
{
	struct link_binding b[2] = { 0 };
	struct table t = { 0 };

	(void)state;
	assert_int_equal(table_add(&t, b, 1), -EPROTO);
	assert_int_equal(begin(&t, 1, LATTICE_BINDINGS_MAX + 1, 0), -E2BIG);
	assert_int_equal(begin(&t, 1, 1, 0), 0);
	assert_int_equal(table_add(&t, b, 2), -EPROTO);
	assert_int_equal(table_add(&t, b, 1), 0);
	assert_int_equal(table_add(&t, b, 1), -EPROTO);
	table_fini(&t);
}

static void rules_are_a_part_of_the_whole(void **state)
{
	struct ingress r[2] = { { .port_min = 1 }, { .port_min = 2 } };
	struct table t = { 0 };

	(void)state;
	assert_int_equal(table_add_rules(&t, r, 1), -EPROTO);
	assert_int_equal(begin(&t, 1, 0, LATTICE_FILTER_RULES_MAX + 1), -E2BIG);
	assert_int_equal(begin(&t, 1, 0, 2), 0);
	assert_true(t.has_filter);
	assert_int_equal(table_add_rules(&t, r, 1), 0);
	assert_false(table_is_whole(&t, 1));
	assert_int_equal(table_add_rules(&t, r, 2), -EPROTO);
	assert_int_equal(table_add_rules(&t, r + 1, 1), 0);
	assert_true(table_is_whole(&t, 1));
	assert_int_equal(t.rules[1].port_min, 2);
	table_fini(&t);
}

static void moving_leaves_the_source_empty(void **state)
{
	struct table from = { 0 }, to = { 0 };

	(void)state;
	assert_int_equal(begin(&to, 1, 3, 0), 0);
	assert_int_equal(begin(&from, 2, 0, 0), 0);
	table_move(&to, &from);
	assert_true(table_is_whole(&to, 2));
	assert_false(from.is_open);
	table_fini(&to);
}

static struct link_binding entry(uint32_t ip, uint16_t port, uint32_t service)
{
	return (struct link_binding){ { .family = AF_INET, .port = port, .v4.s_addr = htonl(ip) },
				      service };
}

static void fill(struct table *t, uint64_t generation, uint64_t base,
		 const struct link_binding *bindings, uint32_t count)
{
	const struct link_msg m = { .generation = generation, .base = base, .count = count };

	assert_int_equal(table_begin(t, &m), 0);
	assert_int_equal(table_add(t, bindings, count), 0);
	assert_true(table_is_whole(t, generation));
	table_sort(t);
}

static void a_change_takes_adds_and_replaces(void **state)
{
	const struct link_binding before[] = { entry(9, 80, 1), entry(1, 80, 2), entry(1, 79, 3) };
	const struct link_binding changes[] = {
		entry(20, 80, 5),
		entry(1, 80, LINK_SERVICE_NONE),
		entry(9, 80, 7),
		entry(4, 80, LINK_SERVICE_NONE), /* is not there */
		entry(1, 80, LINK_SERVICE_NONE), /* twice */
	};
	struct table old = { 0 }, change = { 0 }, next = { 0 };

	(void)state;
	fill(&old, 7, 0, before, 3);
	fill(&change, 8, 7, changes, 5);
	assert_int_equal(table_change(&change, &old, &next), 0);
	assert_int_equal(next.generation, 8);
	assert_int_equal(next.count, 3);
	assert_int_equal(next.bindings[0].service, 3);
	assert_int_equal(next.bindings[1].service, 7);
	assert_int_equal(next.bindings[2].service, 5);
	assert_int_equal(change.count, 3);
	table_fini(&next);
	change.base = 6;
	assert_int_equal(table_change(&change, &old, &next), -ESTALE);
	assert_null(next.bindings);
	table_fini(&change);
	table_fini(&old);
}

static void only_a_change_takes_something_away(void **state)
{
	const struct link_binding gone = entry(1, 80, LINK_SERVICE_NONE);
	struct table t = { 0 };

	(void)state;
	assert_int_equal(begin(&t, 1, 1, 0), 0);
	assert_int_equal(table_add(&t, &gone, 1), -EPROTO);
	table_fini(&t);
}

static void a_filter_outlives_changes(void **state)
{
	const struct link_binding one = entry(1, 80, 1), two = entry(2, 80, 2);
	const struct ingress rule = { .port_min = 5 };
	struct table old = { 0 }, change = { 0 }, next = { 0 };

	(void)state;
	assert_int_equal(begin(&old, 1, 1, 1), 0);
	assert_int_equal(table_add(&old, &one, 1), 0);
	assert_int_equal(table_add_rules(&old, &rule, 1), 0);
	fill(&change, 2, 1, &two, 1);
	assert_int_equal(table_change(&change, &old, &next), 0);
	assert_true(next.has_filter);
	assert_int_equal(next.rule_count, 1);
	assert_int_equal(next.rules[0].port_min, 5);
	table_fini(&next);
	table_fini(&change);
	table_fini(&old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_whole_when_all_that_was_announced_is_there),
		cmocka_unit_test(an_empty_table_is_whole_at_once),
		cmocka_unit_test(refuses_more_than_was_announced),
		cmocka_unit_test(rules_are_a_part_of_the_whole),
		cmocka_unit_test(a_change_takes_adds_and_replaces),
		cmocka_unit_test(only_a_change_takes_something_away),
		cmocka_unit_test(a_filter_outlives_changes),
		cmocka_unit_test(moving_leaves_the_source_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
