/* SPDX-License-Identifier: Apache-2.0 */
/* What is freed holds nothing any more where keys are decoded, and no core is dumped. */
#include "latticed/secrets.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../faults.h"

static void look_and_free(void *p);

FAULT(free, void, look_and_free(p), (void *p), (p))

static const char *expected; /* to be found in what is freed */

static void look_and_free(void *p)
{
	assert_string_equal(p, expected);
	__real_free(p);
}

/* Free @p by @how, which is to leave @left of it. */
static void check_freed(void (*how)(void *p), void *p, const char *left)
{
	expected = left;
	faults_left = 1;
	how(p);
	assert_int_equal(faults_left, 0);
}

static void by_openssl(void *p)
{
	give_back(p, "", 0);
}

static void by_growth(void *p)
{
	char *to = move(p, 10000, "", 0);

	assert_string_equal(to, "secret");
	__real_free(to);
}

static void by_shrinking_to_nothing(void *p)
{
	assert_null(move(p, 0, "", 0));
}

/* Not inlined, so that nobody sees that what is written is freed unread. */
__attribute__((noinline)) static void *secret(void)
{
	char *p = allocate(64, "", 0);

	memcpy(p, "secret", 7);
	return p;
}

static void wipes_where_keys_are_decoded(void **state)
{
	(void)state;
	decodes_keys = true;
	check_freed(by_openssl, secret(), "");
	check_freed(by_growth, secret(), "");
	check_freed(by_shrinking_to_nothing, secret(), "");
	check_freed(wipe_and_free, secret(), "");
	assert_null(move(NULL, 0, "", 0));
	wipe_and_free(NULL);
	by_openssl(NULL);
}

static void leaves_it_in_other_threads(void **state)
{
	char *p;

	(void)state;
	decodes_keys = false;
	check_freed(by_openssl, secret(), "secret");
	check_freed(by_shrinking_to_nothing, secret(), "secret");
	p = move(secret(), 10000, "", 0);
	assert_string_equal(p, "secret");
	by_openssl(p);
}

/* In a process of its own, since it cannot be undone. */
static void guards_the_process(void **state)
{
	struct rlimit limit = { 1, 1 };
	pid_t child = fork();
	int status = -1;

	(void)state;
	assert_true(child >= 0);
	if (!child) {
		bool is_guarded = secrets_guard() == 0 && prctl(PR_GET_DUMPABLE) == 0 &&
				  getrlimit(RLIMIT_CORE, &limit) == 0 && !limit.rlim_max;

		_exit(is_guarded && decodes_keys ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guards_the_process),
		cmocka_unit_test(wipes_where_keys_are_decoded),
		cmocka_unit_test(leaves_it_in_other_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
