/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/upstream.c: which connection a request gets, and when there is none. */
#include "proxy/upstream.c"

#include "house.h"

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static void serve(int target)
{
	hear(target, "\r\n\r\n");
	say(target, OK);
}

static void clients_share_the_connection_that_was_used_last(void **state)
{
	struct house *h = *state;
	int a = house_client(h), b = house_client(h), first, second;

	ask(a, "GET", "/a");
	first = house_accept(h);
	hear(first, "\r\n\r\n");
	ask(b, "GET", "/b");
	second = house_accept(h);
	hear(second, "\r\n\r\n");
	say(first, OK);
	hear(a, "\r\n\r\nok");
	say(second, OK);
	hear(b, "\r\n\r\nok");
	ask(a, "GET", "/c");
	assert_non_null(strstr(hear(second, "\r\n\r\n"), "GET /c "));
	say(second, OK);
	hear(a, "\r\n\r\nok");
	close(a);
	close(b);
	close(first);
	close(second);
}

static void a_target_that_says_close_is_not_asked_again(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	say(target, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
	hear(client, "\r\n\r\nok");
	hear_end(target);
	close(target);
	ask(client, "GET", "/");
	target = house_accept(h);
	serve(target);
	hear(client, "\r\n\r\nok");
	close(client);
	close(target);
}

static void an_idle_connection_that_speaks_is_closed(void **state)
{
	struct house *h = *state;
	int client = house_client(h), target;

	ask(client, "GET", "/");
	target = house_accept(h);
	serve(target);
	hear(client, "\r\n\r\nok");
	say(target, "HTTP/1.1 408 Timeout\r\n\r\n");
	hear_end(target);
	ask(client, "GET", "/");
	close(target);
	target = house_accept(h);
	serve(target);
	assert_non_null(strstr(hear(client, "\r\n\r\nok"), "HTTP/1.1 200 "));
	close(client);
	close(target);
}

/* A second target at an address where nobody listens. */
static int open_with_a_dead_target(void **state)
{
	struct house *h = house_prepare();
	int fd = house_listen(&h->group->targets[1].addr);

	close(fd);
	h->group->targets[1].vpc = PLAN_VPC;
	h->group->target_count = 2;
	house_publish(h);
	*state = h;
	return 0;
}

static void a_target_that_refuses_costs_no_request(void **state)
{
	struct house *h = *state;
	int i;

	for (i = 0; i < 4; i++) {
		int client = house_client(h), target;

		say(client, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
		target = house_accept(h);
		hear(target, "\r\n\r\n");
		say(target, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
		assert_non_null(strstr(hear(client, "\r\n\r\nok"), "HTTP/1.1 200 "));
		close(client);
		close(target);
	}
	assert_in_range(h->failed_targets, 1, 4);
}

static void no_target_at_all_is_a_503(void **state)
{
	struct house *h = *state;
	int client = house_client(h);

	close(h->back_fd);
	ask(client, "GET", "/");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 503 "));
	house_wait_log(h, "\"failureReason\":\"TargetConnectionError\"");
	close(client);
	h->back_fd = house_listen(&h->back);
}

static void no_sockets_are_a_503(void **state)
{
	struct house *h = *state;
	int client = house_client(h);

	h->has_no_sockets = true;
	ask(client, "GET", "/");
	assert_non_null(strstr(hear(client, "\r\n\r\n"), "HTTP/1.1 503 "));
	close(client);
}

static void a_vpc_that_goes_cuts_its_clients(void **state)
{
	struct house *h = *state;
	int busy = house_client(h), idle = house_client(h), target;

	ask(busy, "GET", "/");
	target = house_accept(h);
	hear(target, "\r\n\r\n");
	worker_send(&h->worker, house_letter(WORKER_VPC_GONE));
	hear_end(busy);
	hear_end(idle);
	hear_end(target);
	close(busy);
	close(idle);
	close(target);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(clients_share_the_connection_that_was_used_last),
		CASE(a_target_that_says_close_is_not_asked_again),
		CASE(an_idle_connection_that_speaks_is_closed),
		cmocka_unit_test_setup_teardown(a_target_that_refuses_costs_no_request,
						open_with_a_dead_target, house_close),
		CASE(no_target_at_all_is_a_503),
		CASE(no_sockets_are_a_503),
		CASE(a_vpc_that_goes_cuts_its_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
