/* SPDX-License-Identifier: Apache-2.0 */
/* Ids and ARNs: what is made is accepted, what is not of the kind is refused. */
#include "model/id.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void new_ids_are_valid_and_differ(void **state)
{
	char a[ID_BYTES_MAX], b[ID_BYTES_MAX];
	struct str x = id_new(KIND_SERVICE, a), y = id_new(KIND_SERVICE, b);

	(void)state;
	assert_int_equal(x.n, 21);
	assert_true(id_is_valid(KIND_SERVICE, x));
	assert_false(str_eq(x, y));
	assert_false(id_is_valid(KIND_SERVICE_NETWORK, x));
	id_new(KIND_LISTENER, a);
	assert_true(id_is_valid(KIND_LISTENER, str_of(a)));
}

static void arns_are_read_back(void **state)
{
	struct arn arn = { KIND_LISTENER, STR("us-east-1"), STR("123456789012"),
			   STR("svc-0123456789abcdef0"), STR("listener-0123456789abcdef1") };
	struct arena a;
	struct str text, id;

	(void)state;
	arena_init(&a, 4096);
	text = arn_write(&a, &arn);
	assert_true(str_eq(text, STR("arn:aws:vpc-lattice:us-east-1:123456789012:service/"
				     "svc-0123456789abcdef0/listener/listener-0123456789abcdef1")));
	assert_true(id_parse(KIND_LISTENER, text, &id));
	assert_true(str_eq(id, arn.id));
	assert_false(id_parse(KIND_SERVICE, text, &id));
	arena_fini(&a);
}

static void refuses_what_is_no_identifier(void **state)
{
	static const char *const bad[] = {
		"",
		"svc-",
		"svc-0123456789abcdef",
		"svc-0123456789abcdef01",
		"svc-0123456789ABCDEF0",
		"sn-0123456789abcdef0",
		"arn:aws:vpc-lattice:us-east-1:123456789012:service/",
		"arn:aws:vpc-lattice:us-east-1:12345678901:service/svc-0123456789abcdef0",
		"arn:aws:ec2:us-east-1:123456789012:service/svc-0123456789abcdef0",
		"arn:aws:vpc-lattice:us-east-1:123456789012:servicenetwork/svc-0123456789abcdef0",
		"arn:aws:vpc-lattice:us-east-1:123456789012",
	};
	struct str id;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(id_parse(KIND_SERVICE, str_of(bad[i]), &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_ids_are_valid_and_differ),
		cmocka_unit_test(arns_are_read_back),
		cmocka_unit_test(refuses_what_is_no_identifier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
