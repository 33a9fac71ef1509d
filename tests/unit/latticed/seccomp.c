/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/latticed/seccomp.c: each in a child, which the sandbox may kill. */
#include "latticed/seccomp.c"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* How a child ends that enters the sandbox and calls @run: its exit status, or minus a signal. */
static int end_of(int (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(plane_sandbox() ? 99 : run());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int run_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static int run_exec(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static int run_fork(void)
{
	return fork() == 0;
}

static int run_setns(void)
{
	return setns(-1, 0);
}

static int run_executable_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}

static void kills_what_the_plane_never_needs(void **state)
{
	(void)state;
	assert_int_equal(end_of(run_socket), -SIGSYS);
	assert_int_equal(end_of(run_exec), -SIGSYS);
	assert_int_equal(end_of(run_fork), -SIGSYS);
	assert_int_equal(end_of(run_setns), -SIGSYS);
	assert_int_equal(end_of(run_executable_memory), -SIGSYS);
}

static void *do_nothing(void *p)
{
	return p;
}

static int run_thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, do_nothing, NULL) || pthread_join(t, NULL);
}

static int run_sqlite(void)
{
	char path[] = "/tmp/lattice-seccomp-XXXXXX";
	sqlite3 *db = NULL;
	int fd = mkstemp(path), err;

	if (fd < 0)
		return 1;
	close(fd);
	err = sqlite3_open(path, &db);
	if (!err)
		err = sqlite3_exec(db,
				   "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
				   "CREATE TABLE t (a); INSERT INTO t VALUES (1);"
				   "PRAGMA wal_checkpoint(TRUNCATE);",
				   NULL, NULL, NULL);
	sqlite3_close(db);
	unlink(path);
	return err;
}

static int sockets[2]; /* the child may make none */

static int run_pipe(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) || fcntl(fds[1], F_SETPIPE_SZ, 1 << 16) < 0)
		return 1;
	return send(sockets[0], "hello", 5, 0) != 5 ||
	       splice(sockets[1], NULL, fds[1], NULL, 5, SPLICE_F_NONBLOCK) != 5 ||
	       splice(fds[0], NULL, sockets[1], NULL, 5, SPLICE_F_NONBLOCK) != 5;
}

static void lets_threads_the_store_and_pipes_work(void **state)
{
	(void)state;
	assert_int_equal(end_of(run_thread), 0);
	assert_int_equal(end_of(run_sqlite), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	assert_int_equal(end_of(run_pipe), 0);
	close(sockets[0]);
	close(sockets[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kills_what_the_plane_never_needs),
		cmocka_unit_test(lets_threads_the_store_and_pipes_work),
	};

	/* An unprivileged process may only filter itself when it gives up on more. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
