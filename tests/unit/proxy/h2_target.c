/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/h2_target.c: targets that speak HTTP/2, well and badly. */
#include "proxy/h2_target.c"

#include "h2_peer.h"
#include "house.h"

enum { END = NGHTTP2_FLAG_END_STREAM };

/* The target's end of the next connection to it. */
static struct h2_peer *receive(struct house *h)
{
	struct h2_peer *p = calloc(1, sizeof(*p));

	peer_server(p, house_accept(h));
	return p;
}

static void leave(struct h2_peer *p)
{
	peer_end(p);
	free(p);
}

/* The head of the next request, and its stream. */
static uint32_t next_request(struct h2_peer *p, const char *path)
{
	char wanted[64];

	for (;;) {
		struct frame *f = frame_read(p);

		assert_non_null(f);
		if (f->type != NGHTTP2_HEADERS)
			continue;
		snprintf(wanted, sizeof(wanted), ":path: %s\n", path);
		assert_non_null(strstr(f->head, wanted));
		return f->id;
	}
}

static void answer_ok(struct h2_peer *p, uint32_t id)
{
	HEAD(p->fd, id, 0, ":status", "200", "content-length", "2");
	frame_send(p->fd, NGHTTP2_DATA, END, id, "ok", 2);
}

static void clients_share_a_connection(void **state)
{
	struct house *h = *state;
	int a = house_client(h), b = house_client(h);
	struct h2_peer *p;
	uint32_t one, two;

	ask(a, "GET", "/a");
	p = receive(h);
	one = next_request(p, "/a");
	assert_non_null(strstr(p->frame.head, ":method: GET\n"));
	assert_non_null(strstr(p->frame.head, ":scheme: http\n"));
	assert_non_null(strstr(p->frame.head, ":authority: h\n"));
	assert_non_null(strstr(p->frame.head, "x-forwarded-for: 127.0.0.1\n"));
	assert_true(p->frame.flags & END);
	ask(b, "GET", "/b");
	two = next_request(p, "/b");
	assert_true(one != two);
	answer_ok(p, two);
	hear(b, "\r\n\r\nok");
	answer_ok(p, one);
	hear(a, "\r\n\r\nok");
	ask(a, "GET", "/c");
	answer_ok(p, next_request(p, "/c"));
	hear(a, "\r\n\r\nok");
	close(a);
	close(b);
	leave(p);
}

static void bodies_go_both_ways_with_trailers(void **state)
{
	struct house *h = *state;
	int client = house_client(h);
	struct frame *f;
	struct h2_peer *p;
	uint32_t id;

	say(client, "POST / HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nConnection: te\r\n"
		    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
	p = receive(h);
	id = next_request(p, "/");
	assert_non_null(strstr(p->frame.head, "te: trailers\n"));
	assert_null(strstr(p->frame.head, "transfer-encoding"));
	f = frame_await(p, NGHTTP2_DATA, id);
	assert_memory_equal(f->payload, "hello", 5);
	assert_false(f->flags & END);
	say(client, "0\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n");
	f = frame_await(p, NGHTTP2_HEADERS, id);
	assert_string_equal(f->head, "x-sum: 1\n");
	assert_true(f->flags & END);
	HEAD(p->fd, id, 0, ":status", "200");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "transfer-encoding: chunked\r\n"));
	frame_send(p->fd, NGHTTP2_DATA, 0, id, "back", 4);
	hear_exactly(client, "4\r\nback\r\n");
	HEAD(p->fd, id, END, "x-back", "2", "host", "x");
	hear_exactly(client, "0\r\nx-back: 2\r\n\r\n");
	close(client);
	leave(p);
}

static void an_empty_answer_has_a_length_for_http1(void **state)
{
	struct house *h = *state;
	int client = house_client(h);
	struct h2_peer *p;

	ask(client, "GET", "/");
	p = receive(h);
	HEAD(p->fd, next_request(p, "/"), END, ":status", "200");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "content-length: 0\r\n"));
	ask(client, "HEAD", "/head");
	HEAD(p->fd, next_request(p, "/head"), END, ":status", "200", "content-length", "7");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "content-length: 7\r\n"));
	ask(client, "GET", "/204");
	HEAD(p->fd, next_request(p, "/204"), END, ":status", "204");
	hear(client, "\r\n\r\n");
	close(client);
	leave(p);
}

static void interim_answers_are_passed_over(void **state)
{
	struct house *h = *state;
	int client = house_client(h), i;
	struct h2_peer *p;
	uint32_t id;

	ask(client, "GET", "/");
	p = receive(h);
	id = next_request(p, "/");
	HEAD(p->fd, id, 0, ":status", "103", "link", "x");
	answer_ok(p, id);
	assert_non_null(strstr(hear(client, "\r\n\r\nok"), "HTTP/1.1 200 "));
	ask(client, "GET", "/flood");
	id = next_request(p, "/flood");
	for (i = 0; i <= INTERIMS_MAX; i++)
		HEAD(p->fd, id, 0, ":status", "103");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 502 "));
	close(client);
	leave(p);
}

