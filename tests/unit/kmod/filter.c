/* SPDX-License-Identifier: Apache-2.0 */
/* kmod/filter.c beside rules read bit by bit. */
#include "kernel.h"

#include "../../../kmod/filter.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { RULES = 8 };

static bool bit(const struct in6_addr *a, int i)
{
	return a->s6_addr[i / 8] >> (7 - i % 8) & 1;
}

static bool model_admits(const struct lattice_filter *f, const struct in6_addr *saddr, u16 port)
{
	u32 i;

	for (i = 0; i < f->count; i++) {
		const struct lattice_rule *r = &f->rules[i];
		int b = 0;

		if (port < r->port_min || port > r->port_max)
			continue;
		if (ipv6_addr_v4mapped(&r->addr) != ipv6_addr_v4mapped(saddr))
			continue;
		while (b < r->len && bit(saddr, b) == bit(&r->addr, b))
			b++;
		if (b == r->len)
			return true;
	}
	return false;
}

/* Addresses that often share a prefix: two values a byte, in either family. */
static struct in6_addr random_addr(void)
{
	struct in6_addr a = { 0 };
	int i, from = 0;

	if (get_random_u32() & 1) {
		a.s6_addr[10] = a.s6_addr[11] = 0xff;
		from = 12;
	}
	for (i = from; i < 16; i++)
		a.s6_addr[i] = get_random_u32() % 4 ? 0x20 : 0xa1;
	return a;
}

static struct lattice_rule random_rule(void)
{
	struct lattice_rule r = { .addr = random_addr() };
	u32 from = ipv6_addr_v4mapped(&r.addr) ? 96 : 0;
	u32 b;

	r.len = (u8)(from + get_random_u32() % (129 - from));
	for (b = r.len; b < 128; b++)
		r.addr.s6_addr[b / 8] &= (u8) ~(0x80 >> b % 8);
	r.port_min = (u16)(get_random_u32() % 4);
	r.port_max = (u16)(r.port_min + get_random_u32() % 4);
	return r;
}

static void answers_as_rules_read_bit_by_bit(void **state)
{
	u32 round, i, admitted = 0, asked = 0;

	(void)state;
	for (round = 0; round < 2000; round++) {
		u32 count = get_random_u32() % (RULES + 1);
		struct lattice_filter *f = lattice_filter_alloc(RULES);

		assert_non_null(f);
		for (i = 0; i < count; i++) {
			struct lattice_rule r = random_rule();

			lattice_filter_add(f, &r);
		}
		for (i = 0; i < 50; i++) {
			struct in6_addr from = random_addr();
			u16 port = (u16)(get_random_u32() % 8);
			bool want = model_admits(f, &from, port);

			assert_int_equal(lattice_filter_admits(f, &from, cpu_to_be16(port)), want);
			admitted += want;
			asked++;
		}
		kvfree(f);
	}
	assert_true(admitted > asked / 50 && admitted < asked * 49 / 50);
}

static void admits_nobody_when_empty(void **state)
{
	struct lattice_filter *f = lattice_filter_alloc(0);
	struct in6_addr from = random_addr();

	(void)state;
	assert_false(lattice_filter_admits(f, &from, cpu_to_be16(80)));
	kvfree(f);
}

static void rules_of_one_family_do_not_admit_the_other(void **state)
{
	struct lattice_filter *f = lattice_filter_alloc(1);
	struct lattice_rule all6 = { .port_max = 65535 };
	struct in6_addr mapped = { .s6_addr = { [10] = 0xff, [11] = 0xff, [15] = 1 } };
	struct in6_addr six = { .s6_addr = { 0x20, 1 } };

	(void)state;
	lattice_filter_add(f, &all6);
	assert_false(lattice_filter_admits(f, &mapped, cpu_to_be16(80)));
	assert_true(lattice_filter_admits(f, &six, cpu_to_be16(80)));
	kvfree(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_rules_read_bit_by_bit),
		cmocka_unit_test(admits_nobody_when_empty),
		cmocka_unit_test(rules_of_one_family_do_not_admit_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
