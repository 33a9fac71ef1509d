/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/io/pipe.c: between two pairs of sockets every byte goes through, in order and once.
 */
#include "io/pipe.c"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "../faults.h"

/* clang-format off */
FAULT(pipe2, int, -1, (int fds[2], int flags), (fds, flags))
/* clang-format on */

enum { BIG_BYTES = 5000000, SMALL_SENDS = 600, ROUNDS_MAX = 1000000 };

/* What is written to @source arrives at @from; what goes to @to is read from @sink. */
struct way {
	struct loop loop;
	struct stream from, to;
	int source, sink;
	struct pipes pipes;
	struct pipe *pipe;
};

static void on_ready(struct watch *w, uint32_t events)
{
	(void)w, (void)events;
}

static int open_way(void **state)
{
	struct way *w = calloc(1, sizeof(*w));
	int a[2], b[2];

	assert_int_equal(loop_init(&w->loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, a), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b), 0);
	w->source = a[0];
	w->sink = b[0];
	assert_int_equal(stream_open(&w->from, &w->loop, a[1], on_ready), 0);
	assert_int_equal(stream_open(&w->to, &w->loop, b[1], on_ready), 0);
	pipes_init(&w->pipes, &w->loop);
	w->pipe = pipe_take(&w->pipes);
	assert_non_null(w->pipe);
	*state = w;
	return 0;
}

static int close_way(void **state)
{
	struct way *w = *state;

	pipe_give(w->pipe);
	pipes_fini(&w->pipes);
	assert_int_equal(w->pipes.count, 0);
	stream_close(&w->from, &w->loop);
	stream_close(&w->to, &w->loop);
	close(w->source);
	close(w->sink);
	loop_fini(&w->loop);
	free(w);
	return 0;
}

/* What epoll would say now. */
static void note(struct way *w)
{
	stream_note(&w->from, EPOLLIN);
	stream_note(&w->to, EPOLLOUT);
}

static char pattern(size_t i)
{
	return (char)(i * 31 + (i >> 8));
}

static size_t send_some(struct way *w, size_t from)
{
	char bytes[7777];
	ssize_t n;
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = pattern(from + i);
	n = send(w->source, bytes,
		 from + sizeof(bytes) < BIG_BYTES ? sizeof(bytes) : BIG_BYTES - from, 0);
	return n > 0 ? (size_t)n : 0;
}

static size_t read_some(struct way *w, size_t from)
{
	char bytes[5555];
	ssize_t n = recv(w->sink, bytes, sizeof(bytes), 0), i;

	for (i = 0; i < n; i++)
		assert_int_equal(bytes[i], pattern(from + (size_t)i));
	return n > 0 ? (size_t)n : 0;
}

static void every_byte_goes_through_once(void **state)
{
	struct way *w = *state;
	size_t sent = 0, taken = 0, flushed = 0, got = 0;
	int i;

	for (i = 0; i < ROUNDS_MAX && got < BIG_BYTES; i++) {
		note(w);
		if (sent < BIG_BYTES)
			sent += send_some(w, sent);
		taken += pipe_fill(w->pipe, &w->from, i % 3 ? UINT64_MAX : 1000);
		flushed += pipe_flush(w->pipe, &w->to);
		assert_int_equal(w->pipe->held, taken - flushed);
		if (i % 2)
			got += read_some(w, got);
	}
	assert_int_equal(got, BIG_BYTES);
	assert_int_equal(w->pipe->held, 0);
}

static void no_more_is_taken_than_was_asked_for(void **state)
{
	struct way *w = *state;

	assert_int_equal(send(w->source, "hello, next", 11, 0), 11);
	note(w);
	assert_int_equal(pipe_fill(w->pipe, &w->from, 5), 5);
	assert_int_equal(pipe_fill(w->pipe, &w->from, 0), 0);
	assert_true(w->from.readable);
	assert_int_equal(stream_fill(&w->from), 6);
	assert_true(str_eq(buf_str(&w->from.in), STR(", next")));
}

