/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/io/process.c: which cgroup is which container's, and processes told apart. */
#include "io/process.c"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

#define ID    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_cgroup_is_named_after_its_container(void **state)
{
	static const struct {
		const char *cgroup, *id;
		int depth;
	} cases[] = {
		{ "0::/system.slice/docker-" ID ".scope\n", ID, 0 },
		{ "0::/system.slice/docker-" ID ".scope\n", "0123456789ab", 0 },
		{ "0::/system.slice/docker-" ID ".scope\n", "0123456789a", -1 },
		{ "0::/system.slice/docker-" ID ".scope\n", "123456789abc", -1 },
		{ "0::/machine.slice/libpod-" ID ".scope/container\n", ID, 1 },
		{ "0::/machine.slice/libpod-conmon-" ID ".scope\n", ID, -1 },
		{ "0::/kubepods.slice/pod1.slice/cri-containerd-" ID ".scope\n", ID, 0 },
		{ "0::/system.slice/kubepods-pod1.slice:cri-containerd:" ID "\n", ID, 0 },
		{ "4:memory:/docker/" ID "\n0::/\n", ID, 0 },
		{ "0::/docker/" ID "/docker/x/sub\n", ID, 3 },
		{ "0::/default/redis-1\n", "redis-1", 0 },
		{ "0::/default/redis-1\n", "1", -1 },
		{ "0::/default/redis-10\n", "redis-1", -1 },
		{ "0::/\n", ID, -1 },
		/* Names that another container chose. */
		{ "0::/system.slice/docker-" OTHER ".scope/docker-" ID ".scope\n", ID, -1 },
		{ "0::/docker/" OTHER "/docker/" ID "\n", "0123456789ab", -1 },
		{ "0::/docker/" OTHER "/redis-1\n", "redis-1", -1 },
		{ "0::/docker/" ID "/docker/" OTHER "\n", ID, 2 },
		{ "", ID, -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			process_container_depth(str_of(cases[i].cgroup), str_of(cases[i].id)),
			cases[i].depth);
}

static void ids_have_no_way_out(void **state)
{
	static const char *const wrong[] = { "", "..", "../x", "a/b", "-a", "a b", "a\n" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(process_is_container_id(str_of(wrong[i])));
	assert_true(process_is_container_id(STR("redis-1.a_b")));
}

static void a_process_is_alive_until_it_ends(void **state)
{
	char mark[PROCESS_MARK_BYTES], other[PROCESS_MARK_BYTES];
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		for (;;)
			pause();
	}
	assert_int_equal(process_mark(pid, mark), 0);
	assert_int_equal(process_of_mark(str_of(mark)), pid);
	assert_true(process_is_alive(str_of(mark)));
	/* The same pid of another time. */
	snprintf(other, sizeof(other), "%d:1:%s", (int)pid,
		 str_cut(str_cut(str_of(mark), ':').tail, ':').tail.p);
	assert_int_equal(process_of_mark(str_of(other)), pid);
	assert_false(process_is_alive(str_of(other)));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(process_is_alive(str_of(mark)));
	assert_int_equal(process_mark(pid, other), -ESRCH);
}

static void a_mark_is_whole(void **state)
{
	static const char *const wrong[] = { "",
					     "1",
					     "1:2",
					     "1:2:",
					     "1:2:x",
					     "0:1:00000000-0000-0000-0000-000000000000",
					     "x:1:00000000-0000-0000-0000-000000000000" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(process_of_mark(str_of(wrong[i])), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cgroup_is_named_after_its_container),
		cmocka_unit_test(ids_have_no_way_out),
		cmocka_unit_test(a_process_is_alive_until_it_ends),
		cmocka_unit_test(a_mark_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
