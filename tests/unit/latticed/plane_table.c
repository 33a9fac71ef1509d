/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of a table, and that changes come to the same as the whole table. */
#include "latticed/plane_table.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { NETWORK = 1, SERVICES = 12, ROUNDS = 300 };

/* Two addresses, so that many services share them. */
static struct pool pool = { .bits = 30, .bits6 = 64 };

static struct snap_service *new_service(uint32_t number, uint16_t port)
{
	struct snap_service *s = part_new(sizeof(*s), 1 << 12);

	assert_non_null(s);
	s->index = number;
	s->addr4 = address_v4(&pool, number);
	s->addr6 = address_v6(&pool, number);
	s->listeners = arena_new(&s->part.arena, struct snap_listener, 1);
	s->listeners->port = port;
	s->listener_count = 1;
	return s;
}

static struct snap_network *new_network(uint64_t members)
{
	struct snap_network *n = part_new(sizeof(*n), 1 << 12);

	assert_non_null(n);
	n->members = arena_new(&n->part.arena, uint64_t, 1);
	n->members[0] = members;
	n->word_count = 1;
	return n;
}

static const struct link_binding *find(const struct plane_table *t, const struct sock_addr *addr)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (sock_addr_eq(&t->at[i].addr, addr))
			return &t->at[i];
	return NULL;
}

/* @old with @changes must be @next. */
static void assert_leads_to(const struct plane_table *old, const struct plane_table *changes,
			    const struct plane_table *next)
{
	size_t i;

	for (i = 0; i < next->count; i++) {
		const struct link_binding *b = find(changes, &next->at[i].addr);

		if (!b)
			b = find(old, &next->at[i].addr);
		assert_non_null(b);
		assert_int_equal(b->service, next->at[i].service);
	}
	for (i = 0; i < old->count; i++) {
		const struct link_binding *b = find(changes, &old->at[i].addr);

		if (!find(next, &old->at[i].addr))
			assert_true(b && b->service == LINK_SERVICE_NONE);
	}
	for (i = 0; i < changes->count; i++) {
		const struct link_binding *b = find(old, &changes->at[i].addr);

		assert_int_not_equal(changes->at[i].service, b ? b->service : LINK_SERVICE_NONE);
	}
}

static uint32_t dice(uint32_t *rng, uint32_t sides)
{
	*rng = *rng * 1103515245 + 12345;
	return (*rng >> 8) % sides;
}

static struct snapshot *change_something(const struct snapshot *old, uint32_t *rng)
{
	struct snapshot *s = snapshot_new(old->generation + 1, &pool);
	uint32_t number = 1 + dice(rng, SERVICES);
	const struct snap_network *n = snapshot_find_network(old, NETWORK);

	assert_int_equal(shelf_copy(&s->services, &old->services), 0);
	assert_int_equal(shelf_copy(&s->networks, &old->networks), 0);
	if (dice(rng, 2)) {
		struct snap_network *next = new_network(n->members[0] ^ UINT64_C(1) << number);

		assert_int_equal(shelf_set(&s->networks, NETWORK, &next->part), 0);
	}
	if (dice(rng, 2)) {
		struct snap_service *next =
			dice(rng, 3) ? new_service(number, (uint16_t)(80 + dice(rng, 2))) : NULL;

		assert_int_equal(shelf_set(&s->services, number, next ? &next->part : NULL), 0);
	}
	return s;
}

static void changes_lead_from_one_table_to_the_next(void **state)
{
	struct snapshot *old = snapshot_new(1, &pool);
	uint32_t rng = 5, i;

	(void)state;
	assert_int_equal(shelf_set(&old->networks, NETWORK, &new_network(0)->part), 0);
	for (i = 0; i < ROUNDS; i++) {
		struct snapshot *next = change_something(old, &rng);
		struct plane_table before = { 0 }, changes = { 0 }, after = { 0 };

		assert_int_equal(plane_table_all(&before, old, NETWORK), 0);
		assert_int_equal(plane_table_all(&after, next, NETWORK), 0);
		assert_int_equal(plane_table_changes(&changes, old, next, NETWORK), 0);
		assert_leads_to(&before, &changes, &after);
		free(before.at);
		free(changes.at);
		free(after.at);
		snapshot_put(old);
		old = next;
	}
	snapshot_put(old);
}

static void an_address_that_is_shared_is_one_entry(void **state)
{
	struct snapshot *s = snapshot_new(1, &pool);
	struct plane_table t = { 0 };

	(void)state;
	assert_int_equal(shelf_set(&s->services, 3, &new_service(3, 80)->part), 0);
	assert_int_equal(shelf_set(&s->services, 5, &new_service(5, 80)->part), 0);
	assert_int_equal(shelf_set(&s->networks, NETWORK, &new_network(1 << 3 | 1 << 5)->part), 0);
	assert_int_equal(plane_table_all(&t, s, NETWORK), 0);
	assert_int_equal(t.count, 3); /* one of IPv4, two of IPv6 */
	free(t.at);
	t = (struct plane_table){ 0 };
	assert_int_equal(plane_table_all(&t, s, NETWORK + 1), 0);
	assert_int_equal(t.count, 0);
	snapshot_put(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_that_is_shared_is_one_entry),
		cmocka_unit_test(changes_lead_from_one_table_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
