/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/relay.c: a client and a target at the two ends of a worker. */
#include "proxy/relay.c"

#include "house.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static void both_connections_are_kept(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/1");
	target = house_accept(h);
	assert_non_null(strstr(hear(target, "\r\n\r\n"), "GET /1 HTTP/1.1\r\nhost: h\r\n"));
	say(target, OK);
	assert_non_null(strstr(hear(client, "\r\n\r\nok"), "HTTP/1.1 200 OK\r\n"));
	ask(client, "GET", "/2");
	assert_non_null(strstr(hear(target, "\r\n\r\n"), "GET /2 "));
	say(target, OK);
	hear(client, "\r\n\r\nok");
	house_wait_log(h, "\"requestPath\":\"/2\"");
	close(client);
	close(target);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	say(client,
	    "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HT");
	target = house_accept(h);
	assert_non_null(strstr(hear(target, "\r\n\r\n"), "GET /1 "));
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none");
	assert_non_null(strstr(hear(target, "\r\n\r\n"), "GET /2 "));
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");
	hear(client, "\r\n\r\none");
	hear(client, "\r\n\r\ntwo");
	say(client, "TP/1.1\r\nHost: h\r\n\r\n");
	assert_non_null(strstr(hear(target, "\r\n\r\n"), "GET /3 "));
	close(client);
	close(target);
}

static void chunked_bodies_are_framed_anew_both_ways(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	say(client, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "00005;x=y\r\nhello\r\n");
	target = house_accept(h);
	assert_non_null(strstr(hear(target, "\r\n\r\n"), "transfer-encoding: chunked\r\n"));
	hear_exactly(target, "5\r\nhello\r\n");
	say(client, "6\r\n world\r\n0\r\nX-Trailer: t\r\nContent-Length: 3\r\nHost: x\r\n\r\n");
	hear_exactly(target, "6\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "transfer-encoding: chunked\r\n"));
	hear_exactly(client, "3\r\nabc\r\n");
	say(target, "0\r\nX-Sum: 1\r");
	say(target, "\nX-Amzn-Lattice-Identity: me\r\n\r\n");
	hear_exactly(client, "0\r\nX-Sum: 1\r\n\r\n");
	ask(client, "GET", "/next");
	hear(target, "\r\n\r\n");
	close(client);
	close(target);
}

static void a_flood_of_interim_answers_is_a_502(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target, i;

	ask(client, "GET", "/");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	for (i = 0; i <= INTERIMS_MAX; i++)
		say(target, "HTTP/1.1 102 Processing\r\n\r\n");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 502 "));
	close(client);
	close(target);
}

static void a_response_to_head_has_a_length_and_no_body(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "HEAD", "/");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "Content-Length: 1000\r\n"));
	ask(client, "GET", "/");
	hear(target, "\r\n\r\n");
	say(target, OK);
	hear(client, "\r\n\r\nok");
	close(client);
	close(target);
}

static void what_passes_for_our_fields_ends_here(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;
	const char *heard;

	say(client, "GET / HTTP/1.1\r\nHost: h\r\nx-amzn-lattice-identity: forged\r\n"
		    "x_amzn_lattice_identity: forged\r\nX-Amzn_Lattice-Identity_Tags: forged\r\n"
		    "X_Forwarded_For: forged\r\nx_amzn-source_vpc: forged\r\n"
		    "X_Other_Name: kept\r\nx_amzn_latticework: kept\r\n\r\n");
	target = house_accept(h);
	heard = hear(target, "\r\n\r\n");
	assert_null(strstr(heard, "forged"));
	assert_non_null(strstr(heard, "X_Other_Name: kept"));
	assert_non_null(strstr(heard, "x_amzn_latticework: kept"));
	close(client);
	close(target);
}

