/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/steer/place.c, with a /proc of their own whose processes share this test's
 * namespace. */
#include "steer/place.c"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct fixture {
	char dir[64];
	struct processes all;
};

/* A process in the cgroup at @path. */
static void add_process(struct fixture *f, int pid, const char *path)
{
	char name[128];
	FILE *file;

	snprintf(name, sizeof(name), "%s/%d", f->dir, pid);
	mkdir(name, 0700);
	snprintf(name, sizeof(name), "%s/%d/ns", f->dir, pid);
	mkdir(name, 0700);
	snprintf(name, sizeof(name), "%s/%d/ns/net", f->dir, pid);
	assert_int_equal(symlink("/proc/self/ns/net", name), 0);
	snprintf(name, sizeof(name), "%s/%d/cgroup", f->dir, pid);
	file = fopen(name, "w");
	assert_non_null(file);
	fprintf(file, "4:pids:/\n0::%s\n", path);
	fclose(file);
}

static void end_process(struct fixture *f, int pid)
{
	static const char *const parts[] = { "/cgroup", "/ns/net", "/ns", "" };
	char name[128];
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(name, sizeof(name), "%s/%d%s", f->dir, pid, parts[i]);
		remove(name);
	}
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/lattice-place-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->all.proc = f->dir;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int pid;

	for (pid = 1; pid < 100; pid++)
		end_process(f, pid);
	processes_fini(&f->all);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void a_container_is_found_by_its_first_process(void **state)
{
	struct fixture *f = *state;
	struct place p = { .how = "container:" ID };
	struct netns n;

	assert_int_equal(place_open(&p, &f->all, 1, &n), -ENOENT);
	add_process(f, 5, "/machine.slice/libpod-conmon-" ID ".scope");
	add_process(f, 30, "/system.slice/docker-" ID ".scope");
	add_process(f, 20, "/system.slice/docker-" ID ".scope");
	add_process(f, 10, "/system.slice/docker-" ID ".scope/docker/inner");
	assert_int_equal(place_open(&p, &f->all, 1, &n), -ENOENT);
	assert_int_equal(place_open(&p, &f->all, 2, &n), 0);
	assert_int_equal(p.pid, 20);
	assert_true(place_holds(&p, &f->all, 2, &n));
	netns_close(&n);
}

static void another_process_holds_it_when_one_ends(void **state)
{
	struct fixture *f = *state;
	struct place p = { .how = "container:" ID };
	struct netns n;

	add_process(f, 20, "/docker/" ID);
	add_process(f, 30, "/docker/" ID);
	assert_int_equal(place_open(&p, &f->all, 1, &n), 0);
	end_process(f, 20);
	assert_true(place_holds(&p, &f->all, 2, &n));
	assert_int_equal(p.pid, 30);
	end_process(f, 30);
	assert_false(place_holds(&p, &f->all, 3, &n));
	netns_close(&n);
}

static void a_pid_that_was_given_to_another_is_not_taken(void **state)
{
	struct fixture *f = *state;
	struct place p = { .how = "container:" ID };
	struct netns n;

	add_process(f, 20, "/docker/" ID);
	assert_int_equal(refresh(&f->all, 1), 0);
	end_process(f, 20);
	add_process(f, 20, "/system.slice/sshd.service");
	assert_int_equal(place_open(&p, &f->all, 1, &n), -ENOENT);
	assert_int_equal(n.fd, -1);
}

static void places_are_checked(void **state)
{
	static const char *const right[] = { "/run/netns/a..b", "container:redis-1",
					     "container:" ID,
					     "pid:1:2:01234567-89ab-cdef-0123-456789abcdef" };
	static const char *const wrong[] = {
		"",	"run/netns/x", "/a/../b",	"/..",		"pid:1",
		"pid:", "container:",  "container:a/b", "container:..", "net:x"
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		assert_null(place_check(str_of(right[i])));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_non_null(place_check(str_of(wrong[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_container_is_found_by_its_first_process, setup,
						teardown),
		cmocka_unit_test_setup_teardown(another_process_holds_it_when_one_ends, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_pid_that_was_given_to_another_is_not_taken, setup,
						teardown),
		cmocka_unit_test(places_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
