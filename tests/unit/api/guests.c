/* SPDX-License-Identifier: Apache-2.0 */
/* Who has to go when too many are connected. */
#include "api/guests.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MANY = 200 };

/* Admit @n of @crowd, one after the other, and let go whoever must. */
static void admit(struct guests *g, struct guest *from, int n, enum guest_standing standing,
		  uint64_t crowd)
{
	int i;

	for (i = 0; i < n; i++) {
		struct guest *victim = guests_admit(g, &from[i], standing, crowd);

		if (victim)
			guests_leave(g, victim);
	}
}

static unsigned left_of(const struct guests *g, enum guest_standing standing, uint64_t crowd)
{
	return crowd_size(&g->by_standing[standing], crowd);
}

static void nobody_goes_while_there_is_room(void **state)
{
	struct guest at[MANY];
	struct guests g;
	unsigned i;

	(void)state;
	guests_init(&g);
	for (i = 0; i < guests_max[GUEST_UNSIGNED]; i++)
		assert_null(guests_admit(&g, &at[i], GUEST_UNSIGNED, 1));
	assert_true(guests_is_full(&g, GUEST_UNSIGNED));
	assert_false(guests_is_full(&g, GUEST_SIGNER));
}

static void a_crowd_loses_its_own(void **state)
{
	struct guest few[2], crowd[MANY];
	struct guests g;

	(void)state;
	guests_init(&g);
	admit(&g, few, 2, GUEST_UNSIGNED, 7);
	admit(&g, crowd, MANY, GUEST_UNSIGNED, 1);
	assert_int_equal(left_of(&g, GUEST_UNSIGNED, 7), 2);
	assert_int_equal(g.counts[GUEST_UNSIGNED], guests_max[GUEST_UNSIGNED]);
}

static void one_who_comes_to_a_crowd_stays(void **state)
{
	struct guest crowd[MANY], newcomer;
	struct guests g;
	struct guest *victim;

	(void)state;
	guests_init(&g);
	admit(&g, crowd, MANY, GUEST_UNSIGNED, 1);
	victim = guests_admit(&g, &newcomer, GUEST_UNSIGNED, 2);
	assert_ptr_equal(victim, &crowd[MANY - guests_max[GUEST_UNSIGNED]]);
	/* Nor do those who come after it from the crowd reach it. */
	guests_leave(&g, victim);
	victim = guests_admit(&g, &crowd[0], GUEST_UNSIGNED, 1);
	assert_ptr_equal(victim, &crowd[MANY - guests_max[GUEST_UNSIGNED] + 1]);
}

static void who_signs_counts_with_its_account(void **state)
{
	struct guest hoarder[MANY], silent[MANY], one;
	struct guests g;
	unsigned i;

	(void)state;
	guests_init(&g);
	for (i = 0; i < guests_max[GUEST_SIGNER]; i++) {
		assert_null(guests_admit(&g, &hoarder[i], GUEST_UNSIGNED, 1));
		assert_null(guests_see(&g, &hoarder[i], GUEST_SIGNER, 42));
	}
	admit(&g, silent, MANY, GUEST_UNSIGNED, 1);
	admit(&g, &one, 1, GUEST_UNSIGNED, 1);
	/* Its own account has none yet: the other's is the larger crowd. */
	assert_ptr_equal(guests_see(&g, &one, GUEST_SIGNER, 43), &hoarder[0]);
	guests_leave(&g, &hoarder[0]);
	assert_int_equal(left_of(&g, GUEST_SIGNER, 43), 1);
	assert_int_equal(g.counts[GUEST_UNSIGNED], guests_max[GUEST_UNSIGNED] - 1);
}

static void who_was_seen_last_goes_last(void **state)
{
	struct guest at[MANY];
	struct guests g;
	unsigned i;

	(void)state;
	guests_init(&g);
	for (i = 0; i < guests_max[GUEST_SIGNER]; i++)
		assert_null(guests_admit(&g, &at[i], GUEST_SIGNER, 42));
	assert_null(guests_see(&g, &at[0], GUEST_SIGNER, 42));
	assert_ptr_equal(guests_admit(&g, &at[i], GUEST_SIGNER, 42), &at[1]);
}

static void who_is_seen_never_goes_for_itself(void **state)
{
	struct guest at[MANY];
	struct guests g;
	unsigned i;

	(void)state;
	guests_init(&g);
	for (i = 0; i < guests_max[GUEST_SIGNER]; i++)
		assert_null(guests_admit(&g, &at[i], GUEST_SIGNER, i));
	assert_null(guests_admit(&g, &at[i], GUEST_UNSIGNED, 1));
	assert_ptr_equal(guests_see(&g, &at[i], GUEST_SIGNER, i), &at[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_goes_while_there_is_room),
		cmocka_unit_test(a_crowd_loses_its_own),
		cmocka_unit_test(one_who_comes_to_a_crowd_stays),
		cmocka_unit_test(who_signs_counts_with_its_account),
		cmocka_unit_test(who_was_seen_last_goes_last),
		cmocka_unit_test(who_is_seen_never_goes_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
