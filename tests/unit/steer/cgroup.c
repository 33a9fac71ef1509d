/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/steer/cgroup.c: what is made of long paths. Finding one takes a kernel's cgroups. */
#include "steer/cgroup.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void fits(const char *path, size_t room, const char *wanted)
{
	char to[32];

	cgroup_fit_path(str_of(path), to, room);
	assert_string_equal(to, wanted);
}

static void keeps_whole_parts_of_what_is_too_long(void **state)
{
	(void)state;
	fits("/", 8, "/");
	fits("/abc/de", 8, "/abc/de");
	fits("/abc/def", 8, "/abc");
	fits("/abc/d/e", 8, "/abc/d");
	fits("/abcdef/", 8, "/abcdef");
	fits("/abcdefgh", 8, "/");
	fits("/ab", 2, "/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_whole_parts_of_what_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
