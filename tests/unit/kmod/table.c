/* SPDX-License-Identifier: Apache-2.0 */
/* kmod/table.c beside a table so simple that it is surely right. */
#include "kernel.h"

#include "../../../kmod/filter.h"
#include "../../../kmod/table.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MODEL_MAX = 20000, SERVICES = 64 };

static struct lattice_service services[SERVICES];

/* The module's count of users, without the memory. */
void lattice_service_put(struct lattice_net *ln, struct lattice_service *service)
{
	(void)ln;
	assert_true(service->users > 0);
	service->users--;
}

static u32 users(void)
{
	u32 i, n = 0;

	for (i = 0; i < SERVICES; i++)
		n += services[i].users;
	return n;
}

struct model {
	struct lattice_entry at[MODEL_MAX];
	u32 count;
};

static const struct lattice_entry *model_find(const struct model *m, const struct lattice_entry *e)
{
	u32 i;

	for (i = 0; i < m->count; i++) {
		if (m->at[i].port == e->port && !memcmp(&m->at[i].addr, &e->addr, 16))
			return &m->at[i];
	}
	return NULL;
}

/* One of @keys addresses and ports, IPv4-mapped or not. */
static struct lattice_entry random_entry(u32 keys)
{
	u32 key = get_random_u32() % keys, number = get_random_u32() % SERVICES;
	struct lattice_entry e = { .service = &services[number] };

	services[number].number = number;
	if (key & 1) {
		e.addr.s6_addr[10] = e.addr.s6_addr[11] = 0xff;
		e.addr.s6_addr[12] = 169;
		e.addr.s6_addr[13] = 254;
	} else {
		e.addr.s6_addr[0] = 0xfd;
	}
	e.addr.s6_addr[14] = (u8)(key >> 8);
	e.addr.s6_addr[15] = (u8)(key >> 1);
	e.port = cpu_to_be16((u16)(1 + key / 512));
	return e;
}

/* A table and its model with @count entries out of @keys; what is refused must be so by both. */
static struct lattice_table *fill(struct model *m, u32 count, u32 keys)
{
	struct lattice_table *table = lattice_table_alloc(count);
	u32 tries = 0;

	assert_non_null(table);
	m->count = 0;
	while (m->count < count && tries++ < 20 * count) {
		struct lattice_entry e = random_entry(keys);
		bool is_there = model_find(m, &e);

		assert_int_equal(lattice_table_insert(table, &e), is_there ? -EEXIST : 0);
		if (is_there)
			continue;
		e.service->users++;
		m->at[m->count++] = e;
	}
	assert_int_equal(table->count, m->count);
	return table;
}

static void agree(const struct lattice_table *table, const struct model *m, u32 keys)
{
	u32 i;

	for (i = 0; i < 500; i++) {
		struct lattice_entry e = random_entry(keys);
		const struct lattice_entry *want = model_find(m, &e);
		const struct lattice_entry *got = lattice_table_find(table, &e.addr, e.port);

		assert_int_equal(!got, !want);
		if (got)
			assert_ptr_equal(got->service, want->service);
	}
}

static void answers_as_a_list_does(void **state)
{
	static const u32 sizes[] = { 0, 1, 2, 3, 7, 8, 9, 100, 1000, 3000 };
	struct model *m = calloc(1, sizeof(*m));
	struct lattice_net ln = { .update_lock = 1 };
	size_t i, round;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (round = 0; round < 4; round++) {
			u32 keys = 2 + sizes[i] * (u32)(1 + round);
			struct lattice_table *table = fill(m, sizes[i], keys);

			agree(table, m, 2 * keys);
			lattice_table_free(&ln, table);
			assert_int_equal(users(), 0);
		}
	}
	free(m);
}

static void answers_as_a_list_does_when_hashes_collide(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	struct lattice_net ln = { .update_lock = 1 };
	struct lattice_table *table;

	(void)state;
	for (kernel_hash_mask = 0; kernel_hash_mask < 8; kernel_hash_mask++) {
		table = fill(m, 200, 300);
		agree(table, m, 600);
		lattice_table_free(&ln, table);
	}
	kernel_hash_mask = ~0u;
	free(m);
}

static void probes_few_slots_when_full(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	struct lattice_net ln = { .update_lock = 1 };
	struct lattice_table *table = lattice_table_alloc(16384);
	u32 i, run = 0, longest = 0;

	(void)state;
	while (table->count < 16384) {
		struct lattice_entry e = random_entry(1 << 20);

		if (!lattice_table_insert(table, &e))
			e.service->users++;
	}
	assert_int_equal(table->mask + 1, 32768);
	for (i = 0; i <= table->mask; i++) {
		run = table->slots[i].port ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	assert_true(longest < 64);
	lattice_table_free(&ln, table);
	free(m);
}

static void refuses_more_than_half_full(void **state)
{
	struct lattice_net ln = { .update_lock = 1 };
	struct lattice_table *table = lattice_table_alloc(4);
	int err = 0;

	(void)state;
	while (!err) {
		struct lattice_entry e = random_entry(1 << 16);

		err = lattice_table_insert(table, &e);
		if (!err)
			e.service->users++;
	}
	assert_int_equal(err, -E2BIG);
	assert_true(table->count >= 4 && table->count <= (table->mask + 1) / 2);
	lattice_table_free(&ln, table);
	assert_int_equal(users(), 0);
}

static void lets_go_of_a_replaced_table_after_a_grace_period(void **state)
{
	struct model *m = calloc(1, sizeof(*m));
	struct lattice_net ln = { .update_lock = 1 };
	struct lattice_table *table = NULL;
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		const struct lattice_table *before = table;

		table = fill(m, 50, 100);
		if (i & 1)
			table->filter = kvzalloc(sizeof(struct lattice_filter), 0);
		lattice_table_publish(&ln, table);
		assert_ptr_equal(ln.table, table);
		assert_int_equal(users(), 50);
		/* A packet under way still reads the one before. */
		if (before)
			assert_int_equal(before->count, 50);
		kernel_end_grace_period();
	}
	lattice_table_publish(&ln, NULL);
	assert_null(ln.table);
	assert_int_equal(users(), 0);
	kernel_end_grace_period();
	free(m);
}

static void says_when_there_is_no_memory(void **state)
{
	struct lattice_net ln = { .update_lock = 1 };

	(void)state;
	kernel_fail_after = 1;
	assert_null(lattice_table_alloc(10));
	lattice_table_free(&ln, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_a_list_does),
		cmocka_unit_test(answers_as_a_list_does_when_hashes_collide),
		cmocka_unit_test(probes_few_slots_when_full),
		cmocka_unit_test(refuses_more_than_half_full),
		cmocka_unit_test(lets_go_of_a_replaced_table_after_a_grace_period),
		cmocka_unit_test(says_when_there_is_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
