/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/conn.c: what happens to who lets the other side wait. */
#include "proxy/conn.c"

#include "house.h"

/* A worker that waits a fifth of a second. */
static int open_impatient(void **state)
{
	struct house *h = house_prepare();

	h->hooks.idle_ms = 200;
	h->hooks.head_ms = 200;
	*state = h;
	return 0;
}

/* One request on @client, and its answer. */
static void serve(struct house *h, int client, const char *answer)
{
	int target;

	ask(client, "GET", "/");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	hear(client, answer);
	hear(client, "ok");
	close(target);
}

static void a_target_that_stalls_is_a_504(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/stall");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 504 "));
	hear_end(target);
	house_wait_log(h, "\"failureReason\":\"TargetDataTimeout\"");
	close(client);
	close(target);
}

static void a_target_that_stalls_within_its_body_is_cut(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/stall");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
	hear(client, "half");
	hear_end(client);
	hear_end(target);
	close(client);
	close(target);
}

static void a_client_that_stalls_within_its_body_is_a_408(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	say(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
	target = house_accept(h);
	hear(target, "half");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 408 "));
	hear_end(target);
	house_wait_log(h, "\"responseCode\":408");
	close(client);
	close(target);
}

static void a_body_in_drips_is_not_late(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target, i;

	say(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	for (i = 0; i < 8; i++) {
		poll(NULL, 0, 60); /* longer, all in all, than the service waits */
		say(client, "x");
	}
	hear(target, "xxxxxxxx");
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	hear(client, "\r\n\r\nok");
	close(client);
	close(target);
}

static void a_client_without_a_next_request_is_closed(void **state)
{
	struct house *h = *state;
	int client = house_client(h);

	serve(h, client, "\r\n\r\n");
	hear_end(client);
	close(client);
}

static void a_head_in_drips_is_a_408(void **state)
{
	struct house *h = *state;
	int client = house_client(h), i;

	say(client, "GET / HTTP/1.1\r\nHost: h\r\nX: ");
	for (i = 0; i < 100; i++) {
		struct pollfd p = { .fd = client, .events = POLLIN };

		if (poll(&p, 1, 20))
			break;
		say(client, "x");
	}
	assert_true(i >= 5 && i < 100);
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 408 "));
	hear(client, "head not whole in time");
	hear_end(client);
	close(client);
}

static void a_head_that_comes_behind_a_request_is_timed_alone(void **state)
{
	struct house *h = *state;
	int client = house_client(h);

	serve(h, client, "\r\n\r\n");
	say(client, "GET / HTTP/1.1\r\n");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 408 "));
	close(client);
}

static void a_head_in_pieces_is_read(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	say(client, "GET / HT");
	poll(NULL, 0, 20);
	say(client, "TP/1.1\r\nHost: h\r\n");
	poll(NULL, 0, 20);
	say(client, "\r\nGET /next HTTP/1.1\r\nHo");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	hear(client, "\r\n\r\nok");
	say(client, "st: h\r\n\r\n");
	assert_non_null(strstr(hear(target, "\r\n\r\n"), "GET /next "));
	close(client);
	close(target);
}

/* He is not watched at first: that he goes is noticed nevertheless. */
static void a_new_client_that_leaves_before_its_answer_is_noticed(void **state)
{
	const struct linger reset = { .l_onoff = 1 };
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/stall");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	assert_int_equal(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
	close(client);
	hear_end(target);
	house_wait_log(h, "\"failureReason\":\"ClientConnectionClosed\"");
	close(target);
}

/* Without events nobody would say when there is room again, or that a slow answer's client left. */
static void a_client_goes_unwatched_only_while_it_need_not_be(void **state)
{
	static struct worker w = { .loop.now_ms = 1000 };
	static struct request r;
	struct conn c = { .worker = &w, .opened_ms = 1000, .request = &r, .s.writable = true };

	(void)state;
	assert_false(may_go_unwatched(&c)); /* its body is still to come */
	r.to_target.done = true;
	assert_true(may_go_unwatched(&c));
	r.is_tunnel = true;
	assert_false(may_go_unwatched(&c));
	r.is_tunnel = false;
	c.s.writable = false;
	assert_false(may_go_unwatched(&c));
	c.s.writable = true;
	c.opened_ms -= UNWATCHED_MS_MAX;
	assert_false(may_go_unwatched(&c));
	c.opened_ms++;
	assert_true(may_go_unwatched(&c));
	c.request = NULL;
	assert_false(may_go_unwatched(&c));
}

/* Unread bytes at the close would make it a reset. */
static void what_comes_behind_a_last_request_is_no_reset(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	say(client, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(client, "what nobody reads");
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	hear(client, "\r\n\r\nok");
	hear_end(client);
	close(client);
	close(target);
}

static void drain(struct house *h)
{
	h->is_draining = true;
	worker_send(&h->worker, house_letter(WORKER_DRAIN));
}

static void a_worker_that_ends_serves_who_has_just_connected(void **state)
{
	struct house *h = *state;
	int new = house_client(h), used = house_client(h);

	serve(h, used, "\r\n\r\n"); /* so that both are accepted */
	drain(h);
	hear_end(used);
	serve(h, new, "connection: close\r\n\r\n");
	hear_end(new);
	close(new);
	close(used);
}

static void but_does_not_wait_long_for_a_request(void **state)
{
	struct house *h = *state;
	int new = house_client(h), used = house_client(h);

	serve(h, used, "\r\n\r\n");
	drain(h);
	hear_end(new);
	close(new);
	close(used);
}

/* What a client has taken is known by what its socket still holds, and asked about again and again.
 */
static void a_client_is_waited_for_while_it_takes_more(void **state)
{
	char bytes[1000] = { 0 };
	struct conn c = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	c.s.watch.fd = ends[0];
	assert_false(still_takes(&c)); /* nothing is left to be taken */
	assert_int_equal(write(ends[0], bytes, 600), 600);
	assert_int_equal(write(ends[0], bytes, 1000), 1000);
	assert_true(still_takes(&c));
	assert_false(still_takes(&c)); /* no more than before */
	assert_int_equal(read(ends[1], bytes, 600), 600);
	assert_true(still_takes(&c));
	assert_int_equal(read(ends[1], bytes, 1000), 1000);
	assert_false(still_takes(&c));
	close(ends[1]);
	close(ends[0]);
	assert_false(still_takes(&c)); /* nor is it known of no socket */
}

#define CASE(name)	cmocka_unit_test_setup_teardown(name, house_open, house_close)
#define IMPATIENT(name) cmocka_unit_test_setup_teardown(name, open_impatient, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IMPATIENT(a_target_that_stalls_is_a_504),
		IMPATIENT(a_target_that_stalls_within_its_body_is_cut),
		IMPATIENT(a_client_that_stalls_within_its_body_is_a_408),
		IMPATIENT(a_body_in_drips_is_not_late),
		CASE(a_new_client_that_leaves_before_its_answer_is_noticed),
		cmocka_unit_test(a_client_goes_unwatched_only_while_it_need_not_be),
		CASE(what_comes_behind_a_last_request_is_no_reset),
		IMPATIENT(a_client_without_a_next_request_is_closed),
		IMPATIENT(a_head_in_drips_is_a_408),
		IMPATIENT(a_head_that_comes_behind_a_request_is_timed_alone),
		CASE(a_head_in_pieces_is_read),
		CASE(a_worker_that_ends_serves_who_has_just_connected),
		CASE(but_does_not_wait_long_for_a_request),
		cmocka_unit_test(a_client_is_waited_for_while_it_takes_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
