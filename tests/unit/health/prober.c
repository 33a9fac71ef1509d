/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/health/prober.c and check.c against a target on the loopback, in one loop. */
#include "health/prober.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { DEADLINE_MS = 5000, GROUP = 3 };

/* A target that answers @text to whoever connects; without text it holds its tongue. */
struct target {
	struct watch watch;
	struct loop *loop;
	const char *text;
	unsigned asked;
	char request[1024];
};

struct fixture {
	struct loop loop;
	struct prober prober;
	struct target target;
	struct sock_addr addr;
	struct snapshot *snapshot;
	bool has_no_sockets;
	bool (*until)(struct fixture *f);
	struct turn_end look;
	struct timer deadline;
};

struct visit {
	struct watch watch;
	struct target *target;
};

static void answer_visit(struct watch *w, uint32_t events)
{
	struct visit *v = container_of(w, struct visit, watch);
	struct target *t = v->target;
	ssize_t n = recv(w->fd, t->request, sizeof(t->request) - 1, 0);

	(void)events;
	if (n > 0) {
		t->request[n] = '\0';
		if (!t->text)
			return;
		send(w->fd, t->text, strlen(t->text), MSG_NOSIGNAL);
	}
	loop_remove(t->loop, w);
	close(w->fd);
	free(v);
}

static void target_ready(struct watch *w, uint32_t events)
{
	struct target *t = container_of(w, struct target, watch);
	struct visit *v = calloc(1, sizeof(*v));

	(void)events;
	assert_non_null(v);
	v->target = t;
	v->watch = (struct watch){ accept4(w->fd, NULL, NULL, SOCK_CLOEXEC), answer_visit };
	assert_int_equal(loop_add(t->loop, &v->watch, EPOLLIN), 0);
	t->asked++;
}

static int listen_somewhere(struct sock_addr *ret)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in os = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&os, sizeof(os)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(sock_local(fd, ret), 0);
	return fd;
}

