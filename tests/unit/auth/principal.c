/* SPDX-License-Identifier: Apache-2.0 */
/* Which ARNs name a principal, and what they say of it. */
#include "auth/principal.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define A "111122223333"

static void reads_the_arns_of_principals(void **state)
{
	static const struct {
		const char *arn;
		enum principal_type type;
		const char *name, *session;
	} cases[] = {
		{ "arn:aws:iam::" A ":root", PRINCIPAL_ACCOUNT, "", "" },
		{ "arn:aws:iam::" A ":user/azAZ09_+=,.@-", PRINCIPAL_USER, "azAZ09_+=,.@-", "" },
		{ "arn:aws:iam::" A ":user/ann", PRINCIPAL_USER, "ann", "" },
		{ "arn:aws:iam::" A ":user/a/b/ann", PRINCIPAL_USER, "ann", "" },
		{ "arn:aws-cn:iam::" A ":role/web", PRINCIPAL_ASSUMED_ROLE, "web", "" },
		{ "arn:aws:iam::" A ":role/service-role/web", PRINCIPAL_ASSUMED_ROLE, "web", "" },
		{ "arn:aws:sts::" A ":assumed-role/web/s@1", PRINCIPAL_ASSUMED_ROLE, "web", "s@1" },
		{ "arn:aws:sts::" A ":federated-user/bob", PRINCIPAL_FEDERATED_USER, "bob", "bob" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct principal_arn p = principal_parse_arn(str_of(cases[i].arn));

		assert_int_equal(p.type, cases[i].type);
		assert_true(str_eq(p.account, STR(A)));
		assert_true(str_eq(p.name, str_of(cases[i].name)));
		assert_true(str_eq(p.session, str_of(cases[i].session)));
	}
}

static void refuses_what_names_no_principal(void **state)
{
	static const char *const cases[] = {
		"",
		"arn",
		"arn:aws:iam::" A,
		"urn:aws:iam::" A ":root",
		"arn:gcp:iam::" A ":root",
		"arn:aws:iam:us-east-1:" A ":root",
		"arn:aws:iam::11112222333:root",
		"arn:aws:iam::11112222333a:root",
		"arn:aws:iam::11112222333-:root",
		"arn:aws:iam::" A ":user/a[b",
		"arn:aws:iam::" A ":user/a{b",
		"arn:aws:iam::" A ":user/a`b",
		"arn:aws:iam::" A ":user/a:b",
		"arn:aws:iam::" A ":user/a!b",
		"arn:aws:iam::" A ":group/x",
		"arn:aws:iam::" A ":user",
		"arn:aws:iam::" A ":user/",
		"arn:aws:iam::" A ":user/a/",
		"arn:aws:iam::" A ":role/a*",
		"arn:aws:iam::" A ":role/a b/c",
		"arn:aws:iam::" A ":role/*/c",
		"arn:aws:iam::" A ":role/?/c",
		"arn:aws:iam::" A ":role/\x7f/c",
		"arn:aws:s3::" A ":user/a",
		"arn:aws:sts::" A ":assumed-role/a",
		"arn:aws:sts::" A ":assumed-role//s",
		"arn:aws:sts::" A ":assumed-role/a/s/t",
		"arn:aws:sts::" A ":federated-user/",
		"arn:aws:sts::" A ":user/ann",
		"arn:aws:iam::" A ":user/"
		"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct principal_arn p = principal_parse_arn(str_of(cases[i]));

		assert_int_equal(p.type, PRINCIPAL_ANONYMOUS);
		assert_null(p.account.p);
	}
}

static void types_have_the_names_that_policies_compare(void **state)
{
	(void)state;
	assert_true(str_eq(principal_type_name(PRINCIPAL_ANONYMOUS), STR("Anonymous")));
	assert_true(str_eq(principal_type_name(PRINCIPAL_ACCOUNT), STR("Account")));
	assert_true(str_eq(principal_type_name(PRINCIPAL_USER), STR("User")));
	assert_true(str_eq(principal_type_name(PRINCIPAL_FEDERATED_USER), STR("FederatedUser")));
	assert_true(str_eq(principal_type_name(PRINCIPAL_ASSUMED_ROLE), STR("AssumedRole")));
}

static void tags_are_found_whatever_their_case(void **state)
{
	static const struct principal_tag tags[] = {
		{ { "Team", 4 }, { "red", 3 } },
		{ { "stage", 5 }, { "", 0 } },
	};
	struct principal p = { .tags = tags, .tag_count = ARRAY_SIZE(tags) };

	(void)state;
	assert_ptr_equal(principal_find_tag(&p, STR("team")), &tags[0]);
	assert_ptr_equal(principal_find_tag(&p, STR("stage")), &tags[1]);
	assert_null(principal_find_tag(&p, STR("tea")));
	assert_null(principal_find_tag(&principal_anonymous, STR("team")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_arns_of_principals),
		cmocka_unit_test(refuses_what_names_no_principal),
		cmocka_unit_test(types_have_the_names_that_policies_compare),
		cmocka_unit_test(tags_are_found_whatever_their_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
