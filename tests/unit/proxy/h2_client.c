/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/h2_client.c and h2_session.c: clients that speak HTTP/2, well and badly. */
#include "proxy/h2_client.c"

#include "h2_peer.h"
#include "house.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

enum { END = NGHTTP2_FLAG_END_STREAM };

static struct h2_peer *arrive(struct house *h)
{
	struct h2_peer *p = calloc(1, sizeof(*p));

	peer_client(p, house_client(h));
	return p;
}

static void leave(struct h2_peer *p)
{
	peer_end(p);
	free(p);
}

/* Nothing that came is left: streams are gone, the worker lives. */
static void still_serves(struct house *h)
{
	struct h2_peer *p = arrive(h);
	int target;

	HEAD(p->fd, 1, END, GET("/still"));
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, OK);
	assert_non_null(strstr(frame_await(p, NGHTTP2_HEADERS, 1)->head, ":status: 200\n"));
	close(target);
	leave(p);
}

static void streams_are_answered_as_their_targets_are(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	struct frame *f;
	int one, two;

	HEAD(p->fd, 1, END, GET("/1"));
	one = house_accept(h);
	assert_non_null(strstr(hear(one, "\r\n\r\n"), "GET /1 HTTP/1.1\r\nhost: h\r\n"));
	HEAD(p->fd, 3, END, GET("/3"), "cookie", "a=1", "cookie", "b=2");
	two = house_accept(h);
	assert_non_null(strstr(hear(two, "\r\n\r\n"), "cookie: a=1; b=2\r\n"));
	say(two, OK);
	assert_non_null(strstr(frame_await(p, NGHTTP2_HEADERS, 3)->head, ":status: 200\n"));
	f = frame_await(p, NGHTTP2_DATA, 3);
	assert_memory_equal(f->payload, "ok", 2);
	assert_true(f->flags & END);
	say(one, OK);
	frame_await(p, NGHTTP2_HEADERS, 1);
	house_wait_log(h, "\"protocol\":\"HTTP/2\"");
	close(one);
	close(two);
	leave(p);
}

static void bodies_and_trailers_become_chunks(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	int target;

	HEAD(p->fd, 1, 0, ":method", "POST", ":scheme", "http", ":authority", "h", ":path", "/");
	frame_send(p->fd, NGHTTP2_DATA, 0, 1, "hello", 5);
	target = house_accept(h);
	assert_non_null(strstr(hear(target, "\r\n\r\n"), "transfer-encoding: chunked\r\n"));
	hear_exactly(target, "5\r\nhello\r\n");
	HEAD(p->fd, 1, END, "x-sum", "1", "host", "other");
	hear_exactly(target, "0\r\nx-sum: 1\r\n\r\n");
	say(target, OK);
	frame_await(p, NGHTTP2_DATA, 1);
	close(target);
	leave(p);
}

static void heads_that_are_refused_are_answered(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);

	HEAD(p->fd, 1, END, GET("/"), "host", "other");
	assert_non_null(strstr(frame_await(p, NGHTTP2_HEADERS, 1)->head, ":status: 400\n"));
	HEAD(p->fd, 3, 0, GET("/"), "content_length", "5");
	assert_non_null(strstr(frame_await(p, NGHTTP2_HEADERS, 3)->head, ":status: 400\n"));
	assert_int_equal(frame_value(frame_await(p, NGHTTP2_RST_STREAM, 3), 0), 0);
	leave(p);
	still_serves(h);
}

/* libnghttp2 judges these. */
static void malformed_heads_are_reset(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);

	HEAD(p->fd, 1, END, GET("/"), "X-Upper", "a");
	assert_int_equal(frame_value(frame_await(p, NGHTTP2_RST_STREAM, 1), 0),
			 NGHTTP2_PROTOCOL_ERROR);
	HEAD(p->fd, 3, END, GET("/"), "connection", "close");
	assert_int_equal(frame_value(frame_await(p, NGHTTP2_RST_STREAM, 3), 0),
			 NGHTTP2_PROTOCOL_ERROR);
	HEAD(p->fd, 5, END, GET("/"), "a", "b\nc");
	assert_int_equal(frame_value(frame_await(p, NGHTTP2_RST_STREAM, 5), 0),
			 NGHTTP2_PROTOCOL_ERROR);
	leave(p);
	still_serves(h);
}

