/* SPDX-License-Identifier: Apache-2.0 */
/* What a client that connected to an address wants. */
#include "model/snapshot.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct snap_service cart = { .index = 0, .dns_name = { "cart.on.aws", 11 } };
static struct snap_service shop = { .index = 1,
				    .dns_name = { "shop.on.aws", 11 },
				    .domain = { "www.example.com", 15 } };

static struct sock_addr at(const char *ip, uint16_t port)
{
	struct sock_addr a;

	assert_int_equal(sock_addr_parse(str_of(ip), &a), 0);
	a.port = port;
	return a;
}

/* The service that is found behind @ip and @port for @host, or NULL. */
static const struct snap_service *find(const char *ip, uint16_t port, const char *host)
{
	struct snap_binding bindings[] = {
		{ at("10.0.0.1", 80), &shop, NULL },	   { at("10.0.0.1", 80), &cart, NULL },
		{ at("10.0.0.1", 81), &shop, NULL },	   { at("10.0.0.2", 80), &cart, NULL },
		{ at("fd00:ec2:80::1", 80), &cart, NULL },
	};
	struct snap_vpc v = { .bindings = bindings, .binding_count = 5 };
	struct sock_addr addr = at(ip, port);
	const struct snap_binding *b;

	qsort(bindings, v.binding_count, sizeof(*bindings), snap_binding_cmp);
	b = snap_vpc_find_binding(&v, &addr, str_of(host));
	return b ? b->service : NULL;
}

static void who_is_alone_at_an_address_needs_no_name(void **state)
{
	(void)state;
	assert_ptr_equal(find("10.0.0.2", 80, ""), &cart);
	assert_ptr_equal(find("10.0.0.2", 80, "shop.on.aws"), &cart);
	assert_ptr_equal(find("fd00:ec2:80::1", 80, "x"), &cart);
	assert_ptr_equal(find("10.0.0.1", 81, "x"), &shop);
}

static void among_several_the_host_decides(void **state)
{
	(void)state;
	assert_ptr_equal(find("10.0.0.1", 80, "cart.on.aws"), &cart);
	assert_ptr_equal(find("10.0.0.1", 80, "CART.on.AWS."), &cart);
	assert_ptr_equal(find("10.0.0.1", 80, "shop.on.aws"), &shop);
	assert_ptr_equal(find("10.0.0.1", 80, "www.Example.com"), &shop);
	assert_null(find("10.0.0.1", 80, "10.0.0.1"));
	assert_null(find("10.0.0.1", 80, ""));
	assert_null(find("10.0.0.1", 80, "."));
}

static void nobody_is_where_nothing_is_bound(void **state)
{
	struct snap_vpc empty = { 0 };
	struct sock_addr addr = at("10.0.0.1", 80);

	(void)state;
	assert_null(find("10.0.0.3", 80, "cart.on.aws"));
	assert_null(find("10.0.0.0", 80, "cart.on.aws"));
	assert_null(find("10.0.0.2", 81, "cart.on.aws"));
	assert_null(snap_vpc_find_binding(&empty, &addr, STR("cart.on.aws")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_alone_at_an_address_needs_no_name),
		cmocka_unit_test(among_several_the_host_decides),
		cmocka_unit_test(nobody_is_where_nothing_is_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
