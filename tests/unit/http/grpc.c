/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/http/grpc.c: what is a call, and what its caller is told. */
#include "http/grpc.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool is_call(const char *type)
{
	struct http_request q = { .headers.count = 1 };

	q.headers.at[0] = (struct http_header){ STR("Content-Type"), str_of(type) };
	return grpc_is_request(&q);
}

static void a_call_is_known_by_its_type(void **state)
{
	struct http_request none = { 0 };

	(void)state;
	assert_true(is_call("application/grpc"));
	assert_true(is_call("application/grpc+proto"));
	assert_true(is_call("Application/GRPC;charset=utf-8"));
	assert_false(is_call("application/grpc-web"));
	assert_false(is_call("application/grp"));
	assert_false(is_call("text/plain"));
	assert_false(grpc_is_request(&none));
}

static void statuses_are_mapped(void **state)
{
	(void)state;
	assert_int_equal(grpc_of_status(400), 13);
	assert_int_equal(grpc_of_status(401), 16);
	assert_int_equal(grpc_of_status(403), 7);
	assert_int_equal(grpc_of_status(404), 12);
	assert_int_equal(grpc_of_status(429), 14);
	assert_int_equal(grpc_of_status(503), 14);
	assert_int_equal(grpc_of_status(504), 14);
	assert_int_equal(grpc_of_status(500), 2);
	assert_true(str_eq(grpc_digits(14), STR("14")));
	assert_true(str_eq(grpc_digits(17), STR("2")));
}

static void a_message_is_printable(void **state)
{
	(void)state;
	assert_true(grpc_is_message(STR("not /today")));
	assert_false(grpc_is_message(STR("100%")));
	assert_false(grpc_is_message(STR("a\nb")));
	assert_false(grpc_is_message(STR("\xc3\xa9")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_known_by_its_type),
		cmocka_unit_test(statuses_are_mapped),
		cmocka_unit_test(a_message_is_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
