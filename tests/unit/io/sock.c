/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/io/sock.c: addresses to text and back, and to the kernel and back. */
#include "io/sock.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void addresses_survive_the_kernel_s_form(void **state)
{
	static const char *const texts[] = { "10.0.0.1", "255.255.255.255", "::1", "fd00::1:2",
					     "2001:db8::ffff" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		char text[SOCK_ADDR_TEXT_MAX];
		struct sockaddr_storage os;
		struct sock_addr a, b;

		assert_int_equal(sock_addr_parse(str_of(texts[i]), &a), 0);
		a.port = 8080;
		assert_true(sock_addr_to_os(&a, &os) > 0);
		assert_int_equal(sock_addr_from_os(&os, &b), 0);
		assert_true(sock_addr_eq(&a, &b));
		assert_true(str_eq(sock_addr_write_ip(&b, text), str_of(texts[i])));
		b.port = 8081;
		assert_false(sock_addr_eq(&a, &b));
	}
}

static void ports_are_written_with_brackets_where_needed(void **state)
{
	char text[SOCK_ADDR_TEXT_MAX];
	struct sock_addr a;

	(void)state;
	assert_int_equal(sock_addr_parse(STR("10.0.0.1"), &a), 0);
	a.port = 80;
	assert_true(str_eq(sock_addr_write(&a, text), STR("10.0.0.1:80")));
	assert_int_equal(sock_addr_parse(STR("fd00::1"), &a), 0);
	a.port = 65535;
	assert_true(str_eq(sock_addr_write(&a, text), STR("[fd00::1]:65535")));
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = { "",		 "10.0.0", "10.0.0.256", "10.0.0.1 ",
					   "name.local", ":::",	   "fd00::1%lo" };
	struct sock_addr a;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_true(sock_addr_parse(str_of(bad[i]), &a) < 0);
	assert_true(sock_addr_parse((struct str){ "10.0.0.1\0", 9 }, &a) < 0);
}

static void a_unix_path_that_is_too_long_is_refused(void **state)
{
	char path[200];
	struct sockaddr_un os;

	(void)state;
	memset(path, 'x', sizeof(path));
	assert_true(sock_unix_addr((struct str){ path, sizeof(path) }, &os) < 0);
	assert_int_equal(sock_unix_addr(STR("/run/x.sock"), &os), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_survive_the_kernel_s_form),
		cmocka_unit_test(ports_are_written_with_brackets_where_needed),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_unix_path_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