static void what_was_refused_is_asked_again(void **state)
{
	struct house *h = *state;
	int client = house_client(h);
	struct h2_peer *p;

	say(client, "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
	p = receive(h);
	frame_u32(p->fd, NGHTTP2_RST_STREAM, next_request(p, "/p"), NGHTTP2_REFUSED_STREAM);
	answer_ok(p, next_request(p, "/p"));
	hear(client, "\r\n\r\nok");
	close(client);
	leave(p);
}

/* It may have begun with what it reset, and would answer no better a second time. */
static void what_was_reset_or_malformed_is_not(void **state)
{
	struct house *h = *state;
	int client = house_client(h);
	struct h2_peer *p;

	ask(client, "GET", "/");
	p = receive(h);
	answer_ok(p, next_request(p, "/"));
	hear(client, "\r\n\r\nok");
	ask(client, "GET", "/reset");
	frame_u32(p->fd, NGHTTP2_RST_STREAM, next_request(p, "/reset"), NGHTTP2_CANCEL);
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 502 "));
	close(client);
	house_wait_log(h, "\"failureReason\":\"TargetConnectionClosed\"");
	client = house_client(h);
	ask(client, "GET", "/bad");
	HEAD(p->fd, next_request(p, "/bad"), 0, ":status", "200", "X-Upper", "a");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 502 "));
	close(client);
	house_wait_log(h, "\"failureReason\":\"TargetProtocolError\"");
	leave(p);
}

static void a_target_that_always_refuses_is_a_503(void **state)
{
	struct house *h = *state;
	int client = house_client(h), i;
	struct h2_peer *p;

	ask(client, "GET", "/");
	p = receive(h);
	for (i = 0; i < 3; i++)
		frame_u32(p->fd, NGHTTP2_RST_STREAM, next_request(p, "/"), NGHTTP2_REFUSED_STREAM);
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 503 "));
	close(client);
	leave(p);
}

/* Streams beyond the last one of a GOAWAY were not seen; those before are finished. */
static void goaway_loses_nothing(void **state)
{
	static const uint8_t last_is_one[8] = { 0, 0, 0, 1 };
	struct house *h = *state;
	int a = house_client(h), b = house_client(h);
	struct h2_peer *first, *second;

	ask(a, "GET", "/a");
	first = receive(h);
	assert_int_equal(next_request(first, "/a"), 1);
	say(b, "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
	next_request(first, "/b");
	frame_send(first->fd, NGHTTP2_GOAWAY, 0, 0, last_is_one, sizeof(last_is_one));
	second = receive(h);
	answer_ok(second, next_request(second, "/b"));
	hear(b, "\r\n\r\nok");
	answer_ok(first, 1);
	hear(a, "\r\n\r\nok");
	frames_end(first);
	close(a);
	close(b);
	leave(first);
	leave(second);
}

static void a_full_connection_gets_a_neighbour(void **state)
{
	static const uint8_t one_stream[6] = { 0, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0, 0, 0,
					       1 };
	struct house *h = *state;
	int a = house_client(h), b = house_client(h);
	struct h2_peer *first, *second;

	ask(a, "GET", "/1");
	first = receive(h);
	frame_send(first->fd, NGHTTP2_SETTINGS, 0, 0, one_stream, sizeof(one_stream));
	answer_ok(first, next_request(first, "/1"));
	hear(a, "\r\n\r\nok");
	ask(a, "GET", "/a");
	next_request(first, "/a");
	ask(b, "GET", "/b");
	second = receive(h);
	answer_ok(second, next_request(second, "/b"));
	hear(b, "\r\n\r\nok");
	close(a);
	close(b);
	leave(first);
	leave(second);
}

static void a_client_that_goes_resets_its_stream_only(void **state)
{
	struct house *h = *state;
	int a = house_client(h), b = house_client(h);
	struct h2_peer *p;
	uint32_t id;

	ask(a, "GET", "/a");
	p = receive(h);
	id = next_request(p, "/a");
	shutdown(a, SHUT_RDWR);
	close(a);
	/* A client that half-closes still wants its answer; one that is gone is known by a reset.
	 */
	HEAD(p->fd, id, 0, ":status", "200");
	frame_send(p->fd, NGHTTP2_DATA, 0, id, "x", 1);
	assert_int_equal(frame_value(frame_await(p, NGHTTP2_RST_STREAM, id), 0), NGHTTP2_CANCEL);
	ask(b, "GET", "/b");
	answer_ok(p, next_request(p, "/b"));
	hear(b, "\r\n\r\nok");
	close(b);
	leave(p);
}

static void a_target_that_closes_midway_cuts_the_answer(void **state)
{
	struct house *h = *state;
	int client = house_client(h);
	struct h2_peer *p;
	uint32_t id;

	ask(client, "GET", "/");
	p = receive(h);
	id = next_request(p, "/");
	HEAD(p->fd, id, 0, ":status", "200", "content-length", "10");
	frame_send(p->fd, NGHTTP2_DATA, 0, id, "half", 4);
	hear(client, "\r\n\r\nhalf");
	leave(p);
	hear_end(client);
	close(client);
}

static void a_target_that_closes_before_is_a_502(void **state)
{
	struct house *h = *state;
	int client = house_client(h);
	struct h2_peer *p;

	ask(client, "POST", "/");
	p = receive(h);
	next_request(p, "/");
	leave(p);
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 502 "));
	house_wait_log(h, "\"failureReason\":\"TargetConnectionClosed\"");
	close(client);
}

static void garbage_is_a_502(void **state)
{
	static const char *const heads[][8] = {
		{ ":status", "200", "connection", "close" },
		{ ":status", "20" },
		{ "x", "y" },
		{ ":status", "101" },
		{ ":status", "200", "content-length", "3", "content-length", "4" },
		{ ":status", "200", "a", "b\r\nc: d" },
	};
	struct house *h = *state;
	struct h2_peer *p = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(heads); i++) {
		int client = house_client(h);

		ask(client, "POST", "/");
		if (!p)
			p = receive(h);
		head_send(p->fd, next_request(p, "/"), END, heads[i]);
		assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 502 "));
		close(client);
	}
	leave(p);
}

/* It may be asked again, on another connection, for as long as nothing was sent to it. */
static void a_target_that_speaks_http1_is_an_error(void **state)
{
	struct house *h = *state;
	int client = house_client(h), targets[4], n = 0;
	struct pollfd wait[2] = { { .fd = client, .events = POLLIN },
				  { .fd = h->back_fd, .events = POLLIN } };

	ask(client, "POST", "/");
	for (;;) {
		assert_true(poll(wait, 2, WAIT_MS) > 0);
		if (wait[0].revents)
			break;
		assert_true(n < 4);
		targets[n] = house_accept(h);
		say(targets[n++], "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
	}
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 50"));
	while (n)
		close(targets[--n]);
	close(client);
}

static void no_target_at_all_is_a_503(void **state)
{
	struct house *h = *state;
	int client = house_client(h);

	close(h->back_fd);
	ask(client, "GET", "/");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 503 "));
	close(client);
	h->back_fd = house_listen(&h->back);
}

static void a_vpc_that_goes_takes_its_connections_along(void **state)
{
	struct house *h = *state;
	int client = house_client(h);
	struct h2_peer *p;

	ask(client, "GET", "/");
	p = receive(h);
	next_request(p, "/");
	worker_send(&h->worker, house_letter(WORKER_VPC_GONE));
	hear_end(client);
	frames_end(p);
	close(client);
	leave(p);
}

/* The stream of a response that nobody takes stays within its window. */
static void a_slow_client_closes_the_window(void **state)
{
	static const char piece[16384];
	struct house *h = *state;
	int client = house_client(h);
	struct h2_peer *p;
	struct pollfd wait;
	int64_t window = 65535, sent = 0;
	uint32_t id;

	ask(client, "GET", "/");
	p = receive(h);
	id = next_request(p, "/");
	HEAD(p->fd, id, 0, ":status", "200");
	wait = (struct pollfd){ .fd = p->fd, .events = POLLIN };
	for (;;) {
		struct frame *f;

		while (window >= (int64_t)sizeof(piece)) {
			frame_send(p->fd, NGHTTP2_DATA, 0, id, piece, sizeof(piece));
			window -= sizeof(piece);
			sent += sizeof(piece);
			assert_true(sent < 64 << 20);
		}
		if (poll(&wait, 1, 300) == 0)
			break;
		f = frame_read(p);
		assert_non_null(f);
		if (f->type == NGHTTP2_WINDOW_UPDATE && f->id == id)
			window += frame_value(f, 0);
	}
	close(client);
	leave(p);
}

static int open_h2(void **state)
{
	struct house *h = house_prepare();

	h->group->version = SNAP_HTTP2;
	house_publish(h);
	*state = h;
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_h2, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(clients_share_a_connection),
		CASE(bodies_go_both_ways_with_trailers),
		CASE(an_empty_answer_has_a_length_for_http1),
		CASE(interim_answers_are_passed_over),
		CASE(what_was_refused_is_asked_again),
		CASE(what_was_reset_or_malformed_is_not),
		CASE(a_target_that_always_refuses_is_a_503),
		CASE(goaway_loses_nothing),
		CASE(a_full_connection_gets_a_neighbour),
		CASE(a_client_that_goes_resets_its_stream_only),
		CASE(a_target_that_closes_midway_cuts_the_answer),
		CASE(a_target_that_closes_before_is_a_502),
		CASE(garbage_is_a_502),
		CASE(a_target_that_speaks_http1_is_an_error),
		CASE(no_target_at_all_is_a_503),
		CASE(a_vpc_that_goes_takes_its_connections_along),
		CASE(a_slow_client_closes_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
