/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/latticed/plane_pulse.c: a worker that answers, and one that does not. */
#include "latticed/plane_pulse.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct metrics_worker now[LATTICE_WORKERS_MAX];
static unsigned pings;

static void a_worker_tells_how_late_it_was(void **state)
{
	struct worker w = { 0 };
	struct plane_pulse p = { .workers = &w, .count = 1, .sent_us = { 5000000 } };

	(void)state;
	w.pulse.lag_us = 700;
	w.pulse.generation = 9;
	w.pulse.conns = 4;
	w.pulse.sent_us = 5000000;
	plane_pulse_read(&p, 9000000, now);
	assert_int_equal(now[0].lag_us, 700);
	assert_int_equal(now[0].generation, 9);
	assert_int_equal(now[0].conns, 4);
}

static void one_that_does_not_answer_is_as_late_as_that(void **state)
{
	struct worker w = { 0 };
	struct plane_pulse p = { .workers = &w, .count = 1, .sent_us = { 5000000 } };

	(void)state;
	w.pulse.lag_us = 700;
	w.pulse.sent_us = 3000000;
	plane_pulse_read(&p, 5000600, now);
	assert_int_equal(now[0].lag_us, 700); /* it was worse the last time */
	plane_pulse_read(&p, 9000000, now);
	assert_int_equal(now[0].lag_us, 4000000);
	plane_pulse_read(&p, 4000000, now);
	assert_int_equal(now[0].lag_us, 700);
}

/* In the worker's place, which answers nothing. */
static void take_ping(struct inbox *i, struct letter *letter)
{
	struct worker_letter *l = container_of(letter, struct worker_letter, letter);

	(void)i;
	assert_int_equal(letter->kind, WORKER_PING);
	pings++;
	free(l);
}

static void a_letter_waits_for_the_last_answer(void **state)
{
	struct loop loop;
	struct worker w = { 0 };
	struct plane_pulse p = { .loop = &loop, .workers = &w, .count = 1 };
	uint64_t first;

	(void)state;
	assert_int_equal(loop_init(&loop), 0);
	assert_int_equal(loop_init(&w.loop), 0);
	assert_int_equal(inbox_init(&w.inbox, &w.loop, take_ping), 0);
	plane_pulse_start(&p);
	first = p.sent_us[0];
	assert_true(first > 0);
	beat(&p.beat);
	assert_true(p.sent_us[0] == first);
	w.pulse.sent_us = first;
	beat(&p.beat);
	assert_true(p.sent_us[0] > first);
	w.inbox.watch.ready(&w.inbox.watch, EPOLLIN);
	assert_int_equal(pings, 2);
	timer_disarm(&loop, &p.beat);
	inbox_fini(&w.inbox, &w.loop);
	loop_fini(&w.loop);
	loop_fini(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_tells_how_late_it_was),
		cmocka_unit_test(one_that_does_not_answer_is_as_late_as_that),
		cmocka_unit_test(a_letter_waits_for_the_last_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
