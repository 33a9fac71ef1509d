/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/poster.c: posts against a server that answers what the test says. */
#include "telemetry/poster.c"

#include "io/sock.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
	struct loop loop;
	struct socket_desk desk;
	struct poster poster;
	enum poster_result result;
	int listen_fd;
	unsigned sockets;    /* that were asked for */
	bool has_no_sockets; /* as when the broker has none */

	/* the server's thread */
	pthread_t thread;
	const char *const *answers; /* NULL at the end; "" closes without one */
	char seen[8192];
};

static void ask(void *ctx, uint16_t family, int type, uint64_t tag)
{
	struct fixture *f = ctx;

	f->sockets++;
	socket_desk_give(&f->desk, tag,
			 f->has_no_sockets ? -1 : socket(family, type | SOCK_NONBLOCK, 0));
}

static void done(struct poster *p, enum poster_result result)
{
	struct fixture *f = container_of(p, struct fixture, poster);

	f->result = result;
	loop_stop(&f->loop);
}

/* One connection after another, each for as many answers as it lives. */
static void *serve(void *arg)
{
	struct fixture *f = arg;
	int fd = -1;

	for (; *f->answers; f->answers++) {
		ssize_t n;

		if (fd < 0)
			fd = accept(f->listen_fd, NULL, NULL);
		n = recv(fd, f->seen, sizeof(f->seen) - 1, 0);
		f->seen[n > 0 ? n : 0] = '\0';
		send(fd, *f->answers, strlen(*f->answers), MSG_NOSIGNAL);
		if (!**f->answers || strstr(*f->answers, "close")) {
			close(fd);
			fd = -1;
		}
	}
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void start(struct fixture *f, const char *const *answers)
{
	f->answers = answers;
	assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
}

static enum poster_result post(struct fixture *f, const char *body)
{
	f->loop.stopping = false;
	poster_post(&f->poster, str_of(body));
	loop_run(&f->loop);
	return f->result;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct sockaddr_in os = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct log_url url = { .authority = STR("collector"), .path = STR("/lines") };

	assert_int_equal(loop_init(&f->loop), 0);
	f->listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(f->listen_fd, (struct sockaddr *)&os, sizeof(os)), 0);
	assert_int_equal(listen(f->listen_fd, 8), 0);
	assert_int_equal(sock_local(f->listen_fd, &url.addr), 0);
	socket_desk_init(&f->desk, ask, f);
	poster_init(&f->poster, &f->loop, &f->desk, &url, STR("text/plain"));
	f->poster.done = done;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	poster_fini(&f->poster);
	if (f->answers)
		pthread_join(f->thread, NULL);
	close(f->listen_fd);
	loop_fini(&f->loop);
	free(f);
	return 0;
}

static void a_connection_is_kept(void **state)
{
	static const char *const answers[] = { "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
					       "HTTP/1.1 204 No Content\r\n\r\n", NULL };
	struct fixture *f = *state;

	start(f, answers);
	assert_int_equal(post(f, "one"), POSTER_TAKEN);
	assert_non_null(strstr(f->seen, "POST /lines HTTP/1.1\r\n"));
	assert_non_null(strstr(f->seen, "host: collector\r\n"));
	assert_non_null(strstr(f->seen, "content-length: 3\r\n"));
	assert_non_null(strstr(f->seen, "\r\n\r\none"));
	assert_int_equal(post(f, "two"), POSTER_TAKEN);
	assert_int_equal(f->sockets, 1);
}

static bool said(const struct fixture *f, const char *body)
{
	return str_eq(buf_str(&f->poster.answer), str_of(body));
}

