/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/dns/resolv_conf.c. */
#include "dns/resolv_conf.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void is(const char *text, const char *const *addrs)
{
	char got[SOCK_ADDR_TEXT_MAX];
	struct resolvers r;
	unsigned i;

	resolv_conf_parse(str_of(text), &r);
	for (i = 0; addrs[i]; i++) {
		assert_true(i < r.count);
		assert_string_equal(sock_addr_write(&r.at[i], got).p, addrs[i]);
	}
	assert_int_equal(r.count, i);
}

#define IS(text, ...) is(text, (const char *const[]){ __VA_ARGS__, NULL })

static void takes_three_servers_and_passes_over_the_rest(void **state)
{
	(void)state;
	IS("# c\nsearch a.b\nnameserver 10.0.0.1\n nameserver 10.0.0.9\nnameserver\t ::1 # x\r\n"
	   "nameservers 10.0.0.8\nnameserver nonsense\nnameserver 10.0.0.2\nnameserver 10.0.0.3",
	   "10.0.0.1:53", "[::1]:53", "10.0.0.2:53");
}

static void none_means_the_local_host(void **state)
{
	(void)state;
	IS("", "127.0.0.1:53");
	IS("nameserver", "127.0.0.1:53");
	IS("nameserver \n", "127.0.0.1:53");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_three_servers_and_passes_over_the_rest),
		cmocka_unit_test(none_means_the_local_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