static void a_body_longer_than_it_said_never_ends_at_the_target(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	int target;

	HEAD(p->fd, 1, 0, ":method", "POST", ":scheme", "http", ":authority", "h", ":path", "/",
	     "content-length", "3");
	target = house_accept(h);
	assert_non_null(strstr(hear(target, "\r\n\r\n"), "content-length: 3\r\n"));
	frame_send(p->fd, NGHTTP2_DATA, 0, 1, "toolong", 7);
	assert_int_equal(frame_value(frame_await(p, NGHTTP2_RST_STREAM, 1), 0),
			 NGHTTP2_PROTOCOL_ERROR);
	hear_end(target);
	close(target);
	leave(p);
}

static void a_reset_stream_is_given_up_at_its_target(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	int target;

	HEAD(p->fd, 1, END, GET("/"));
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	frame_u32(p->fd, NGHTTP2_RST_STREAM, 1, NGHTTP2_CANCEL);
	hear_end(target);
	house_wait_log(h, "\"failureReason\":\"ClientConnectionClosed\"");
	close(target);
	leave(p);
}

static void a_client_that_vanishes_is_given_up(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	int target;

	HEAD(p->fd, 1, 0, ":method", "POST", ":scheme", "http", ":authority", "h", ":path", "/");
	frame_send(p->fd, NGHTTP2_DATA, 0, 1, "some", 4);
	target = house_accept(h);
	hear(target, "4\r\nsome\r\n");
	leave(p);
	hear_end(target);
	close(target);
}

static void more_streams_than_allowed_are_refused(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	uint32_t id;

	frame_await(p, NGHTTP2_SETTINGS, 0);
	frame_send(p->fd, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, NULL, 0);
	for (id = 1; id <= 2 * H2_STREAMS_MAX + 1; id += 2)
		HEAD(p->fd, id, 0, GET("/"));
	assert_int_equal(goaway_await(p), NGHTTP2_PROTOCOL_ERROR);
	leave(p);
	worker_send(&h->worker, house_letter(WORKER_VPC_GONE));
}

/* Send until the window is closed for good: the target takes nothing. */
static void a_target_that_takes_nothing_closes_the_window(void **state)
{
	static const char piece[16384];
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	struct pollfd wait = { .fd = p->fd, .events = POLLIN };
	int64_t window = 65535, all = 65535, sent = 0;
	int target;

	HEAD(p->fd, 1, 0, ":method", "POST", ":scheme", "http", ":authority", "h", ":path", "/");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	for (;;) {
		struct frame *f;

		while (window >= (int64_t)sizeof(piece) && all >= (int64_t)sizeof(piece)) {
			frame_send(p->fd, NGHTTP2_DATA, 0, 1, piece, sizeof(piece));
			window -= sizeof(piece);
			all -= sizeof(piece);
			sent += sizeof(piece);
			assert_true(sent < 64 << 20);
		}
		if (poll(&wait, 1, 300) == 0)
			break;
		f = frame_read(p);
		assert_non_null(f);
		if (f->type == NGHTTP2_WINDOW_UPDATE && f->id) {
			window += frame_value(f, 0);
		} else if (f->type == NGHTTP2_WINDOW_UPDATE) {
			all += frame_value(f, 0);
		} else if (f->type == NGHTTP2_SETTINGS && !(f->flags & NGHTTP2_FLAG_ACK)) {
			window += H2_WINDOW_BYTES - 65535;
			frame_send(p->fd, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, NULL, 0);
		}
		assert_int_not_equal(f->type, NGHTTP2_RST_STREAM);
	}
	/* Another stream goes on all the same. */
	HEAD(p->fd, 3, END, GET("/"));
	assert_true(all > 0);
	close(target);
	leave(p);
}

/* The client's window is closed, so the target must stop sending some time. */
static void a_client_that_takes_nothing_stops_its_target(void **state)
{
	static const char piece[65536];
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	struct pollfd wait;
	int64_t sent = 0;
	int target;

	HEAD(p->fd, 1, END, GET("/"));
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
	wait = (struct pollfd){ .fd = target, .events = POLLOUT };
	while (poll(&wait, 1, 300) == 1) {
		ssize_t n = send(target, piece, sizeof(piece), MSG_NOSIGNAL | MSG_DONTWAIT);

		assert_true(n > 0);
		sent += n;
		assert_true(sent < 64 << 20);
	}
	/* 64 K of window, and what buffers hold. */
	frame_u32(p->fd, NGHTTP2_WINDOW_UPDATE, 1, 1 << 30);
	frame_u32(p->fd, NGHTTP2_WINDOW_UPDATE, 0, 1 << 30);
	while (sent > 0) {
		struct frame *f = frame_await(p, NGHTTP2_DATA, 1);

		sent -= (int64_t)f->n;
	}
	close(target);
	leave(p);
}