static void an_answer_is_read(void **state)
{
	static char large[POSTER_ANSWER_BYTES_MAX + 200];
	static const char *answers[] = {
		"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody",
		"HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\nclose it",
		"HTTP/1.1 200 OK\r\ncontent-length: 99\r\nconnection: close\r\n\r\nnot all",
		large,
		NULL,
	};
	struct fixture *f = *state;
	int n = snprintf(large, sizeof(large),
			 "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n",
			 POSTER_ANSWER_BYTES_MAX + 1);

	memset(large + n, 'x', POSTER_ANSWER_BYTES_MAX + 1);
	start(f, answers);
	assert_int_equal(post(f, "a"), POSTER_TAKEN);
	assert_true(said(f, "body"));
	assert_int_equal(post(f, "b"), POSTER_FAILED);
	assert_int_equal(f->poster.retry_after_ms, 7000);
	assert_true(said(f, ""));
	assert_int_equal(f->sockets, 1);
	assert_int_equal(post(f, "c"), POSTER_TAKEN);
	assert_int_equal(f->poster.retry_after_ms, 0);
	assert_int_equal(post(f, "d"), POSTER_TAKEN); /* its status has come */
	assert_true(said(f, ""));
	assert_int_equal(post(f, "e"), POSTER_TAKEN);
	assert_true(said(f, ""));
}

/* In pieces, of which the first has no body yet. */
static void *serve_slowly(void *arg)
{
	struct fixture *f = arg;
	int fd = accept(f->listen_fd, NULL, NULL);
	const char *const *piece;

	recv(fd, f->seen, sizeof(f->seen) - 1, 0);
	for (piece = f->answers; *piece; piece++) {
		send(fd, *piece, strlen(*piece), MSG_NOSIGNAL);
		poll(NULL, 0, 20);
	}
	recv(fd, f->seen, sizeof(f->seen) - 1, 0);
	send(fd, "HTTP/1.1 204 OK\r\n\r\n", 19, MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static void an_answer_in_pieces_keeps_the_connection(void **state)
{
	static const char *const pieces[] = { "HTTP/1.1 200 OK\r\ncontent-", "length: 4\r\n\r\n",
					      "bo", "dy", NULL };
	struct fixture *f = *state;

	f->answers = pieces;
	assert_int_equal(pthread_create(&f->thread, NULL, serve_slowly, f), 0);
	assert_int_equal(post(f, "a"), POSTER_TAKEN);
	assert_true(said(f, "body"));
	assert_int_equal(post(f, "b"), POSTER_TAKEN);
	assert_int_equal(f->sockets, 1);
}

static void an_answer_is_judged_by_its_status(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
		"HTTP/1.1 400 Bad\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
		"HTTP/1.1 429 Slow\r\nconnection: close\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nconnection: close\r\n\r\n", NULL
	};
	struct fixture *f = *state;

	start(f, answers);
	assert_int_equal(post(f, "a"), POSTER_FAILED);
	assert_int_equal(post(f, "b"), POSTER_REFUSED);
	assert_int_equal(f->poster.status, 400);
	assert_int_equal(post(f, "c"), POSTER_FAILED);
	assert_int_equal(post(f, "d"), POSTER_TAKEN);
	assert_int_equal(f->sockets, 4);
}

static void no_answer_or_nonsense_is_a_failure(void **state)
{
	static const char *const answers[] = { "", "SMTP ready\r\n\r\nclose", NULL };
	struct fixture *f = *state;

	start(f, answers);
	assert_int_equal(post(f, "a"), POSTER_FAILED);
	assert_int_equal(f->poster.status, 0);
	assert_int_equal(post(f, "b"), POSTER_FAILED);
}

static void nobody_there_is_a_failure(void **state)
{
	struct fixture *f = *state;

	shutdown(f->listen_fd, SHUT_RDWR);
	assert_int_equal(post(f, "a"), POSTER_FAILED);
}

static void what_comes_for_a_wish_given_up_is_closed(void **state)
{
	struct fixture *f = *state;
	int ends[2];
	char c;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	socket_desk_give(&f->desk, 99, ends[0]);
	assert_int_equal(recv(ends[1], &c, 1, 0), 0);
	close(ends[1]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_connection_is_kept),
		CASE(an_answer_is_read),
		CASE(an_answer_in_pieces_keeps_the_connection),
		CASE(an_answer_is_judged_by_its_status),
		CASE(no_answer_or_nonsense_is_a_failure),
		CASE(nobody_there_is_a_failure),
		CASE(what_comes_for_a_wish_given_up_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
