/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/meter.c: what is counted arrives, once. */
#include "telemetry/meter.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct meters worker, book;
static struct meter some[8];

static int teardown(void **state)
{
	(void)state;
	meters_fini(&worker);
	meters_fini(&book);
	return 0;
}

static void what_is_taken_is_counted_once(void **state)
{
	const struct meter *m;

	(void)state;
	meter_count(meters_of(&worker, STR("svc-1")), METER_REQUESTS, 2);
	meter_count(meters_of(&worker, STR("svc-1")), METER_REQUESTS, 1);
	meters_of(&worker, STR("svc-1"))->gauges[METER_ACTIVE_REQUESTS]++;
	assert_int_equal(meters_take(&worker, some, 8), 1);
	meters_add(&book, some, 1);
	assert_int_equal(meters_take(&worker, some, 8), 0);
	meters_of(&worker, STR("svc-1"))->gauges[METER_ACTIVE_REQUESTS]--;
	meter_count(meters_of(&worker, STR("svc-1")), METER_REQUESTS, 1);
	meters_add(&book, some, meters_take(&worker, some, 8));
	m = meters_find(&book, STR("svc-1"));
	assert_int_equal(m->counts[METER_REQUESTS], 4);
	assert_int_equal(m->gauges[METER_ACTIVE_REQUESTS], 0);
	assert_null(meters_find(&book, STR("svc-2")));
}

static void more_than_there_is_room_for_comes_later(void **state)
{
	char id[32];
	size_t n = 0, got;
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		snprintf(id, sizeof(id), "svc-%d", i);
		meter_count(meters_of(&worker, str_of(id)), METER_REQUESTS, 1);
	}
	while ((got = meters_take(&worker, some, 8))) {
		meters_add(&book, some, got);
		n += got;
	}
	assert_int_equal(n, 20);
	assert_int_equal(book.count, 20);
}

/* What is looked at first is where the last key of that place was found. */
static void one_id_in_place_of_another_is_not_it(void **state)
{
	char place[] = "svc-1";

	(void)state;
	meter_count(meters_of(&worker, str_of(place)), METER_REQUESTS, 1);
	place[4] = '2';
	meter_count(meters_of(&worker, str_of(place)), METER_REQUESTS, 10);
	meter_count(meters_of(&worker, str_first(str_of(place), 4)), METER_REQUESTS, 100);
	assert_int_equal(meters_find(&worker, STR("svc-1"))->counts[METER_REQUESTS], 1);
	assert_int_equal(meters_find(&worker, STR("svc-2"))->counts[METER_REQUESTS], 10);
	assert_int_equal(meters_find(&worker, STR("svc-"))->counts[METER_REQUESTS], 100);
	assert_int_equal(meters_take(&worker, some, 8), 3);
	meters_sweep(&worker);
	meters_sweep(&worker); /* now they are gone */
	assert_int_equal(worker.count, 0);
	meter_count(meters_of(&worker, str_of(place)), METER_REQUESTS, 1);
	assert_int_equal(worker.count, 1);
}

static void targets_are_told_apart(void **state)
{
	struct sock_addr a = { .family = AF_INET, .port = 80 }, b = a, c = a;

	(void)state;
	b.port = 81;
	memset((char *)&c + 8, 0xff, sizeof(c) - 8); /* bytes that say nothing */
	meter_count(meters_of_target(&book, 1, &a), METER_REQUESTS, 1);
	assert_non_null(meters_find_target(&book, 1, &a));
	assert_non_null(meters_find_target(&book, 1, &c));
	assert_null(meters_find_target(&book, 1, &b));
	assert_null(meters_find_target(&book, 2, &a));
}

static void time_one(struct meter *m, uint64_t us)
{
	meter_time(m, us, meter_bucket(us));
}

static void a_time_is_in_its_bucket(void **state)
{
	struct meter m = { 0 };
	size_t i;

	(void)state;
	time_one(&m, 0);
	time_one(&m, 100);
	assert_int_equal(m.buckets[0], 2);
	time_one(&m, 101);
	assert_int_equal(m.buckets[1], 1);
	time_one(&m, meter_bounds_us[METER_BUCKETS - 2]);
	assert_int_equal(m.buckets[METER_BUCKETS - 2], 1);
	time_one(&m, UINT64_C(1) << 40);
	assert_int_equal(m.buckets[METER_BUCKETS - 1], 1);
	for (i = 1; i < METER_BUCKETS - 1; i++)
		assert_true(meter_bounds_us[i] > meter_bounds_us[i - 1]);
}

static void what_nobody_asks_for_is_swept(void **state)
{
	(void)state;
	meter_count(meters_of(&worker, STR("svc-1")), METER_REQUESTS, 1);
	meter_count(meters_of(&worker, STR("svc-2")), METER_REQUESTS, 1);
	meters_sweep(&worker);
	assert_int_equal(worker.count, 2); /* they are still to be taken */
	meters_add(&book, some, meters_take(&worker, some, 8));
	meters_sweep(&worker);
	meters_sweep(&worker);
	assert_int_equal(worker.count, 0);
	meters_sweep(&book);
	assert_non_null(meters_find(&book, STR("svc-1")));
	meters_sweep(&book);
	assert_int_equal(book.count, 1);
}

#define CASE(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_taken_is_counted_once), CASE(more_than_there_is_room_for_comes_later),
		CASE(targets_are_told_apart),	     CASE(a_time_is_in_its_bucket),
		CASE(what_nobody_asks_for_is_swept), CASE(one_id_in_place_of_another_is_not_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
