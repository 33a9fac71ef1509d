/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/latticed/privileges.c, each in a child that gives up what it has. */
#include "latticed/privileges.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { SOME_UID = 65534 };

/* 0 when a process that became @u has nothing and cannot get anything back. */
static int try_drop(const struct plane_user *u)
{
	if (privileges_check_dropped() == 0)
		return 1;
	if (privileges_drop(u))
		return 2;
	if (privileges_check_dropped())
		return 3;
	if (getuid() != u->uid || geteuid() != u->uid || getgroups(0, NULL) != 0)
		return 4;
	if (u->uid && setresuid(0, 0, 0) == 0)
		return 5;
	/* Root by number only: what needs a capability is refused, also after exec. */
	if (setgroups(0, NULL) == 0)
		return 6;
	return WEXITSTATUS(system("grep -q '^CapEff:.*0000000000000000$' /proc/self/status && "
				  "grep -q '^CapBnd:.*0000000000000000$' /proc/self/status"));
}

static int end_of(const struct plane_user *u)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(try_drop(u));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void becomes_another_user_for_good(void **state)
{
	(void)state;
	assert_int_equal(end_of(&(struct plane_user){ true, SOME_UID, SOME_UID }), 0);
}

static void root_without_another_user_has_no_capability(void **state)
{
	(void)state;
	assert_int_equal(end_of(&(struct plane_user){ 0 }), 0);
}

static void a_user_that_is_not_there_is_not_found(void **state)
{
	struct plane_user u = { true, 1, 1 };

	(void)state;
	privileges_find_user("no-such-user-anywhere", &u);
	assert_false(u.found);
	assert_int_equal(u.uid, 0);
}

static int need_root(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(becomes_another_user_for_good, need_root),
		cmocka_unit_test_setup(root_without_another_user_has_no_capability, need_root),
		cmocka_unit_test(a_user_that_is_not_there_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
