/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/log_hub.c: readers that read, that do not, and that leave. */
#include "proxy/log_hub.c"

#include "io/sock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TURN_MS = 30 };

struct fixture {
	struct loop loop;
	struct log_hub hub;
	struct timer timer;
	char dir[64], path[96];
	int listen_fd;
};

static void stop(struct timer *t)
{
	loop_stop(&container_of(t, struct fixture, timer)->loop);
}

/* Let the hub do what there is to do. */
static void turn(struct fixture *f)
{
	f->loop.stopping = false;
	f->timer.expired = stop;
	timer_arm(&f->loop, &f->timer, TURN_MS);
	loop_run(&f->loop);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_int_equal(loop_init(&f->loop), 0);
	snprintf(f->dir, sizeof(f->dir), "/tmp/lattice-log-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/sock", f->dir);
	f->listen_fd = sock_unix_listen(str_of(f->path), 0600, 8);
	assert_true(f->listen_fd >= 0);
	assert_int_equal(log_hub_init(&f->hub, &f->loop, f->listen_fd), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	log_hub_fini(&f->hub);
	close(f->listen_fd);
	loop_fini(&f->loop);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static int reader_open(struct fixture *f)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un os;

	assert_int_equal(sock_unix_addr(str_of(f->path), &os), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&os, sizeof(os)), 0);
	turn(f);
	return fd;
}

/* What there is to read now, terminated; freed by the caller. */
static char *read_all(struct fixture *f, int fd)
{
	size_t cap = 4 << 20, n = 0;
	char *text = malloc(cap);
	ssize_t k;

	for (;;) {
		k = recv(fd, text + n, cap - 1 - n, 0);
		if (k > 0) {
			n += (size_t)k;
			continue;
		}
		turn(f);
		k = recv(fd, text + n, cap - 1 - n, 0);
		if (k <= 0)
			break;
		n += (size_t)k;
	}
	text[n] = '\0';
	return text;
}

static void write_lines(struct fixture *f, struct str lines)
{
	log_hub_write(&f->hub, log_batch_of(lines));
}

static void every_reader_gets_every_line(void **state)
{
	struct fixture *f = *state;
	int a = reader_open(f), b = reader_open(f);
	char *text;

	assert_int_equal(f->hub.reader_count, 2);
	write_lines(f, STR("{\"n\":1}\n{\"n\":2}\n"));
	text = read_all(f, a);
	assert_string_equal(text, "{\"n\":1}\n{\"n\":2}\n");
	free(text);
	text = read_all(f, b);
	assert_string_equal(text, "{\"n\":1}\n{\"n\":2}\n");
	free(text);
	close(a);
	turn(f);
	assert_int_equal(f->hub.reader_count, 1);
	close(b);
}

static void a_slow_reader_is_told_how_many_lines_it_missed(void **state)
{
	struct fixture *f = *state;
	unsigned wrote, got = 0;
	char line[32], wanted[64], *text;
	int slow = reader_open(f);
	const char *at;

	for (wrote = 0; wrote < 100000; wrote++) {
		snprintf(line, sizeof(line), "{\"n\":%u}\n", wrote);
		write_lines(f, str_of(line));
	}
	text = read_all(f, slow);
	for (at = text; *at; at += strlen(line)) {
		snprintf(line, sizeof(line), "{\"n\":%u}\n", got++);
		assert_memory_equal(at, line, strlen(line));
	}
	assert_in_range(got, 1000, wrote - 1);
	free(text);
	write_lines(f, STR("{\"n\":\"last\"}\n"));
	text = read_all(f, slow);
	snprintf(wanted, sizeof(wanted), "{\"droppedLines\":%u}\n{\"n\":\"last\"}\n", wrote - got);
	assert_string_equal(text, wanted);
	free(text);
	close(slow);
}

static void a_reader_that_catches_up_gets_the_rest(void **state)
{
	struct fixture *f = *state;
	size_t n = 300 << 10; /* more than a socket takes, less than a queue */
	char *line = malloc(n + 1), *text;
	int fd = reader_open(f);

	memset(line, 'x', n);
	line[n - 1] = '\n';
	line[n] = '\0';
	write_lines(f, str_of(line));
	write_lines(f, STR("{\"n\":\"next\"}\n"));
	text = read_all(f, fd);
	assert_int_equal(strlen(text), n + strlen("{\"n\":\"next\"}\n"));
	assert_memory_equal(text, line, n);
	assert_string_equal(text + n, "{\"n\":\"next\"}\n");
	free(text);
	write_lines(f, STR("{\"n\":\"last\"}\n"));
	text = read_all(f, fd);
	assert_string_equal(text, "{\"n\":\"last\"}\n");
	free(text);
	free(line);
	close(fd);
}