static void a_client_that_expects_continue_is_told_to(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	say(client,
	    "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
	hear_exactly(client, "HTTP/1.1 100 Continue\r\n\r\n");
	say(client, "body");
	target = house_accept(h);
	assert_null(strstr(hear(target, "\r\n\r\nbody"), "xpect"));
	say(target, "HTTP/1.1 100 Continue\r\n\r\n" OK);
	assert_null(strstr(hear(client, "\r\n\r\nok"), "Continue"));
	close(client);
	close(target);
}

static void a_response_cut_short_cuts_the_client(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/cut");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
	hear(client, "half");
	close(target);
	hear_end(client);
	house_wait_log(h, "\"failureReason\":\"TargetConnectionClosed\"");
	close(client);
}

static void a_target_that_closes_without_a_word_is_a_502(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	close(target);
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 502 "));
	close(client);
}

static void garbage_is_a_502(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "220 smtp ready\r\n\r\n");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 502 "));
	house_wait_log(h, "\"failureReason\":\"TargetProtocolError\"");
	hear_end(target);
	close(client);
	close(target);
}

/* Make one exchange, so that the target's connection @ret is a kept one. */
static int warm_up(struct house *h, int client)
{
	int target;

	ask(client, "GET", "/warm-up");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, OK);
	hear(client, "\r\n\r\nok");
	return target;
}

static void a_kept_connection_that_proves_dead_costs_nothing(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target = warm_up(h, client);

	ask(client, "GET", "/again");
	hear(target, "\r\n\r\n");
	close(target);
	target = house_accept(h);
	assert_non_null(strstr(hear(target, "\r\n\r\n"), "GET /again "));
	say(target, OK);
	assert_non_null(strstr(hear(client, "\r\n\r\nok"), "HTTP/1.1 200 "));
	close(client);
	close(target);
}

static void what_may_have_happened_is_not_asked_twice(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target = warm_up(h, client);

	ask(client, "POST", "/order");
	hear(target, "\r\n\r\n");
	close(target);
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 502 "));
	close(client);
}

static void a_client_that_vanishes_frees_the_target(void **state)
{
	struct house *h = *state;
	struct linger cut = { .l_onoff = 1, .l_linger = 0 };
	int client = house_client(h), target;

	ask(client, "GET", "/vanish");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
	hear(client, "half");
	setsockopt(client, SOL_SOCKET, SO_LINGER, &cut, sizeof(cut));
	close(client);
	hear_end(target);
	house_wait_log(h, "\"failureReason\":\"ClientConnectionClosed\"");
	close(target);
}

static void a_client_that_ends_within_its_body_is_given_up(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	say(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
	target = house_accept(h);
	hear(target, "half");
	shutdown(client, SHUT_WR);
	hear_end(target);
	hear_end(client);
	close(client);
	close(target);
}

static void an_answer_before_the_whole_request_reaches_the_client(void **state)
{
	static char much[1 << 20];
	struct house *h = *state;
	int client = house_client(h), target;
	size_t i;

	memset(much, 'x', sizeof(much));
	say(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
	close(target);
	/* It is still sending when the answer comes; what it sends is thrown away. */
	for (i = 0; i < 4; i++) {
		if (send(client, much, sizeof(much), MSG_NOSIGNAL) < 0)
			break;
	}
	assert_non_null(strstr(hear(client, "big"), "HTTP/1.1 413 "));
	close(client);
}

static void a_second_response_is_never_anyones(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/1");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, OK "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale");
	hear(client, "\r\n\r\nok");
	hear_end(target);
	close(target);
	ask(client, "GET", "/2");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, OK);
	assert_null(strstr(hear(client, "\r\n\r\nok"), "stale"));
	close(client);
	close(target);
}

static void a_body_that_ends_with_the_connection_is_passed_on(void **state)
{
	struct house *h = *state;
	int client = house_client(h), old = house_client(h), target;

	ask(client, "GET", "/");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.0 200 OK\r\n\r\nall of it");
	close(target);
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "transfer-encoding: chunked\r\n"));
	hear_exactly(client, "9\r\nall of it\r\n0\r\n\r\n");

	say(old, "GET / HTTP/1.0\r\nHost: h\r\n\r\n");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	assert_null(strstr(hear(old, "\r\n\r\nabc"), "chunked"));
	hear_end(old);
	close(client);
	close(old);
	close(target);
}

