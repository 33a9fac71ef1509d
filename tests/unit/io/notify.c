/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/io/notify.c: what the manager waits for, and that fds reach it with their words. */
#include "io/notify.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { SELF = 77 };

static uint64_t parse(const char *usec, const char *pid)
{
	return notify_watchdog_parse(str_of(usec), str_of(pid), SELF);
}

static void the_time_is_read_in_bounds(void **state)
{
	(void)state;
	assert_int_equal(parse("60000000", "77"), 60000);
	assert_int_equal(parse("60000000", NULL), 60000);
	assert_int_equal(parse("1000000", NULL), NOTIFY_WATCHDOG_MS_MIN);
	assert_int_equal(parse("999999", NULL), 0);
	assert_int_equal(parse("86400000000", NULL), NOTIFY_WATCHDOG_MS_MAX);
	assert_int_equal(parse("86400001000", NULL), 0);
	assert_int_equal(parse(NULL, "77"), 0);
	assert_int_equal(parse("60000000", "78"), 0);
	assert_int_equal(parse("60000000", "x"), 0);
	assert_int_equal(parse("-1", NULL), 0);
	assert_int_equal(parse("99999999999999999999", NULL), 0);
}

static void nobody_is_told_where_nobody_asked(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_false(notify_is_heard());
	assert_int_equal(notify_send(STR("READY=1")), 0);
	setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
	unsetenv("WATCHDOG_USEC");
}

static void a_manager_that_is_not_there_is_an_error(void **state)
{
	char path[200];

	(void)state;
	setenv("NOTIFY_SOCKET", "@no-manager-has-this-name", 1);
	assert_int_equal(notify_send(STR("READY=1")), -ECONNREFUSED);
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = 0;
	setenv("NOTIFY_SOCKET", path, 1);
	assert_true(notify_send(STR("READY=1")) < 0);
	unsetenv("NOTIFY_SOCKET");
}

static void as_many_fds_as_fit_are_sent(void **state)
{
	char control[CMSG_SPACE(NOTIFY_FDS_MAX * sizeof(int))], text[32] = "";
	struct iovec iov = { text, sizeof(text) - 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	int fds[NOTIFY_FDS_MAX + 1], got[NOTIFY_FDS_MAX], i;

	(void)state;
	snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "notify-%d", (int)getpid());
	assert_int_equal(bind(manager, (struct sockaddr *)&at,
			      (socklen_t)(sizeof(sa_family_t) + 1 + strlen(at.sun_path + 1))),
			 0);
	at.sun_path[0] = '@';
	setenv("NOTIFY_SOCKET", at.sun_path, 1);
	for (i = 0; i <= NOTIFY_FDS_MAX; i++)
		fds[i] = STDERR_FILENO;
	assert_int_equal(notify_send_fds(STR("FDSTORE=1"), fds, NOTIFY_FDS_MAX + 1), -E2BIG);
	assert_int_equal(notify_send_fds(STR("FDSTORE=1"), fds, NOTIFY_FDS_MAX), 0);
	assert_int_equal(recvmsg(manager, &m, 0), 9);
	assert_string_equal(text, "FDSTORE=1");
	assert_int_equal(CMSG_FIRSTHDR(&m)->cmsg_len, CMSG_LEN(sizeof(got)));
	memcpy(got, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(got));
	for (i = 0; i < NOTIFY_FDS_MAX; i++)
		assert_int_equal(close(got[i]), 0);
	close(manager);
	unsetenv("NOTIFY_SOCKET");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_is_read_in_bounds),
		cmocka_unit_test(nobody_is_told_where_nobody_asked),
		cmocka_unit_test(a_manager_that_is_not_there_is_an_error),
		cmocka_unit_test(as_many_fds_as_fit_are_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