static void a_pipe_without_slots_is_not_a_socket_without_bytes(void **state)
{
	struct way *w = *state;
	size_t taken = 0, got = 0;
	char bytes[SMALL_SENDS];
	int i;

	for (i = 0; i < SMALL_SENDS && send(w->source, "x", 1, 0) == 1; i++)
		;
	note(w);
	while (pipe_fill(w->pipe, &w->from, UINT64_MAX))
		;
	taken = w->pipe->held;
	assert_true(taken > 0 && taken < (size_t)i);
	assert_true(w->from.readable);
	while (got < (size_t)i) {
		ssize_t n;

		note(w);
		pipe_flush(w->pipe, &w->to);
		pipe_fill(w->pipe, &w->from, UINT64_MAX);
		n = recv(w->sink, bytes, sizeof(bytes), 0);
		assert_true(n > 0);
		got += (size_t)n;
	}
	assert_int_equal(got, i);
	assert_int_equal(pipe_fill(w->pipe, &w->from, UINT64_MAX), 0);
	assert_false(w->from.readable);
}

static void the_end_is_seen_behind_the_last_byte(void **state)
{
	struct way *w = *state;

	assert_int_equal(send(w->source, "hello", 5, 0), 5);
	assert_int_equal(shutdown(w->source, SHUT_WR), 0);
	note(w);
	assert_int_equal(pipe_fill(w->pipe, &w->from, UINT64_MAX), 5);
	assert_false(w->from.eof);
	assert_int_equal(pipe_fill(w->pipe, &w->from, UINT64_MAX), 0);
	assert_true(w->from.eof && !w->from.error);
	assert_int_equal(pipe_flush(w->pipe, &w->to), 5);
}

static void a_receiver_that_is_gone_is_deaf(void **state)
{
	struct way *w = *state;

	assert_int_equal(send(w->source, "hello", 5, 0), 5);
	shutdown(w->sink, SHUT_RD);
	note(w);
	assert_int_equal(pipe_fill(w->pipe, &w->from, UINT64_MAX), 5);
	assert_int_equal(pipe_flush(w->pipe, &w->to), 0);
	assert_true(w->to.is_deaf);
}

static void there_are_so_many_and_no_more(void **state)
{
	struct way *w = *state;
	struct pipe *taken[PIPES_MAX] = { w->pipe };
	int i;

	for (i = 1; i < PIPES_MAX; i++) {
		taken[i] = pipe_take(&w->pipes);
		assert_non_null(taken[i]);
	}
	assert_null(pipe_take(&w->pipes));
	for (i = 0; i < PIPES_MAX; i++)
		pipe_give(taken[i]);
	assert_int_equal(w->pipes.count, PIPES_IDLE_MAX);
	w->pipe = pipe_take(&w->pipes);
	assert_non_null(w->pipe);
	assert_int_equal(w->pipes.count, PIPES_IDLE_MAX);
}

static void a_kernel_that_gave_none_is_asked_again_later(void **state)
{
	struct way *w = *state;
	struct pipe *second;

	faults_left = 1;
	assert_null(pipe_take(&w->pipes));
	assert_int_equal(faults_left, 0);
	/* At once it would refuse again, and cost a call each time. */
	w->loop.now_ms += PIPE_REFUSED_MS - 1;
	assert_null(pipe_take(&w->pipes));
	w->loop.now_ms++;
	second = pipe_take(&w->pipes);
	assert_non_null(second);
	pipe_give(second);
}

static void what_one_left_inside_is_never_anothers(void **state)
{
	struct way *w = *state;

	assert_int_equal(send(w->source, "secret", 6, 0), 6);
	note(w);
	assert_int_equal(pipe_fill(w->pipe, &w->from, UINT64_MAX), 6);
	pipe_give(w->pipe);
	assert_int_equal(w->pipes.count, 0);
	w->pipe = pipe_take(&w->pipes);
	assert_int_equal(w->pipe->held, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_way, close_way)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_byte_goes_through_once),
		CASE(no_more_is_taken_than_was_asked_for),
		CASE(a_pipe_without_slots_is_not_a_socket_without_bytes),
		CASE(the_end_is_seen_behind_the_last_byte),
		CASE(a_receiver_that_is_gone_is_deaf),
		CASE(there_are_so_many_and_no_more),
		CASE(a_kernel_that_gave_none_is_asked_again_later),
		CASE(what_one_left_inside_is_never_anothers),
	};

	signal(SIGPIPE, SIG_IGN); /* as in the daemon: splice() has no MSG_NOSIGNAL */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
