/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/model/endpoint.c and function_arn.c: where and what is invoked, and what is refused.
 */
#include "model/endpoint.c"

#include "model/function_arn.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void takes_addresses_and_names_with_port_and_path(void **state)
{
	static const struct {
		const char *url, *addr, *name, *host, *path;
	} cases[] = {
		{ "http://127.0.0.1:9001", "127.0.0.1:9001", "127.0.0.1", "127.0.0.1:9001", "" },
		{ "http://127.0.0.1", "127.0.0.1:80", "127.0.0.1", "127.0.0.1", "" },
		{ "https://127.0.0.1", "127.0.0.1:443", "127.0.0.1", "127.0.0.1", "" },
		{ "http://localhost:1/", "127.0.0.1:1", "localhost", "localhost:1", "" },
		{ "http://[::1]:8080/a/b", "[::1]:8080", "::1", "[::1]:8080", "/a/b" },
		{ "https://[::1]", "[::1]:443", "::1", "[::1]", "" },
		{ "http://example.com", "", "example.com", "example.com", "" },
		{ "https://a-b.c_d.E1:8443/x/", "", "a-b.c_d.E1", "a-b.c_d.E1:8443", "/x" },
		{ "http://1x", "", "1x", "1x", "" },
	};
	char text[SOCK_ADDR_TEXT_MAX];
	struct endpoint e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(endpoint_parse(str_of(cases[i].url), &e), 0);
		assert_string_equal(sock_addr_write(&e.addr, text).p, cases[i].addr);
		assert_true(str_eq(e.name, str_of(cases[i].name)));
		assert_true(str_eq(e.host, str_of(cases[i].host)));
		assert_true(str_eq(e.path, str_of(cases[i].path)));
		assert_int_equal(e.is_tls, cases[i].url[4] == 's');
	}
	assert_int_equal(endpoint_parse(STR("https://x"), &e), 0);
	assert_int_equal(e.addr.port, 443);
	assert_int_equal(endpoint_parse(STR("https://x:8443"), &e), 0);
	assert_int_equal(e.addr.port, 8443);
}

static void refuses_what_is_no_host_and_what_could_be_a_head(void **state)
{
	static const char *const urls[] = {
		"",
		"127.0.0.1",
		"ftp://127.0.0.1",
		"HTTP://127.0.0.1",
		"http://",
		"https:///x",
		"http://127.0.0.1:0",
		"http://127.0.0.1:65536",
		"http://127.0.0.1:",
		"http://127.0.0.1/a b",
		"http://127.0.0.1/a\r\nx: y",
		"http://127.0.0.1/?q",
		"http://127.0.0.1/#q",
		"http://127.0.0.1?q",
		"http://user@127.0.0.1/",
		"http://127.0.0.256",
		"http://10.1",
		"http://a..b",
		"http://.a",
		"http://a.",
		"http://-a",
		"http://a-.b",
		"http://a%41",
		"http://[::1",
		"http://[127.0.0.1]",
		"http://::1",
	};
	char long_name[400] = "http://";
	struct endpoint e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		if (endpoint_parse(str_of(urls[i]), &e) != -EINVAL)
			fail_msg("%s is taken", urls[i]);
	for (i = 0; i < 253; i++)
		long_name[7 + i] = i % 64 == 63 ? '.' : 'a';
	assert_int_equal(endpoint_parse((struct str){ long_name, 7 + 253 }, &e), 0);
	long_name[7 + 253] = 'a';
	assert_int_equal(endpoint_parse((struct str){ long_name, 7 + 254 }, &e), -EINVAL);
	memset(long_name + 7, 'a', 64);
	assert_int_equal(endpoint_parse((struct str){ long_name, 7 + 63 }, &e), 0);
	assert_int_equal(endpoint_parse((struct str){ long_name, 7 + 64 }, &e), -EINVAL);
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
	assert_true(str_eq(a.region, STR("r-1")));
	assert_true(function_arn_parse(STR("arn:aws:lambda:r-1:1:function:f:$LATEST"), &a));
	assert_true(str_eq(a.name, STR("f")));
	assert_true(str_eq(a.unqualified, STR("arn:aws:lambda:r-1:1:function:f")));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(function_arn_parse(str_of(wrong[i]), &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_addresses_and_names_with_port_and_path),
		cmocka_unit_test(refuses_what_is_no_host_and_what_could_be_a_head),
		cmocka_unit_test(knows_the_arn_of_a_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