/* What the connection is told in the end; UINT32_MAX: nothing. */
static uint32_t last_words(struct h2_peer *p)
{
	struct frame *f;

	do
		f = frame_read(p);
	while (f && f->type != NGHTTP2_GOAWAY);
	return f ? frame_value(f, 4) : UINT32_MAX;
}

static uint32_t flood(struct house *h, void (*once)(int fd, uint32_t i))
{
	struct h2_peer *p = arrive(h);
	struct pollfd wait = { .fd = p->fd, .events = POLLIN };
	struct frame *f = &p->frame;
	uint32_t i, code;

	for (i = 0; i < 20000 && f; i++) {
		once(p->fd, i);
		/* Read now and then, so that neither side waits for the other. */
		while (i % 50 == 0 && f && f->type != NGHTTP2_GOAWAY && poll(&wait, 1, 0) == 1)
			f = frame_read(p);
		if (f && f->type == NGHTTP2_GOAWAY)
			break;
	}
	if (f && f->type == NGHTTP2_GOAWAY)
		code = frame_value(f, 4);
	else
		code = last_words(p);
	leave(p);
	return code;
}

static void raw(int fd, const void *bytes, size_t n)
{
	send(fd, bytes, n, MSG_NOSIGNAL);
}

static void ping(int fd, uint32_t i)
{
	static const uint8_t frame[17] = { 0, 0, 8, NGHTTP2_PING };

	(void)i;
	raw(fd, frame, sizeof(frame));
}

static void settings(int fd, uint32_t i)
{
	static const uint8_t frame[9] = { 0, 0, 0, NGHTTP2_SETTINGS };

	(void)i;
	raw(fd, frame, sizeof(frame));
}

static void open_and_reset(int fd, uint32_t i)
{
	uint8_t frames[512], *reset;
	size_t n = block_write(frames + 9, (const char *const[]){ GET("/"), NULL });

	put_u32(frames, (uint32_t)n << 8 | NGHTTP2_HEADERS);
	frames[4] = NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM;
	put_u32(frames + 5, 2 * i + 1);
	reset = frames + 9 + n;
	put_u32(reset, 4 << 8 | NGHTTP2_RST_STREAM);
	reset[4] = 0;
	put_u32(reset + 5, 2 * i + 1);
	put_u32(reset + 9, NGHTTP2_CANCEL);
	raw(fd, frames, 9 + n + 13);
}

static void empty_data(int fd, uint32_t i)
{
	static const uint8_t frame[9] = { 0, 0, 0, NGHTTP2_DATA, 0, 0, 0, 0, 1 };

	if (i == 0)
		HEAD(fd, 1, 0, GET("/"));
	raw(fd, frame, sizeof(frame));
}

/* A head that never ends. */
static void continuations(int fd, uint32_t i)
{
	static const uint8_t first[9] = { 0, 0, 0, NGHTTP2_HEADERS, 0, 0, 0, 0, 1 };
	static const uint8_t more[9] = { 0, 0, 0, NGHTTP2_CONTINUATION, 0, 0, 0, 0, 1 };

	raw(fd, i ? more : first, sizeof(first));
}

static void floods_end_the_connection(void **state)
{
	struct house *h = *state;

	assert_int_equal(flood(h, ping), NGHTTP2_ENHANCE_YOUR_CALM);
	assert_int_equal(flood(h, settings), NGHTTP2_ENHANCE_YOUR_CALM);
	assert_int_equal(flood(h, empty_data), NGHTTP2_ENHANCE_YOUR_CALM);
	assert_int_equal(flood(h, open_and_reset), NGHTTP2_ENHANCE_YOUR_CALM);
	assert_true(flood(h, continuations) != 0);
	worker_send(&h->worker, house_letter(WORKER_VPC_GONE));
}

