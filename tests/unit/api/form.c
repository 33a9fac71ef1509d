/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of names and other texts, as AWS's model has them. */
#include "api/form.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void names_are_lower_case_with_single_hyphens(void **state)
{
	static const char *const good[] = { "abc", "a-b", "0", "a1-2b", "x-svc-1" };
	static const char *const bad[] = { "", "A", "-a", "a-", "a--b", "a_b", "a.b", "\xc3\xbc" };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(form_is_service_network_name(str_of(good[i])));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(form_is_service_network_name(str_of(bad[i])));
}

static void names_do_not_look_like_ids(void **state)
{
	(void)state;
	assert_false(form_is_service_name(STR("svc-a")));
	assert_true(form_is_service_name(STR("tg-a")));
	assert_false(form_is_listener_name(STR("listener-a")));
	assert_false(form_is_rule_name(STR("rule-a")));
	assert_true(form_is_rule_name(STR("rules")));
	assert_false(form_is_target_group_name(STR("tg-a")));
	assert_false(form_is_vpc_name(STR("vpc-a")));
	assert_true(form_is_vpc_name(STR("Blue_1.x")));
	assert_false(form_is_vpc_name(STR("_x")));
}

static void domain_names_have_labels(void **state)
{
	static const char *const good[] = { "a.b", "cart.example.com", "1.a-b.C", "abc" };
	static const char *const bad[] = { "",	   ".",	   "a..b", "a.",    ".a",
					   "-a.b", "a-.b", "a b",  "a_b.c", "*.a" };
	char label[70] = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(form_is_domain_name(str_of(good[i])));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(form_is_domain_name(str_of(bad[i])));
	memset(label, 'a', 63);
	assert_true(form_is_domain_name(str_of(label)));
	label[63] = 'a';
	assert_false(form_is_domain_name(str_of(label)));
}

static void namespaces_are_named_or_absolute(void **state)
{
	(void)state;
	assert_true(form_is_netns(STR("blue")));
	assert_true(form_is_netns(STR("/run/netns/blue")));
	assert_false(form_is_netns(STR("")));
	assert_false(form_is_netns(STR("a/b")));
	assert_false(form_is_netns(STR("..")));
	assert_false(form_is_netns(STR("/run/../x")));
	assert_false(form_is_netns(STR("/a\nb")));
}

static void tokens_have_something_to_see(void **state)
{
	(void)state;
	assert_true(form_is_client_token(STR("a")));
	assert_true(form_is_client_token(STR(" a ")));
	assert_false(form_is_client_token(STR(" \t")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_lower_case_with_single_hyphens),
		cmocka_unit_test(names_do_not_look_like_ids),
		cmocka_unit_test(domain_names_have_labels),
		cmocka_unit_test(namespaces_are_named_or_absolute),
		cmocka_unit_test(tokens_have_something_to_see),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
