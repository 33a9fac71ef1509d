/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/io/loop.c: order and exactness of timers, removal from within callbacks. */
#include "io/loop.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>

#include <cmocka.h>

struct alarm {
	struct timer timer;
	struct loop *loop;
	uint64_t rang_ms;
	bool is_last;
};

static void ring(struct timer *t)
{
	struct alarm *a = container_of(t, struct alarm, timer);

	a->rang_ms = clock_mono_ms();
	if (a->is_last)
		loop_stop(a->loop);
}

static void timers_never_ring_early_and_in_order(void **state)
{
	static struct loop l;
	struct alarm a[3] = { 0 };
	uint64_t began_ms;
	int i;

	(void)state;
	assert_int_equal(loop_init(&l), 0);
	began_ms = l.now_ms;
	for (i = 0; i < 3; i++) {
		a[i].timer.expired = ring;
		a[i].loop = &l;
	}
	a[2].is_last = true;
	timer_arm(&l, &a[2].timer, 120);
	timer_arm(&l, &a[0].timer, 20);
	timer_arm(&l, &a[1].timer, 500);
	timer_arm(&l, &a[1].timer, 60);
	loop_run(&l);
	assert_true(a[0].rang_ms >= began_ms + 20 && a[0].rang_ms <= a[1].rang_ms);
	assert_true(a[1].rang_ms >= began_ms + 60 && a[1].rang_ms <= a[2].rang_ms);
	assert_true(a[2].rang_ms >= began_ms + 120);
	assert_int_equal(l.timers, 0);
	loop_fini(&l);
}

static void a_disarmed_timer_stays_silent(void **state)
{
	static struct loop l;
	struct alarm dead = { .timer.expired = ring }, last = { .timer.expired = ring };

	(void)state;
	assert_int_equal(loop_init(&l), 0);
	dead.loop = &l;
	last.loop = &l;
	last.is_last = true;
	timer_arm(&l, &dead.timer, 10);
	timer_arm(&l, &last.timer, 50);
	timer_disarm(&l, &dead.timer);
	timer_disarm(&l, &dead.timer);
	loop_run(&l);
	assert_int_equal(dead.rang_ms, 0);
	loop_fini(&l);
}

/* The next slot by looking at each: what next_occupied() must agree with. */
static unsigned next_by_search(const struct loop *l)
{
	unsigned ahead;

	for (ahead = 1; ahead < LOOP_WHEEL_SLOTS; ahead++) {
		if (!list_empty(&l->wheel[(l->tick + ahead) % LOOP_WHEEL_SLOTS]))
			return ahead;
	}
	return LOOP_WHEEL_SLOTS;
}

static void the_next_timer_is_found_in_any_slot(void **state)
{
	static struct loop l;
	struct alarm a = { .timer.expired = ring };
	uint64_t start;
	unsigned delay;

	(void)state;
	assert_int_equal(loop_init(&l), 0);
	for (start = 0; start < LOOP_WHEEL_SLOTS; start += 61) {
		for (delay = 1; delay < LOOP_WHEEL_SLOTS * LOOP_TICK_MS; delay += 97) {
			l.tick = 5 * LOOP_WHEEL_SLOTS + start;
			l.now_ms = l.tick * LOOP_TICK_MS;
			memset(l.occupied, 0, sizeof(l.occupied));
			timer_arm(&l, &a.timer, delay);
			assert_int_equal(next_occupied(&l), next_by_search(&l));
			timer_disarm(&l, &a.timer);
		}
	}
	loop_fini(&l);
}

struct twin {
	struct watch watch;
	struct twin *other;
	struct loop *loop;
	unsigned calls;
};

static void remove_other(struct watch *w, uint32_t events)
{
	struct twin *t = container_of(w, struct twin, watch);

	(void)events;
	t->calls++;
	loop_remove(t->loop, &t->other->watch);
	loop_stop(t->loop);
}

static void a_watch_removed_in_the_same_turn_is_not_called(void **state)
{
	static struct loop l;
	struct twin t[2] = { 0 };
	int i;

	(void)state;
	assert_int_equal(loop_init(&l), 0);
	for (i = 0; i < 2; i++) {
		t[i] = (struct twin){ .other = &t[!i], .loop = &l };
		t[i].watch = (struct watch){ eventfd(1, EFD_CLOEXEC), remove_other };
		assert_int_equal(loop_add(&l, &t[i].watch, EPOLLIN), 0);
	}
	loop_run(&l);
	assert_int_equal(t[0].calls + t[1].calls, 1);
	close(t[0].watch.fd);
	close(t[1].watch.fd);
	loop_fini(&l);
}

struct late {
	struct turn_end end;
	struct loop *loop;
	struct late *other; /* that is called off, or NULL */
	int calls;
};

static void run_late(struct turn_end *e)
{
	struct late *t = container_of(e, struct late, end);

	t->calls++;
	if (t->other)
		list_remove(&t->other->end.link);
	loop_stop(t->loop);
}

static void what_is_late_runs_once_unless_called_off(void **state)
{
	static struct loop l;
	struct late off = { .end.run = run_late, .loop = &l }, t = off;

	(void)state;
	t.other = &off;
	assert_int_equal(loop_init(&l), 0);
	loop_late(&l, &t.end);
	loop_late(&l, &t.end);
	loop_late(&l, &off.end);
	assert_true(turn_end_is_late(&off.end));
	loop_hurry(&l);
	loop_run(&l);
	assert_int_equal(t.calls, 1);
	assert_int_equal(off.calls, 0);
	assert_false(turn_end_is_late(&t.end));
	loop_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_never_ring_early_and_in_order),
		cmocka_unit_test(a_disarmed_timer_stays_silent),
		cmocka_unit_test(the_next_timer_is_found_in_any_slot),
		cmocka_unit_test(a_watch_removed_in_the_same_turn_is_not_called),
		cmocka_unit_test(what_is_late_runs_once_unless_called_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
