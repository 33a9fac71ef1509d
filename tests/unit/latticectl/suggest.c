/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/latticectl/suggest.c: what a mistyped word was perhaps meant to be. */
#include "latticectl/suggest.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void counts_mistakes(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} cases[] = {
		{ "cart", "cart", 0 }, { "Cart", "cart", 0 },	   { "crat", "cart", 1 },
		{ "wbe", "web", 1 },   { "car", "cart", 1 },	   { "carts", "cart", 1 },
		{ "cast", "cart", 1 }, { "", "cart", 4 },	   { "", "", 0 },
		{ "abcd", "badc", 2 }, { "kitten", "sitting", 3 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			distance(cases[i].a, strlen(cases[i].a), cases[i].b, strlen(cases[i].b)),
			cases[i].distance);
}

static void the_nearest_is_kept(void **state)
{
	struct suggestion s = { .wanted = "servce" };

	(void)state;
	assert_false(suggest_try(&s, "network"));
	assert_null(s.best);
	assert_true(suggest_try(&s, "services"));
	assert_true(suggest_try(&s, "service"));
	assert_false(suggest_try(&s, "services"));
	assert_string_equal(s.best, "service");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_mistakes),
		cmocka_unit_test(the_nearest_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
