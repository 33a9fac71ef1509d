/* SPDX-License-Identifier: Apache-2.0 */
/* Names are found by those who may know them, as long as they are there. */
#include "model/name.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { NETWORK = 1, SERVICES = 60 };

struct fixture {
	struct snapshot *s;
	struct snap_vpc in, out;
};

/* Services 1 to 59, all but 7 in the network of the one VPC; the other is in none. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct snap_network *n = part_new(sizeof(*n), 1 << 16);
	uint32_t i;

	f->s = snapshot_new(1, &pool_default);
	n->members = arena_new(&n->part.arena, uint64_t, 1);
	n->members[0] = ~(UINT64_C(1) << 7);
	n->word_count = 1;
	assert_int_equal(shelf_set(&f->s->networks, NETWORK, &n->part), 0);
	f->in.network = NETWORK;
	for (i = 1; i < SERVICES; i++) {
		struct snap_service *s = part_new(sizeof(*s), 1 << 12);

		assert_int_equal(shelf_set(&f->s->services, i, &s->part), 0);
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	snapshot_put(f->s);
	free(f);
	return 0;
}

static uint32_t find(const struct fixture *f, const struct snap_vpc *v, const char *name)
{
	const struct snap_name *n = name_find(f->s, v, str_of(name));

	return n ? n->service : 0;
}

static void names_are_kept_in_lower_case_without_a_last_dot(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(name_add(&f->s->names, STR("Shop.Example.COM."), 3, true), 0);
	assert_int_equal(name_add(&f->s->names, STR(""), 4, true), 0);
	assert_int_equal(find(f, &f->in, "shop.example.com"), 3);
	assert_true(name_find(f->s, &f->in, STR("shop.example.com"))->is_alias);
	assert_int_equal(find(f, &f->in, ""), 0);
	assert_int_equal(find(f, &f->out, "shop.example.com"), 0);
	assert_int_equal(name_remove(&f->s->names, STR("SHOP.example.com"), 3), 0);
	assert_int_equal(find(f, &f->in, "shop.example.com"), 0);
}

static void the_lowest_number_in_reach_has_a_name_that_several_have(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(name_add(&f->s->names, STR("a.com"), 9, true), 0);
	assert_int_equal(name_add(&f->s->names, STR("a.com"), 5, true), 0);
	assert_int_equal(name_add(&f->s->names, STR("a.com"), 7, true), 0);
	assert_int_equal(find(f, &f->in, "a.com"), 5);
	assert_int_equal(name_remove(&f->s->names, STR("a.com"), 5), 0);
	assert_int_equal(find(f, &f->in, "a.com"), 9);
	assert_int_equal(name_remove(&f->s->names, STR("a.com"), 9), 0);
	assert_int_equal(find(f, &f->in, "a.com"), 0); /* 7 is in another network */
}

static void an_older_snapshot_keeps_its_names(void **state)
{
	struct fixture *f = *state;
	struct shelf before = { 0 };
	char name[16];
	uint32_t i;

	for (i = 1; i < SERVICES; i++) {
		snprintf(name, sizeof(name), "s%u.com", i);
		assert_int_equal(name_add(&f->s->names, str_of(name), i, false), 0);
	}
	assert_int_equal(shelf_copy(&before, &f->s->names), 0);
	for (i = 1; i < SERVICES; i += 2) {
		snprintf(name, sizeof(name), "s%u.com", i);
		assert_int_equal(name_remove(&f->s->names, str_of(name), i), 0);
		assert_int_equal(find(f, &f->in, name), 0);
	}
	shelf_fini(&f->s->names);
	f->s->names = before;
	for (i = 1; i < SERVICES; i++) {
		snprintf(name, sizeof(name), "s%u.com", i);
		assert_int_equal(find(f, &f->in, name), i == 7 ? 0 : i);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(names_are_kept_in_lower_case_without_a_last_dot),
		CASE(the_lowest_number_in_reach_has_a_name_that_several_have),
		CASE(an_older_snapshot_keeps_its_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
