/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/io/passed.c: what the environment says is believed when all of it fits together. */
#include "io/passed.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { SELF = 77 };

static struct passed got[PASSED_MAX];
static unsigned count;

static const char *parse(const char *pid, const char *fds, const char *names)
{
	const struct passed_words w = { str_of(pid), str_of(fds), str_of(names) };

	return passed_parse(&w, SELF, got, &count);
}

static void nothing_is_said_and_nothing_comes(void **state)
{
	(void)state;
	assert_null(parse(NULL, NULL, NULL));
	assert_int_equal(count, 0);
	assert_null(parse("77", "0", NULL));
	assert_int_equal(count, 0);
}

static void fds_have_their_names_in_order(void **state)
{
	(void)state;
	assert_null(parse("77", "3", "net-1::net-1"));
	assert_int_equal(count, 3);
	assert_int_equal(got[0].fd, 3);
	assert_true(str_eq(got[0].name, STR("net-1")));
	assert_int_equal(got[1].name.n, 0);
	assert_int_equal(got[2].fd, 5);
	assert_true(str_eq(got[2].name, STR("net-1")));
}

static void fds_without_any_names_have_none(void **state)
{
	(void)state;
	assert_null(parse("77", "2", NULL));
	assert_int_equal(count, 2);
	assert_int_equal(got[1].name.n, 0);
}

static void what_is_said_to_another_process_is_not_ours(void **state)
{
	(void)state;
	assert_null(parse("78", "2", "a:b"));
	assert_int_equal(count, 0);
}

static void what_does_not_fit_together_brings_nothing(void **state)
{
	static const struct {
		const char *pid, *fds, *names;
	} wrong[] = {
		{ "", "1", "a" },
		{ "x", "1", "a" },
		{ "-77", "1", "a" },
		{ "77", "", "a" },
		{ "77", "-1", "a" },
		{ "77", "1 ", "a" },
		{ "77", "8193", NULL },
		{ "77", "1", "a:" },
		{ "77", "1", "a:b" },
		{ "77", "2", "a" },
		{ "77", "0", "a" },
		{ "99999999999", "1", "a" },
		{ "77", "4294967297", "a" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_non_null(parse(wrong[i].pid, wrong[i].fds, wrong[i].names));
		assert_int_equal(count, 0);
	}
}

static void as_many_as_there_may_be_are_taken(void **state)
{
	(void)state;
	assert_null(parse("77", "8192", NULL));
	assert_int_equal(count, PASSED_MAX);
}

static void names_are_printable_and_short(void **state)
{
	char longest[PASSED_NAME_MAX + 1];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	assert_true(passed_name_is_valid(STR("net-4026532281")));
	assert_true(passed_name_is_valid((struct str){ longest, PASSED_NAME_MAX }));
	assert_false(passed_name_is_valid((struct str){ longest, PASSED_NAME_MAX + 1 }));
	assert_false(passed_name_is_valid(STR("")));
	assert_false(passed_name_is_valid(STR("a\nFDSTORE=1")));
	assert_false(passed_name_is_valid(STR("a\x7f")));
	assert_false(passed_name_is_valid(STR("\xc3\xa4")));
}

static void fds_that_are_not_open_are_left_out(void **state)
{
	int fd = open("/dev/null", O_RDONLY);
	struct passed at[] = { { .fd = fd }, { .fd = 1 << 20 }, { .fd = fd } };

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(keep_open(at, 3), 2);
	assert_int_equal(at[1].fd, fd);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_said_and_nothing_comes),
		cmocka_unit_test(fds_have_their_names_in_order),
		cmocka_unit_test(fds_without_any_names_have_none),
		cmocka_unit_test(what_is_said_to_another_process_is_not_ours),
		cmocka_unit_test(what_does_not_fit_together_brings_nothing),
		cmocka_unit_test(as_many_as_there_may_be_are_taken),
		cmocka_unit_test(names_are_printable_and_short),
		cmocka_unit_test(fds_that_are_not_open_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
