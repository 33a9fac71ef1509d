/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines as tables parse them. */
#include "latticectl/command.c"
#include "latticectl/suggest.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
/* cmocka needs those above */
#include <cmocka.h>

static const struct option options[] = { { "--to", .takes_value = true, .required = true },
					 { "--tag", .takes_value = true, .repeats = true },
					 { .name = "-f" },
					 { 0 } };
static const struct command table[] = {
	{ "thing", "move", NULL, "NAME --to PLACE", "", "", options, 1, 2 },
	{ "thing", "list", NULL, "", "", "", NULL, 0, 0 },
	{ "status", NULL, NULL, "", "", "", NULL, 0, 0 },
	{ 0 },
};

static void finds_command_by_noun_and_verb(void **state)
{
	(void)state;
	assert_ptr_equal(command_find(table, "thing", "list"), &table[1]);
	assert_ptr_equal(command_find(table, "status", NULL), &table[2]);
	assert_null(command_find(table, "thing", NULL));
	assert_null(command_find(table, "thing", "mov"));
}

static void parses_words_and_options_in_any_order(void **state)
{
	char *argv[] = { "--to=here", "a", "-f", "--tag", "x", "--tag", "y", "--", "-b", NULL };
	struct args a;
	size_t at = 0;

	(void)state;
	assert_int_equal(args_parse(&table[0], argv, &a), 0);
	assert_int_equal(a.word_count, 2);
	assert_string_equal(a.words[1], "-b");
	assert_string_equal(args_option(&a, "--to"), "here");
	assert_non_null(args_option(&a, "-f"));
	assert_string_equal(args_next(&a, "--tag", &at), "x");
	assert_string_equal(args_next(&a, "--tag", &at), "y");
	assert_null(args_next(&a, "--tag", &at));
}

static void refuses_wrong_usage_in_words(void **state)
{
	static const struct {
		char *argv[6];
		const char *fault;
	} cases[] = {
		{ { "a", NULL }, "--to is needed" },
		{ { "--to", "x", NULL }, "too few arguments: NAME --to PLACE" },
		{ { "a", "--to", NULL }, "--to needs a value" },
		{ { "a", "--to=x", "--to=y", NULL }, "--to is given twice" },
		{ { "a", "-f=1", NULL }, "-f takes no value" },
		{ { "a", "--tpo", "x", NULL }, "there is no option --tpo; did you mean --to?" },
		{ { "a", "b", "c", "--to=x", NULL }, "unexpected argument 'c'" },
	};
	struct args a;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(args_parse(&table[0], cases[i].argv, &a), -EINVAL);
		assert_string_equal(a.fault, cases[i].fault);
	}
}

static void suggests_only_what_is_near(void **state)
{
	struct suggestion near = { .wanted = "lsit" }, far = { .wanted = "frobnicate" };

	(void)state;
	assert_true(suggest_try(&near, "list"));
	assert_false(suggest_try(&far, "list"));
	assert_null(far.best);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_command_by_noun_and_verb),
		cmocka_unit_test(parses_words_and_options_in_any_order),
		cmocka_unit_test(refuses_wrong_usage_in_words),
		cmocka_unit_test(suggests_only_what_is_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
