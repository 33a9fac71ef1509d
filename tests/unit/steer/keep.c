/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of ctl/steer/keep.c: what is kept is what its name says, or is refused. Sockets are of the
 * namespace that the test runs in. Needs root, which alone may ask for a socket's namespace;
 * skipped without.
 */
#include "steer/keep.c"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static ino_t here;

static int find_here(void **state)
{
	struct stat st;

	(void)state;
	if (stat("/proc/self/ns/net", &st))
		return -1;
	here = st.st_ino;
	return 0;
}

static int open_at(unsigned family, int type, bool is_listening, uint32_t ip)
{
	struct sock_addr at = { .family = (uint16_t)family, .v4.s_addr = htonl(ip) };
	int fd = socket((int)family, type | SOCK_CLOEXEC, 0);
	struct sockaddr_storage os;

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&os, sock_addr_to_os(&at, &os)), 0);
	if (is_listening)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static const char *judge(int fd, ino_t ino, struct kept *ret)
{
	const char *wrong;

	*ret = (struct kept){ .fd = fd, .ino = ino };
	wrong = look_at(ret);
	close(fd);
	return wrong;
}

static void names_are_read_in_one_form_only(void **state)
{
	(void)state;
	assert_int_equal(keep_name_parse(STR("net-4026532281")), 4026532281u);
	assert_int_equal(keep_name_parse(STR("net-4294967295")), 4294967295u);
	assert_int_equal(keep_name_parse(STR("net-4294967296")), 0);
	assert_int_equal(keep_name_parse(STR("net-04026532281")), 0);
	assert_int_equal(keep_name_parse(STR("net-")), 0);
	assert_int_equal(keep_name_parse(STR("net-0")), 0);
	assert_int_equal(keep_name_parse(STR("net-1 ")), 0);
	assert_int_equal(keep_name_parse(STR("stored")), 0);
	assert_int_equal(keep_name_parse((struct str){ 0 }), 0);
}

static void a_listener_on_loopback_is_for_handoff(void **state)
{
	struct kept k;

	(void)state;
	assert_null(judge(open_at(AF_INET, SOCK_STREAM, true, INADDR_LOOPBACK), here, &k));
	assert_int_equal(k.kind, KEPT_HANDOFF);
	assert_int_equal(k.family, AF_INET);
	assert_int_equal(k.type, SOCK_STREAM);
}

static void the_sockets_of_the_module_are_generic_netlinks(void **state)
{
	struct kept k;

	(void)state;
	assert_null(judge(socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC), here, &k));
	assert_int_equal(k.kind, KEPT_MODULE);
	assert_non_null(judge(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), here, &k));
}

static void what_is_something_else_is_refused(void **state)
{
	int ends[2];
	struct kept k;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[1]);
	assert_string_equal(judge(ends[0], here, &k), "it is no socket");
	assert_string_equal(judge(open_at(AF_INET, SOCK_STREAM, false, INADDR_LOOPBACK), here, &k),
			    "it does not listen");
	assert_string_equal(judge(open_at(AF_INET, SOCK_STREAM, true, INADDR_ANY), here, &k),
			    "its address is none of ours");
	assert_string_equal(judge(open_at(AF_INET, SOCK_DGRAM, false, INADDR_LOOPBACK), here, &k),
			    "its address is none of ours");
	assert_string_equal(judge(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), here, &k),
			    "it is neither of TCP nor of UDP");
	assert_string_equal(judge(socket(AF_UNIX, SOCK_STREAM, 0), here, &k),
			    "its family is none of ours");
	assert_string_equal(
		judge(open_at(AF_INET, SOCK_STREAM, true, INADDR_LOOPBACK), here + 1, &k),
		"it is of another namespace");
}

static void each_namespace_gets_its_own(void **state)
{
	struct kept_set set;
	struct keep k = { 0 };
	int i;

	(void)state;
	k.passed = calloc(4, sizeof(*k.passed));
	for (i = 0; i < 4; i++)
		k.passed[k.passed_count++] = (struct kept){ .ino = (ino_t)(1 + i % 2),
							    .kind = KEPT_HANDOFF,
							    .family = AF_INET,
							    .type = SOCK_STREAM,
							    .fd = dup(STDERR_FILENO) };
	keep_take(&k, 2, &set);
	assert_int_equal(set.count, 2);
	assert_int_equal(k.passed_count, 2);
	assert_int_equal(keep_find_left(&k, &i), 1);
	assert_int_equal(kept_set_take(&set, KEPT_HANDOFF, AF_INET6, SOCK_STREAM), -1);
	assert_int_equal(kept_set_take(&set, KEPT_RESOLVER, AF_INET, SOCK_STREAM), -1);
	i = kept_set_take(&set, KEPT_HANDOFF, AF_INET, SOCK_STREAM);
	assert_true(i >= 0);
	close(i);
	assert_int_equal(kept_set_close(&set), 1);
	keep_fini(&k);
	assert_int_equal(keep_find_left(&k, &i), 0);
}

static void without_a_manager_nothing_is_kept(void **state)
{
	struct keep k;
	int fd = STDERR_FILENO;

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(keep_init(&k, NULL, 0), 0);
	assert_false(keep_store(&k, here, &fd, 1));
	keep_forget(&k, here, 1);
	keep_fini(&k);
}

static void no_more_is_stored_than_the_manager_takes(void **state)
{
	int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0), fd = STDERR_FILENO;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct keep k;
	char text[128] = "";

	(void)state;
	snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "keep-%d", (int)getpid());
	assert_int_equal(bind(manager, (struct sockaddr *)&at,
			      (socklen_t)(sizeof(sa_family_t) + 1 + strlen(at.sun_path + 1))),
			 0);
	at.sun_path[0] = '@';
	setenv("NOTIFY_SOCKET", at.sun_path, 1);
	setenv("FDSTORE", "1", 1);
	assert_int_equal(keep_init(&k, NULL, 0), 0);
	assert_true(keep_store(&k, 12, &fd, 1));
	assert_true(recv(manager, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "FDSTORE=1\nFDPOLL=0\nFDNAME=net-12");
	assert_false(keep_store(&k, 13, &fd, 1));
	assert_int_equal(recv(manager, text, sizeof(text), 0), -1);
	keep_forget(&k, 12, 1);
	memset(text, 0, sizeof(text));
	assert_true(recv(manager, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "FDSTOREREMOVE=1\nFDNAME=net-12");
	assert_true(keep_store(&k, 13, &fd, 1));
	keep_fini(&k);
	close(manager);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("FDSTORE");
}

static void a_name_that_is_not_said_again_is_not_sent(void **state)
{
	const struct passed bad = { .fd = dup(STDERR_FILENO), .name = STR("net-1\nREADY=1") };
	struct keep k;

	(void)state;
	assert_int_equal(keep_init(&k, &bad, 1), 0);
	assert_int_equal(k.passed_count, 0);
	assert_int_equal(fcntl(bad.fd, F_GETFD), -1);
	keep_fini(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_in_one_form_only),
		cmocka_unit_test(a_listener_on_loopback_is_for_handoff),
		cmocka_unit_test(the_sockets_of_the_module_are_generic_netlinks),
		cmocka_unit_test(what_is_something_else_is_refused),
		cmocka_unit_test(each_namespace_gets_its_own),
		cmocka_unit_test(without_a_manager_nothing_is_kept),
		cmocka_unit_test(no_more_is_stored_than_the_manager_takes),
		cmocka_unit_test(a_name_that_is_not_said_again_is_not_sent),
	};

	if (geteuid() != 0) {
		printf("skipped: needs root\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, find_here, NULL);
}
