/* SPDX-License-Identifier: Apache-2.0 */
/* Which identity is found for a key, a user id, a cgroup. */
#include "model/identities.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define CGROUP(number, path, who)                                                       \
	{                                                                               \
		.vpc = (number), .cgroup = { (path), sizeof(path) - 1 }, .principal = { \
			.name = { (who), sizeof(who) - 1 }                              \
		}                                                                       \
	}
#define UID(number, id, who)                                                 \
	{                                                                    \
		.vpc = (number), .by_uid = true, .uid = (id), .principal = { \
			.name = { (who), sizeof(who) - 1 }                   \
		}                                                            \
	}

static struct snap_attestation rules[] = {
	UID(7, 1000, "ann"),	CGROUP(7, "/shop", "shop"), CGROUP(7, "/shop/web/api", "api"),
	CGROUP(8, "/", "all"),	UID(8, 1000, "bob"),	    UID(7, 0, "root"),
	CGROUP(7, "/a/b", "b"),
};

static struct snap_identities ids = { .attestations = rules,
				      .attestation_count = ARRAY_SIZE(rules) };

static int sort(void **state)
{
	(void)state;
	qsort(rules, ARRAY_SIZE(rules), sizeof(rules[0]), snap_attestation_cmp);
	return 0;
}

static void check(const struct principal *p, const char *who)
{
	if (!who) {
		assert_null(p);
		return;
	}
	assert_non_null(p);
	assert_true(str_eq(p->name, str_of(who)));
}

static void a_uid_counts_in_its_vpc_only(void **state)
{
	(void)state;
	check(identities_attest_uid(&ids, 7, 1000), "ann");
	check(identities_attest_uid(&ids, 8, 1000), "bob");
	check(identities_attest_uid(&ids, 7, 0), "root");
	check(identities_attest_uid(&ids, 8, 0), NULL);
	check(identities_attest_uid(&ids, 9, 1000), NULL);
}

static void the_closest_cgroup_decides(void **state)
{
	static const struct {
		uint32_t vpc;
		const char *path, *who;
	} cases[] = {
		{ 7, "/shop", "shop" },
		{ 7, "/shop/web", "shop" },
		{ 7, "/shop/web/api", "api" },
		{ 7, "/shop/web/api/x", "api" },
		{ 7, "/shopper", NULL },
		{ 7, "/sho", NULL },
		{ 7, "/", NULL },
		{ 7, "/a", NULL },
		{ 7, "/a/b/c/d/e", "b" },
		{ 7, "/a/bc", NULL },
		{ 8, "/", "all" },
		{ 8, "/anything/at/all", "all" },
		{ 9, "/shop", NULL },
		{ 7, "shop", NULL },
		{ 7, "", NULL },
		{ 7, "/shop/../shop", NULL },
		{ 7, "/shop//web", NULL },
		{ 7, "/shop/", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		check(identities_attest_cgroup(&ids, cases[i].vpc, str_of(cases[i].path)),
		      cases[i].who);
}

static void keys_and_identities_are_found_by_their_names(void **state)
{
	struct access_key keys[] = { { .id = STR("AKIA1") },
				     { .id = STR("AKIA11") },
				     { .id = STR("AKIA2") } };
	struct snap_identity at[] = { { .principal.arn = STR("arn:a") },
				      { .principal.arn = STR("arn:b") } };
	struct snap_identities s = { at, 2, keys, 3, NULL, 0 };

	(void)state;
	assert_ptr_equal(identities_find_key(&s, STR("AKIA11")), &keys[1]);
	assert_ptr_equal(identities_find_key(&s, STR("AKIA2")), &keys[2]);
	assert_null(identities_find_key(&s, STR("AKIA")));
	assert_null(identities_find_key(&s, STR("")));
	assert_ptr_equal(identities_find(&s, STR("arn:b")), &at[1]);
	assert_null(identities_find(&s, STR("arn:")));
	s = (struct snap_identities){ 0 };
	assert_null(identities_find_key(&s, STR("AKIA2")));
	assert_null(identities_find(&s, STR("arn:a")));
	assert_null(identities_attest_uid(&s, 7, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_uid_counts_in_its_vpc_only),
		cmocka_unit_test(the_closest_cgroup_decides),
		cmocka_unit_test(keys_and_identities_are_found_by_their_names),
	};

	return cmocka_run_group_tests(tests, sort, NULL);
}
