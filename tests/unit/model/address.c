/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a number has, in the default pool and in a small one. */
#include "model/address.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct pool small = {
	.addr.s_addr = NET32(0x0a080700),
	.bits = 30,
	.addr6.s6_addr = { 0xfd, 0, 0x0e, 0xc2, 0, 0x80 },
	.bits6 = 64,
};

static void assert_addresses(const struct pool *pool, uint32_t number, const char *v4,
			     const char *v6)
{
	struct sock_addr a4 = address_v4(pool, number), a6 = address_v6(pool, number);
	char text[SOCK_ADDR_TEXT_MAX];

	assert_true(str_eq(sock_addr_write_ip(&a4, text), str_of(v4)));
	assert_true(str_eq(sock_addr_write_ip(&a6, text), str_of(v6)));
	assert_true(address_in_pool(pool, &a4));
	assert_true(address_in_pool(pool, &a6));
}

static void first_numbers_have_their_own_addresses(void **state)
{
	(void)state;
	assert_int_equal(address_own_max(&pool_default), 254);
	assert_addresses(&pool_default, 1, "169.254.171.1", "fd00:ec2:80::a9fe:ab01");
	assert_addresses(&pool_default, 254, "169.254.171.254", "fd00:ec2:80::a9fe:abfe");
	assert_int_equal(address_own_max(&small), 2);
	assert_addresses(&small, 2, "10.8.7.2", "fd00:ec2:80::a08:702");
}

static void later_numbers_share_ipv4_alone(void **state)
{
	(void)state;
	assert_addresses(&pool_default, 255, "169.254.171.1", "fd00:ec2:80::1:a9fe:ab01");
	assert_addresses(&pool_default, 10000, "169.254.171.94", "fd00:ec2:80::27:a9fe:ab5e");
	assert_addresses(&small, 3, "10.8.7.1", "fd00:ec2:80::1:a08:701");
	assert_addresses(&small, ADDRESS_NUMBER_MAX, "10.8.7.2", "fd00:ec2:80:0:7:a11f:a08:702");
}

static void a_pool_ends_where_its_prefix_does(void **state)
{
	struct sock_addr a;

	(void)state;
	assert_int_equal(sock_addr_parse(STR("169.254.171.255"), &a), 0);
	assert_true(address_in_pool(&pool_default, &a));
	assert_int_equal(sock_addr_parse(STR("169.254.172.0"), &a), 0);
	assert_false(address_in_pool(&pool_default, &a));
	assert_int_equal(sock_addr_parse(STR("10.8.7.4"), &a), 0);
	assert_false(address_in_pool(&small, &a));
	assert_int_equal(sock_addr_parse(STR("fd00:ec2:80:1::1"), &a), 0);
	assert_false(address_in_pool(&small, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_numbers_have_their_own_addresses),
		cmocka_unit_test(later_numbers_share_ipv4_alone),
		cmocka_unit_test(a_pool_ends_where_its_prefix_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