static void garbage_ends_the_connection(void **state)
{
	static const struct {
		const char *what;
		uint8_t bytes[24];
		size_t n;
	} cases[] = {
		{ "DATA on stream 0", { 0, 0, 1, NGHTTP2_DATA, 0, 0, 0, 0, 0, 'x' }, 10 },
		{ "HEADERS on stream 2", { 0, 0, 1, NGHTTP2_HEADERS, 5, 0, 0, 0, 2, 0x82 }, 10 },
		{ "a window of nothing",
		  { 0, 0, 4, NGHTTP2_WINDOW_UPDATE, 0, 0, 0, 0, 0, 0, 0, 0, 0 },
		  13 },
		{ "an index that is not there",
		  { 0, 0, 2, NGHTTP2_HEADERS, 5, 0, 0, 0, 1, 0xff, 0xff },
		  11 },
		{ "a frame too long", { 1, 0, 0, NGHTTP2_DATA, 0, 0, 0, 0, 1 }, 9 },
		{ "PUSH_PROMISE of a client",
		  { 0, 0, 5, NGHTTP2_PUSH_PROMISE, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0x82 },
		  14 },
		{ "SETTINGS of five bytes",
		  { 0, 0, 5, NGHTTP2_SETTINGS, 0, 0, 0, 0, 0, 0, 1 },
		  14 },
	};
	struct house *h = *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct h2_peer *p = arrive(h);

		raw(p->fd, cases[i].bytes, cases[i].n);
		if (!goaway_await(p))
			fail_msg("%s was taken", cases[i].what);
		leave(p);
	}
	still_serves(h);
}

/* HEADERS for GET /, of whose block @part bytes come now. */
static void begin_head(int fd, uint32_t id, uint8_t flags, size_t part)
{
	uint8_t frame[512];
	size_t n = block_write(frame + 9, (const char *const[]){ GET("/"), NULL });

	put_u32(frame, (uint32_t)n << 8 | NGHTTP2_HEADERS);
	frame[4] = flags;
	put_u32(frame + 5, id);
	raw(fd, frame, 9 + (part < n ? part : n));
}

static struct h2_peer *wait_for_goaway(struct house *h, uint8_t flags, size_t part)
{
	struct h2_peer *p = arrive(h);

	begin_head(p->fd, 1, flags, part);
	assert_int_equal(goaway_await(p), NGHTTP2_ENHANCE_YOUR_CALM);
	frames_end(p);
	return p;
}

static void a_head_in_drips_ends_the_connection(void **state)
{
	static const uint8_t more[9] = { 0, 0, 0, NGHTTP2_CONTINUATION, 0, 0, 0, 0, 1 };
	struct house *h = *state;
	struct h2_peer *p;

	leave(wait_for_goaway(h, NGHTTP2_FLAG_END_HEADERS | END, 1));
	leave(wait_for_goaway(h, END, SIZE_MAX));
	/* A CONTINUATION brings no new time. */
	p = arrive(h);
	begin_head(p->fd, 1, END, SIZE_MAX);
	poll(NULL, 0, 150);
	raw(p->fd, more, sizeof(more));
	assert_int_equal(goaway_await(p), NGHTTP2_ENHANCE_YOUR_CALM);
	leave(p);
	still_serves(h);
}

/* One that is whole, refused or not, does not; nor does a body that has only begun. */
static void a_head_that_is_whole_has_no_time(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	int target;

	HEAD(p->fd, 1, END, GET("/"), "a", "b\nc");
	frame_await(p, NGHTTP2_RST_STREAM, 1);
	HEAD(p->fd, 3, 0, ":method", "POST", ":scheme", "http", ":authority", "h", ":path", "/");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	raw(p->fd, (const uint8_t[]){ 0, 0, 2, NGHTTP2_DATA, END, 0, 0, 0, 3, 'h' }, 10);
	poll(NULL, 0, 400);
	raw(p->fd, "i", 1);
	hear(target, "i\r\n0\r\n\r\n");
	say(target, OK);
	frame_await(p, NGHTTP2_DATA, 3);
	close(target);
	leave(p);
}

static void a_stream_that_waits_too_long_is_a_504(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	int target;

	HEAD(p->fd, 1, END, GET("/"));
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	assert_non_null(strstr(frame_await(p, NGHTTP2_HEADERS, 1)->head, ":status: 504\n"));
	close(target);
	leave(p);
}

static void a_drain_says_goodbye_twice_and_finishes(void **state)
{
	struct house *h = *state;
	struct h2_peer *p = arrive(h);
	struct frame *f;
	int target;

	HEAD(p->fd, 1, END, GET("/"));
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	worker_send(&h->worker, house_letter(WORKER_DRAIN));
	f = frame_await(p, NGHTTP2_GOAWAY, 0);
	assert_int_equal(frame_value(f, 0), INT32_MAX);
	f = frame_await(p, NGHTTP2_PING, 0);
	frame_send(p->fd, NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, f->payload, 8);
	f = frame_await(p, NGHTTP2_GOAWAY, 0);
	assert_int_equal(frame_value(f, 0), 1);
	say(target, OK);
	f = frame_await(p, NGHTTP2_DATA, 1);
	assert_memory_equal(f->payload, "ok", 2);
	frames_end(p);
	close(target);
	leave(p);
}