static void a_switch_of_protocols_is_a_tunnel(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	say(client, "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		    "Sec-WebSocket-Key: k\r\n\r\n");
	target = house_accept(h);
	assert_non_null(
		strstr(hear(target, "\r\n\r\n"), "connection: upgrade\r\nUpgrade: websocket\r\n"));
	say(target, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		    "Connection: Upgrade\r\n\r\nhi");
	assert_non_null(
		strstr(hear(client, "\r\n\r\n"), "connection: upgrade\r\nUpgrade: websocket\r\n"));
	hear_exactly(client, "hi");
	say(client, "GET / HTTP/1.1\r\n\r\n"); /* bytes like any others */
	hear_exactly(target, "GET / HTTP/1.1\r\n\r\n");
	say(target, "pong");
	hear_exactly(client, "pong");
	shutdown(client, SHUT_WR);
	hear_end(target);
	say(target, "bye");
	close(target);
	hear_exactly(client, "bye");
	hear_end(client);
	house_wait_log(h, "\"responseCode\":101");
	close(client);
}

static void a_switch_that_nobody_asked_for_is_a_502(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/");
	target = house_accept(h);
	assert_null(strstr(hear(target, "\r\n\r\n"), "pgrade"));
	say(target,
	    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 502 "));
	close(client);
	close(target);
}

enum { LARGE_BYTES = 8 << 20 };

static void *send_large(void *arg)
{
	static char piece[64 * 1024];
	int fd = *(int *)arg;
	size_t sent = 0;

	while (sent < LARGE_BYTES) {
		size_t i;

		for (i = 0; i < sizeof(piece); i++)
			piece[i] = (char)((sent + i) % 251);
		if (send(fd, piece, sizeof(piece), MSG_NOSIGNAL) != sizeof(piece))
			break;
		sent += sizeof(piece);
	}
	return NULL;
}

static void a_client_that_reads_in_drips_gets_every_byte(void **state)
{
	static char got[48 * 1024];
	struct house *h = *state;
	int client = house_client(h), target, small = 16 * 1024;
	size_t n = 0;
	pthread_t sender;
	char head[64];

	setsockopt(client, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ask(client, "GET", "/large");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", LARGE_BYTES);
	say(target, head);
	assert_int_equal(pthread_create(&sender, NULL, send_large, &target), 0);
	hear(client, "\r\n\r\n");
	while (n < LARGE_BYTES) {
		ssize_t k = recv(client, got, 1 + n % sizeof(got), 0), i;

		assert_true(k > 0);
		for (i = 0; i < k; i++)
			assert_int_equal((unsigned char)got[i], (n + (size_t)i) % 251);
		n += (size_t)k;
	}
	pthread_join(sender, NULL);
	close(client);
	close(target);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(both_connections_are_kept),
		CASE(pipelined_requests_are_answered_in_order),
		CASE(chunked_bodies_are_framed_anew_both_ways),
		CASE(a_flood_of_interim_answers_is_a_502),
		CASE(a_response_to_head_has_a_length_and_no_body),
		CASE(what_passes_for_our_fields_ends_here),
		CASE(a_client_that_expects_continue_is_told_to),
		CASE(a_response_cut_short_cuts_the_client),
		CASE(a_target_that_closes_without_a_word_is_a_502),
		CASE(garbage_is_a_502),
		CASE(a_kept_connection_that_proves_dead_costs_nothing),
		CASE(what_may_have_happened_is_not_asked_twice),
		CASE(a_client_that_vanishes_frees_the_target),
		CASE(a_client_that_ends_within_its_body_is_given_up),
		CASE(an_answer_before_the_whole_request_reaches_the_client),
		CASE(a_second_response_is_never_anyones),
		CASE(a_body_that_ends_with_the_connection_is_passed_on),
		CASE(a_switch_of_protocols_is_a_tunnel),
		CASE(a_switch_that_nobody_asked_for_is_a_502),
		CASE(a_client_that_reads_in_drips_gets_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
