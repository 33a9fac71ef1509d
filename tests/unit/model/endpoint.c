/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/model/endpoint.c and function_arn.c: where and what is invoked, and what is refused.
 */
#include "model/endpoint.c"

#include "model/function_arn.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void takes_addresses_with_port_and_path(void **state)
{
	static const struct {
		const char *url, *addr, *host, *path;
	} cases[] = {
		{ "http://127.0.0.1:9001", "127.0.0.1:9001", "127.0.0.1:9001", "" },
		{ "http://127.0.0.1", "127.0.0.1:80", "127.0.0.1", "" },
		{ "http://localhost:1/", "127.0.0.1:1", "localhost:1", "" },
		{ "http://[::1]:8080/a/b", "[::1]:8080", "[::1]:8080", "/a/b" },
		{ "http://[::1]", "[::1]:80", "[::1]", "" },
	};
	char text[SOCK_ADDR_TEXT_MAX];
	struct endpoint e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(endpoint_parse(str_of(cases[i].url), &e), 0);
		assert_string_equal(sock_addr_write(&e.addr, text).p, cases[i].addr);
		assert_true(str_eq(e.host, str_of(cases[i].host)));
		assert_true(str_eq(e.path, str_of(cases[i].path)));
	}
}

static void refuses_names_and_what_could_be_a_head(void **state)
{
	static const char *const urls[] = {
		"",
		"127.0.0.1",
		"https://127.0.0.1",
		"http://",
		"http://example.com",
		"http://127.0.0.1:0",
		"http://127.0.0.1:65536",
		"http://127.0.0.1:",
		"http://127.0.0.1/a b",
		"http://127.0.0.1/a\r\nx: y",
		"http://127.0.0.1/?q",
		"http://user@127.0.0.1/",
	};
	struct endpoint e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		assert_int_equal(endpoint_parse(str_of(urls[i]), &e), -EINVAL);
}

static void knows_the_arn_of_a_function(void **state)
{
	static const char *const wrong[] = {
		"",
		"arn:aws:lambda:r:1:function:",
		"arn:aws:lambda:r:1:function:a:b:c",
		"arn:aws:iam::1:function:a",
		"arn:aws:lambda:r:1:layer:a",
		"function:a",
		"arn:aws:lambda:r:1:function:a b",
	};
	struct function_arn a;
	size_t i;

	(void)state;
	assert_true(function_arn_parse(STR("arn:aws:lambda:r-1:1:function:a_B-1"), &a));
	assert_true(str_eq(a.name, STR("a_B-1")));
	assert_true(function_arn_parse(STR("arn:aws:lambda:r-1:1:function:f:$LATEST"), &a));
	assert_true(str_eq(a.name, STR("f")));
	assert_true(str_eq(a.unqualified, STR("arn:aws:lambda:r-1:1:function:f")));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(function_arn_parse(str_of(wrong[i]), &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_addresses_with_port_and_path),
		cmocka_unit_test(refuses_names_and_what_could_be_a_head),
		cmocka_unit_test(knows_the_arn_of_a_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