static size_t nothing_moves(struct stream *s)
{
	(void)s;
	return 0;
}

static void look_later(struct timer *t)
{
	(void)t;
}

/* What the last GOAWAY in @out says that was seen; -1: there is none. */
static int64_t last_goaway(struct str out)
{
	int64_t seen = -1;

	while (out.n >= 9) {
		const uint8_t *p = (const uint8_t *)out.p;
		size_t length = (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];

		if (p[3] == NGHTTP2_GOAWAY)
			seen = (int64_t)p[9] << 24 | p[10] << 16 | p[11] << 8 | p[12];
		out = str_skip(out, 9 + length);
	}
	return seen;
}

/* What the timer of @c, of @age_ms, makes the client see. */
static int64_t seen_at(struct conn *c, uint64_t age_ms, uint64_t left_ms)
{
	c->worker->loop.now_ms = c->opened_ms + age_ms;
	c->activity.last_ms = c->worker->loop.now_ms;
	assert_int_equal(h2_client_look(c->h2), left_ms);
	h2_session_turns(&c->worker->h2_turns);
	return last_goaway(buf_str(&c->s.out));
}

/* AWS ends a connection after ten minutes: the client is told before, twice, as in a drain. */
static void an_old_connection_says_goodbye_before_it_ends(void **state)
{
	static const struct stream_ops ops = { nothing_moves, nothing_moves, NULL };
	struct worker *w = calloc(1, sizeof(*w));
	struct conn c = { .worker = w, .activity = { 0, 60000 }, .timer.expired = look_later };

	(void)state;
	assert_int_equal(loop_init(&w->loop), 0);
	list_init(&w->h2_dirty);
	c.opened_ms = w->loop.now_ms;
	c.s.ops = &ops;
	buf_init(&c.s.in, STREAM_BUFFER_BYTES_MAX);
	buf_init(&c.s.out, STREAM_BUFFER_BYTES_MAX);
	c.h2 = h2_client_new(&c);
	assert_non_null(c.h2);
	assert_int_equal(seen_at(&c, CONN_OLD_MS - 1, 60000), -1);
	assert_int_equal(seen_at(&c, CONN_OLD_MS, GOODBYE_MS_MAX), INT32_MAX);
	assert_int_equal(seen_at(&c, CONN_OLD_MS + GOODBYE_MS_MAX, GOODBYE_MS_MAX), 0);
	assert_int_equal(seen_at(&c, CONN_LIFE_MS_MAX, 0), 0);
	h2_client_free(c.h2);
	timer_disarm(&w->loop, &c.timer);
	buf_fini(&c.s.in);
	buf_fini(&c.s.out);
	reuse_fini(&w->reuse);
	loop_fini(&w->loop);
	free(w);
}

/* A service that waits a fifth of a second for a byte. */
static int open_impatient(void **state)
{
	struct house *h = house_prepare();

	/* Services are immutable once they are in a snapshot; this one is not published yet. */
	((struct snap_service *)(uintptr_t)snapshot_find_service(h->snapshot, PLAN_SERVICE))
		->idle_ms = 200;
	house_publish(h);
	*state = h;
	return 0;
}

/* Heads have a fifth of a second. */
static int open_hasty(void **state)
{
	struct house *h = house_prepare();

	h->hooks.head_ms = 200;
	*state = h;
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(streams_are_answered_as_their_targets_are),
		CASE(bodies_and_trailers_become_chunks),
		CASE(heads_that_are_refused_are_answered),
		CASE(malformed_heads_are_reset),
		CASE(a_body_longer_than_it_said_never_ends_at_the_target),
		CASE(a_reset_stream_is_given_up_at_its_target),
		CASE(a_client_that_vanishes_is_given_up),
		CASE(more_streams_than_allowed_are_refused),
		CASE(a_target_that_takes_nothing_closes_the_window),
		CASE(a_client_that_takes_nothing_stops_its_target),
		CASE(floods_end_the_connection),
		CASE(garbage_ends_the_connection),
		cmocka_unit_test_setup_teardown(a_stream_that_waits_too_long_is_a_504,
						open_impatient, house_close),
		cmocka_unit_test_setup_teardown(a_head_in_drips_ends_the_connection, open_hasty,
						house_close),
		cmocka_unit_test_setup_teardown(a_head_that_is_whole_has_no_time, open_hasty,
						house_close),
		CASE(a_drain_says_goodbye_twice_and_finishes),
		cmocka_unit_test(an_old_connection_says_goodbye_before_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