static void a_batch_is_freed_with_its_last_reader(void **state)
{
	struct fixture *f = *state;
	size_t n = 900 << 10;
	struct log_batch *b = log_batch_new(n, n);
	int a = reader_open(f), c = reader_open(f);

	buf_commit(&b->lines, n);
	memset(b->lines.p, '\n', n);
	log_hub_write(&f->hub, log_batch_get(b));
	assert_int_equal(atomic_load(&b->references), 3);
	close(a);
	turn(f);
	assert_int_equal(atomic_load(&b->references), 2);
	close(c);
	turn(f);
	assert_int_equal(atomic_load(&b->references), 1);
	log_batch_put(b);
}

/* Write @lines at once. False: the hub did not want to. */
static bool write_now(struct fixture *f, struct str lines)
{
	struct log_batch *b = log_batch_of(lines);
	bool is_taken = log_hub_write_now(&f->hub, b);

	log_batch_put(b);
	return is_taken;
}

static void a_single_reader_has_its_lines_without_a_turn(void **state)
{
	struct fixture *f = *state;
	char got[8] = "";
	int a, b;

	assert_false(write_now(f, STR("{}\n")));
	a = reader_open(f);
	assert_true(write_now(f, STR("{}\n")));
	assert_int_equal(recv(a, got, sizeof(got), 0), 3);
	assert_string_equal(got, "{}\n");
	b = reader_open(f);
	assert_false(write_now(f, STR("{}\n")));
	close(b);
	turn(f);
	assert_true(write_now(f, STR("{}\n")));
	close(a);
	write_now(f, STR("{}\n"));
	turn(f);
	assert_int_equal(f->hub.reader_count, 0);
	assert_false(write_now(f, STR("{}\n")));
}

/* A batch of which a part was sent is finished before others, which are not sent at once. */
static void what_has_no_room_now_comes_later_and_in_order(void **state)
{
	struct fixture *f = *state;
	size_t n = 300 << 10;
	char *line = malloc(n), *text;
	struct log_batch *b;
	int fd = reader_open(f);

	memset(line, 'x', n);
	line[n - 1] = '\n';
	b = log_batch_of((struct str){ line, n });
	assert_true(log_hub_write_now(&f->hub, b));
	assert_int_equal(atomic_load(&b->references), 2);
	assert_false(write_now(f, STR("{\"n\":\"next\"}\n")));
	write_lines(f, STR("{\"n\":\"next\"}\n"));
	text = read_all(f, fd);
	assert_int_equal(strlen(text), n + strlen("{\"n\":\"next\"}\n"));
	assert_memory_equal(text, line, n);
	assert_string_equal(text + n, "{\"n\":\"next\"}\n");
	assert_int_equal(atomic_load(&b->references), 1);
	assert_true(write_now(f, STR("{}\n")));
	log_batch_put(b);
	free(text);
	free(line);
	close(fd);
}

/* Lines that were dropped are told before any other. */
static void nothing_overtakes_a_notice(void **state)
{
	static char full[1 << 19];
	struct fixture *f = *state;
	int fd = reader_open(f);
	unsigned i;
	char *text;

	memset(full, '\n', sizeof(full));
	for (i = 0; i < 4; i++)
		write_lines(f, (struct str){ full, sizeof(full) });
	free(read_all(f, fd));
	assert_false(write_now(f, STR("{}\n")));
	write_lines(f, STR("{}\n"));
	text = read_all(f, fd);
	assert_non_null(strstr(text, "{\"droppedLines\":"));
	assert_string_equal(text + strlen(text) - 3, "{}\n");
	free(text);
	close(fd);
}

enum { RACE_LINES = 20000 };

struct racer {
	struct fixture *f;
	pthread_t thread;
	atomic_uint refused;
};

static void *race(void *arg)
{
	struct racer *r = arg;
	unsigned i;

	for (i = 0; i < RACE_LINES; i++) {
		if (!write_now(r->f, STR("{\"n\":1}\n")))
			atomic_fetch_add(&r->refused, 1);
	}
	return NULL;
}

/* A thread writes while the hub's own lets readers come and go, and what was taken arrives. */
static void readers_come_and_go_while_a_thread_writes(void **state)
{
	struct fixture *f = *state;
	struct racer r = { .f = f };
	int fd = reader_open(f), other;
	size_t n = 0, i;
	char *text;

	assert_int_equal(pthread_create(&r.thread, NULL, race, &r), 0);
	for (i = 0; i < 5; i++) {
		other = reader_open(f);
		text = read_all(f, fd);
		n += strlen(text);
		free(text);
		close(other);
		turn(f);
	}
	pthread_join(r.thread, NULL);
	text = read_all(f, fd);
	n += strlen(text);
	free(text);
	assert_int_equal(n, (RACE_LINES - r.refused) * strlen("{\"n\":1}\n"));
	close(fd);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_reader_gets_every_line),
		CASE(a_slow_reader_is_told_how_many_lines_it_missed),
		CASE(a_reader_that_catches_up_gets_the_rest),
		CASE(a_batch_is_freed_with_its_last_reader),
		CASE(a_single_reader_has_its_lines_without_a_turn),
		CASE(what_has_no_room_now_comes_later_and_in_order),
		CASE(nothing_overtakes_a_notice),
		CASE(readers_come_and_go_while_a_thread_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
