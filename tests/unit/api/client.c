/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to the API: framing, keep-alive, refusals. Both ends live in one loop. */
#include "api/client.c"

#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct fixture {
	char dir[64], path[96];
	struct store *s;
	struct loop loop;
	struct api_context on;
	struct watch peer;
	struct str to_send;
	char got[32768];
	size_t got_bytes;
	int gone;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct fault fault;

	snprintf(f->dir, sizeof(f->dir), "/tmp/lattice-client-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/lattice.db", f->dir);
	assert_int_equal(store_open_sqlite(f->path, &f->s, &fault), 0);
	assert_int_equal(loop_init(&f->loop), 0);
	f->on = (struct api_context){ .store = f->s,
				      .region = STR("us-east-1"),
				      .account = STR("123456789012") };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->s);
	loop_fini(&f->loop);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void gone(struct client *c, void *ctx)
{
	struct fixture *f = ctx;

	(void)c;
	f->gone++;
}

/* The peer: sends what it has, reads until the end, then stops the loop. */
static void peer_ready(struct watch *w, uint32_t events)
{
	struct fixture *f = container_of(w, struct fixture, peer);
	ssize_t n;

	(void)events;
	if (f->to_send.n) {
		n = send(w->fd, f->to_send.p, f->to_send.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		f->to_send = n > 0			? str_skip(f->to_send, (size_t)n)
			     : n < 0 && errno != EAGAIN ? (struct str){ 0 }
							: f->to_send;
		if (!f->to_send.n)
			loop_modify(&f->loop, w, EPOLLIN);
	}
	n = recv(w->fd, f->got + f->got_bytes, sizeof(f->got) - 1 - f->got_bytes, MSG_DONTWAIT);
	if (n > 0)
		f->got_bytes += (size_t)n;
	else if (n == 0 || errno != EAGAIN)
		loop_stop(&f->loop);
}

/* Send @bytes; the connection's end, which they must bring about, ends this. */
static const char *converse(struct fixture *f, struct str bytes, bool is_admin)
{
	struct client_config config = {
		.loop = &f->loop,
		.on = &f->on,
		.standing = is_admin ? GUEST_ADMIN : GUEST_STRANGER,
		.gone = gone,
		.ctx = f,
	};
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	assert_non_null(client_new(&config, fds[0]));
	f->peer = (struct watch){ .fd = fds[1], .ready = peer_ready };
	f->to_send = bytes;
	assert_int_equal(loop_add(&f->loop, &f->peer, EPOLLIN | EPOLLOUT), 0);
	loop_run(&f->loop);
	f->loop.stopping = false;
	loop_remove(&f->loop, &f->peer);
	close(fds[1]);
	assert_int_equal(f->gone, 1);
	f->got[f->got_bytes] = '\0';
	return f->got;
}

static void answers_several_requests_on_one_connection(void **state)
{
	static const char bytes[] =
		"POST /services HTTP/1.1\r\nHost: l\r\nContent-Length: "
		"15\r\n\r\n{\"name\":\"cart\"}"
		"POST /services HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n"
		"5\r\n{\"nam\r\nb\r\ne\":\"other\"}\r\n0\r\n\r\n"
		"GET /services HTTP/1.1\r\nHost: l\r\nConnection: close\r\n\r\n";
	const char *got = converse(*state, STR(bytes), true);
	const char *second, *third;

	assert_int_equal(strncmp(got, "HTTP/1.1 201", 12), 0);
	second = strstr(got + 12, "HTTP/1.1 201");
	assert_non_null(second);
	third = strstr(second + 12, "HTTP/1.1 200");
	assert_non_null(third);
	assert_non_null(strstr(third, "connection: close"));
	assert_non_null(strstr(third, "x-amzn-requestid: "));
	assert_non_null(strstr(third, "\"name\":\"other\""));
}

static void a_stranger_is_refused_once(void **state)
{
	static const char bytes[] = "GET /services HTTP/1.1\r\nHost: l\r\n\r\n";
	const char *got = converse(*state, STR(bytes), false);

	assert_int_equal(strncmp(got, "HTTP/1.1 403", 12), 0);
	assert_non_null(strstr(got, "x-amzn-errortype: AccessDeniedException"));
}

static void malformed_and_oversized_requests_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(strncmp(converse(f, STR("what\r\n\r\n"), true), "HTTP/1.1 400", 12), 0);
	f->got_bytes = 0;
	f->gone = 0;
	assert_int_equal(strncmp(converse(f,
					  STR("POST /services HTTP/1.1\r\nHost: l\r\n"
					      "Content-Length: 1048577\r\n\r\n"),
					  true),
				 "HTTP/1.1 413", 12),
			 0);
	assert_non_null(strstr(f->got, "x-amzn-errortype: ValidationException"));
}

static void a_chunked_body_over_the_limit_is_refused(void **state)
{
	static char bytes[CLIENT_BODY_BYTES_MAX + 256];
	int n = snprintf(bytes, sizeof(bytes),
			 "POST /services HTTP/1.1\r\nHost: l\r\nTransfer-Encoding: chunked\r\n\r\n"
			 "%x\r\n",
			 CLIENT_BODY_BYTES_MAX + 1);
	const char *got;

	memset(bytes + n, ' ', CLIENT_BODY_BYTES_MAX + 1);
	got = converse(*state, (struct str){ bytes, (size_t)n + CLIENT_BODY_BYTES_MAX + 1 }, true);
	assert_int_equal(strncmp(got, "HTTP/1.1 413", 12), 0);
}

static void expectations_are_met(void **state)
{
	static const char bytes[] = "POST /services HTTP/1.1\r\nHost: l\r\nExpect: 100-continue\r\n"
				    "Connection: close\r\nContent-Length: 15\r\n\r\n";
	struct fixture *f = *state;
	struct client_config config = {
		.loop = &f->loop, .on = &f->on, .standing = GUEST_ADMIN, .gone = gone, .ctx = f
	};
	struct client *c;
	char got[64] = "";
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	c = client_new(&config, fds[0]);
	assert_int_equal(write(fds[1], bytes, sizeof(bytes) - 1), sizeof(bytes) - 1);
	run_client(c);
	assert_true(read(fds[1], got, sizeof(got) - 1) > 0);
	assert_string_equal(got, "HTTP/1.1 100 Continue\r\n\r\n");
	assert_int_equal(write(fds[1], "{\"name\":\"cart\"}", 15), 15);
	run_client(c);
	assert_int_equal(f->gone, 1);
	assert_true(read(fds[1], got, sizeof(got) - 1) > 0);
	assert_int_equal(strncmp(got, "HTTP/1.1 201", 12), 0);
	close(fds[1]);
}

static void a_slow_client_is_cut(void **state)
{
	struct fixture *f = *state;
	struct client_config config = {
		.loop = &f->loop, .on = &f->on, .standing = GUEST_ADMIN, .gone = gone, .ctx = f
	};
	struct client *c;
	uint64_t due;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	c = client_new(&config, fds[0]);
	due = c->deadline.due_ms;
	assert_true(timer_is_armed(&c->deadline));
	assert_int_equal(write(fds[1], "GET ", 4), 4);
	run_client(c);
	/* Bytes do not move the deadline. */
	assert_int_equal(c->deadline.due_ms, due);
	client_expired(&c->deadline);
	assert_int_equal(f->gone, 1);
	close(fds[1]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(answers_several_requests_on_one_connection),
		CASE(a_stranger_is_refused_once),
		CASE(malformed_and_oversized_requests_are_refused),
		CASE(a_chunked_body_over_the_limit_is_refused),
		CASE(expectations_are_met),
		CASE(a_slow_client_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