static void bring_socket(void *ctx, uint32_t vpc, uint16_t family, uint64_t tag)
{
	struct fixture *f = ctx;

	assert_int_equal(vpc, 7);
	assert_int_equal(family, AF_INET);
	prober_take_socket(
		&f->prober, tag,
		f->has_no_sockets ? -1
				  : socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static void look(struct turn_end *t)
{
	struct fixture *f = container_of(t, struct fixture, look);

	if (f->until && f->until(f))
		loop_stop(&f->loop);
}

static void too_late(struct timer *t)
{
	(void)t;
	fail_msg("waited in vain");
}

static void run_until(struct fixture *f, bool (*until)(struct fixture *f))
{
	f->until = until;
	f->loop.stopping = false;
	f->deadline.expired = too_late;
	timer_arm(&f->loop, &f->deadline, DEADLINE_MS);
	loop_run(&f->loop);
	timer_disarm(&f->loop, &f->deadline);
}

/* A snapshot with the group tg-1, and in it the target or none. */
static struct snapshot *new_snapshot(struct fixture *f, bool has_target, bool is_used)
{
	struct snapshot *s = snapshot_new(1, &pool_default);
	struct snap_target_group *g = part_new(sizeof(*g), 1 << 20);

	assert_non_null(s);
	assert_non_null(g);
	g->id = STR("tg-1");
	g->targets = arena_new(&g->part.arena, struct snap_target, 1);
	assert_non_null(g->targets);
	g->targets[0].addr = f->addr;
	g->targets[0].vpc = 7;
	g->target_count = has_target;
	g->is_used = is_used;
	g->check = (struct snap_health_check){ .enabled = true,
					       .path = STR("/health?full"),
					       .interval_ms = 30,
					       .timeout_ms = 200,
					       .healthy_threshold = 3,
					       .unhealthy_threshold = 2 };
	assert_int_equal(status_codes_parse(STR("200-204"), &g->check.codes), 0);
	assert_int_equal(shelf_set(&s->groups, GROUP, &g->part), 0);
	return s;
}

static void publish(struct fixture *f, bool has_target, bool is_used)
{
	struct snapshot *next = new_snapshot(f, has_target, is_used);

	assert_int_equal(prober_sync(&f->prober, next), 0);
	snapshot_put(f->snapshot);
	f->snapshot = next;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(loop_init(&f->loop), 0);
	f->target.watch = (struct watch){ listen_somewhere(&f->addr), target_ready };
	f->target.loop = &f->loop;
	f->target.text = "HTTP/1.1 204 No Content\r\n\r\n";
	assert_int_equal(loop_add(&f->loop, &f->target.watch, EPOLLIN), 0);
	prober_init(&f->prober, &f->loop,
		    &(struct prober_hooks){ .need_socket = bring_socket, .ctx = f });
	f->look.run = look;
	loop_each_turn(&f->loop, &f->look);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	prober_fini(&f->prober);
	snapshot_put(f->snapshot);
	close(f->target.watch.fd);
	loop_fini(&f->loop);
	free(f);
	return 0;
}

static bool status_is(struct fixture *f, const char *wanted)
{
	struct prober_status s;

	return prober_find(&f->prober, STR("tg-1"), &f->addr, &s) &&
	       str_eq(s.status, str_of(wanted));
}

static bool is_out(struct fixture *f)
{
	return snapshot_find_group(f->snapshot, GROUP)->targets[0].is_out;
}

static bool is_healthy(struct fixture *f)
{
	return status_is(f, "HEALTHY");
}

static bool is_unhealthy(struct fixture *f)
{
	return status_is(f, "UNHEALTHY");
}

static void a_target_that_answers_as_wanted_is_healthy(void **state)
{
	struct fixture *f = *state;

	publish(f, true, true);
	assert_true(status_is(f, "INITIAL"));
	assert_true(is_out(f));
	run_until(f, is_healthy);
	assert_false(is_out(f));
	assert_int_equal(f->target.asked, 1);
	assert_non_null(strstr(f->target.request, "GET /health?full HTTP/1.1\r\n"));
	assert_non_null(strstr(f->target.request, "host: 127.0.0.1:"));
}

static void a_target_that_falls_ill_is_out_until_it_is_well_again(void **state)
{
	struct fixture *f = *state;
	struct prober_status s;
	unsigned asked;

	publish(f, true, true);
	run_until(f, is_healthy);
	f->target.text = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
	asked = f->target.asked;
	run_until(f, is_unhealthy);
	assert_int_equal(f->target.asked, asked + 2);
	assert_true(is_out(f));
	assert_true(prober_find(&f->prober, STR("tg-1"), &f->addr, &s));
	assert_true(str_eq(s.reason, STR("HealthCheckFailed")));
	f->target.text = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
	run_until(f, is_healthy);
	assert_int_equal(f->target.asked, asked + 5);
	assert_false(is_out(f));
}

static void silence_garbage_and_a_missing_socket_are_failures(void **state)
{
	struct fixture *f = *state;

	f->target.text = NULL;
	publish(f, true, true);
	run_until(f, is_unhealthy);
	f->target.text = "HTTP/1.1 200 OK\r\n\r\n";
	run_until(f, is_healthy);
	f->target.text = "SSH-2.0-OpenSSH_9.2\r\n\r\n";
	run_until(f, is_unhealthy);
	f->target.text = "HTTP/1.1 200 OK\r\n\r\n";
	run_until(f, is_healthy);
	f->has_no_sockets = true;
	run_until(f, is_unhealthy);
}

static void what_is_known_outlives_a_snapshot(void **state)
{
	struct fixture *f = *state;

	publish(f, true, true);
	run_until(f, is_healthy);
	publish(f, true, true);
	assert_true(is_healthy(f));
	assert_false(is_out(f));
}

static void an_unused_group_is_not_checked(void **state)
{
	struct fixture *f = *state;

	publish(f, true, true);
	run_until(f, is_healthy);
	publish(f, true, false);
	assert_true(status_is(f, "UNUSED"));
	assert_false(is_out(f));
	assert_int_equal(f->loop.timers, 0);
}

static void a_deregistered_target_drains_and_may_come_back(void **state)
{
	struct fixture *f = *state;
	struct sock_addr addr;

	publish(f, true, true);
	run_until(f, is_healthy);
	publish(f, false, true);
	assert_true(status_is(f, "DRAINING"));
	assert_true(prober_find_draining(&f->prober, STR("tg-1"), 0, &addr));
	assert_true(sock_addr_eq(&addr, &f->addr));
	assert_false(prober_find_draining(&f->prober, STR("tg-1"), 1, &addr));
	assert_int_equal(f->loop.timers, 1);
	publish(f, true, true);
	assert_true(status_is(f, "INITIAL"));
	run_until(f, is_healthy);
}

static bool is_in(struct fixture *f)
{
	return !is_out(f);
}

static void a_failed_connection_ejects_until_a_check_passes(void **state)
{
	struct fixture *f = *state;

	publish(f, true, true);
	run_until(f, is_healthy);
	prober_target_failed(&f->prober, 8, &f->addr);
	assert_false(is_out(f));
	prober_target_failed(&f->prober, 7, &f->addr);
	assert_true(is_out(f));
	assert_true(is_healthy(f));
	run_until(f, is_in);
}

static void a_vpc_that_goes_takes_its_targets_out(void **state)
{
	struct fixture *f = *state;
	unsigned changes;

	publish(f, true, true);
	run_until(f, is_healthy);
	changes = snapshot_find_group(f->snapshot, GROUP)->changes;
	prober_vpc_changed(&f->prober, 7, true);
	prober_vpc_changed(&f->prober, 7, true);
	assert_true(is_out(f));
	assert_int_equal(snapshot_find_group(f->snapshot, GROUP)->changes, changes + 1);
	publish(f, true, true);
	assert_true(is_out(f));
	prober_vpc_changed(&f->prober, 7, false);
	assert_false(is_out(f));
}

static void a_socket_that_comes_too_late_is_closed(void **state)
{
	struct fixture *f = *state;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	publish(f, true, true);
	prober_take_socket(&f->prober, 999999, fd);
	assert_int_equal(close(fd), -1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_target_that_answers_as_wanted_is_healthy),
		CASE(a_target_that_falls_ill_is_out_until_it_is_well_again),
		CASE(silence_garbage_and_a_missing_socket_are_failures),
		CASE(what_is_known_outlives_a_snapshot),
		CASE(an_unused_group_is_not_checked),
		CASE(a_deregistered_target_drains_and_may_come_back),
		CASE(a_failed_connection_ejects_until_a_check_passes),
		CASE(a_vpc_that_goes_takes_its_targets_out),
		CASE(a_socket_that_comes_too_late_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
