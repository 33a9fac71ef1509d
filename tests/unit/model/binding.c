/* SPDX-License-Identifier: Apache-2.0 */
/* What a client that connected to an address wants. */
#include "model/binding.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { NETWORK = 1 };

/* Two addresses, 10.0.0.1 and 10.0.0.2: numbers 1, 3 and 5 share the first. */
static struct pool pool = { .bits = 30, .addr6.s6_addr = { 0xfd, 0, 0x0e, 0xc2, 0, 0x80 } };
static const uint8_t pool_bytes[4] = { 10, 0, 0, 0 };

struct fixture {
	struct snapshot *s;
	struct snap_vpc vpc;
};

static struct snap_service *add(struct fixture *f, uint32_t number, const char *name, uint16_t port)
{
	struct snap_service *s = part_new(sizeof(*s), 1 << 16);

	assert_non_null(s);
	s->index = number;
	s->dns_name = str_of(name);
	s->listeners = arena_new(&s->part.arena, struct snap_listener, 1);
	s->listeners->port = port;
	s->listener_count = 1;
	assert_int_equal(shelf_set(&f->s->services, number, &s->part), 0);
	return s;
}

/* 1 cart and 3 shop on port 80 of one address, 5 alone on port 81, 2 on another address; 4 is in
 * no network. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct snap_network *n = part_new(sizeof(*n), 1 << 16);

	memcpy(&pool.addr, pool_bytes, sizeof(pool_bytes));
	f->s = snapshot_new(1, &pool);
	f->vpc.network = NETWORK;
	add(f, 1, "cart.on.aws", 80);
	add(f, 2, "two.on.aws", 80);
	add(f, 3, "shop.on.aws", 80)->domain = STR("www.example.com");
	add(f, 4, "four.on.aws", 80);
	add(f, 5, "five.on.aws", 81);
	n->members = arena_new(&n->part.arena, uint64_t, 1);
	n->members[0] = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 7;
	n->word_count = 1;
	assert_int_equal(shelf_set(&f->s->networks, NETWORK, &n->part), 0);
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

/* The number of the service that is found behind @ip and @port for @host, or 0. */
static unsigned find(struct fixture *f, const char *ip, uint16_t port, const char *host)
{
	struct sock_addr addr;
	struct binding b;

	assert_int_equal(sock_addr_parse(str_of(ip), &addr), 0);
	addr.port = port;
	if (!binding_find(f->s, &f->vpc, &addr, str_of(host), &b))
		return 0;
	assert_int_equal(b.listener->port, port);
	return b.service->index;
}

static void who_is_alone_at_an_address_needs_no_name(void **state)
{
	assert_int_equal(find(*state, "10.0.0.2", 80, ""), 2);
	assert_int_equal(find(*state, "10.0.0.2", 80, "shop.on.aws"), 2);
	assert_int_equal(find(*state, "10.0.0.1", 81, "x"), 5);
	assert_int_equal(find(*state, "fd00:ec2:80::a00:1", 80, "x"), 1);
	assert_int_equal(find(*state, "fd00:ec2:80::1:a00:1", 80, "cart.on.aws"), 3);
}

static void among_several_the_host_decides(void **state)
{
	assert_int_equal(find(*state, "10.0.0.1", 80, "cart.on.aws"), 1);
	assert_int_equal(find(*state, "10.0.0.1", 80, "CART.on.AWS."), 1);
	assert_int_equal(find(*state, "10.0.0.1", 80, "shop.on.aws"), 3);
	assert_int_equal(find(*state, "10.0.0.1", 80, "www.Example.com"), 3);
	assert_int_equal(find(*state, "10.0.0.1", 80, "10.0.0.1"), 0);
	assert_int_equal(find(*state, "10.0.0.1", 80, "five.on.aws"), 0);
	assert_int_equal(find(*state, "10.0.0.1", 80, ""), 0);
	assert_int_equal(find(*state, "10.0.0.1", 80, "."), 0);
}

static void nobody_is_where_nothing_is_bound(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(find(f, "10.0.0.3", 80, "cart.on.aws"), 0);
	assert_int_equal(find(f, "10.0.0.0", 80, "cart.on.aws"), 0);
	assert_int_equal(find(f, "10.0.0.2", 81, "two.on.aws"), 0);
	assert_int_equal(find(f, "fd00:ec2:80::1:a00:2", 80, "four.on.aws"), 0);
	assert_int_equal(find(f, "fd00:ec2:80::3:a00:1", 80, "x"), 0);
	assert_int_equal(find(f, "fd00:ec2:80:0:ffff:ffff:a00:2", 80, "x"), 0);
	f->vpc.network = 0;
	assert_int_equal(find(f, "10.0.0.2", 80, "two.on.aws"), 0);
	f->vpc.network = NETWORK + 1;
	assert_int_equal(find(f, "10.0.0.2", 80, "two.on.aws"), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(who_is_alone_at_an_address_needs_no_name),
		CASE(among_several_the_host_decides),
		CASE(nobody_is_where_nothing_is_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
