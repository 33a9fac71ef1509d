/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/latticed/plane_usage.c: what workers tell arrives in the store, once. */
#include "latticed/plane_usage.c"

#include "model/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define CART "svc-00000000000000001"

static const uint64_t noon_ms = UINT64_C(20000) * 24 * HOUR_MS + 12 * HOUR_MS;

static char dir[64], path[96];
static struct snapshot *snapshot;
static struct plane_usage usage;
static struct arena arena;
static struct fault fault;

static struct snapshot *make_snapshot(bool has_cart)
{
	struct snapshot *s = snapshot_new(1, &pool_default);
	struct snap_service *cart;

	if (!has_cart)
		return s;
	cart = part_new(sizeof(*cart), 1 << 12);
	cart->id = STR(CART);
	cart->name = STR("cart");
	cart->arn = STR("arn:aws:vpc-lattice:us-east-1:123456789012:service/" CART);
	assert_int_equal(shelf_set(&s->services, 3, &cart->part), 0);
	return s;
}

static int set_up(void **state)
{
	struct store *store;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/lattice-usage-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/lattice.db", dir);
	assert_int_equal(store_open_sqlite(path, &store, &fault), 0);
	arena_init(&arena, 1 << 24);
	snapshot = make_snapshot(true);
	usage = (struct plane_usage){ .store = store, .snapshot = &snapshot };
	return 0;
}

static int tear_down(void **state)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char file[128];
	size_t i;

	(void)state;
	map_fini(&usage.services);
	shelf_fini(&usage.known);
	meters_fini(&usage.pending);
	snapshot_put(snapshot);
	store_close(usage.store);
	for (i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "%s%s", path, tails[i]);
		unlink(file);
	}
	rmdir(dir);
	arena_fini(&arena);
	return 0;
}

/* A worker's letter: @requests of cart, and what is nobody's usage. */
static void tell(uint64_t requests)
{
	struct meters worker = { 0 };
	struct meter some[8];
	size_t n;

	meter_count(meters_of(&worker, STR(CART)), METER_REQUESTS, requests);
	meter_count(meters_of(&worker, STR(CART)), METER_SENT_BYTES, requests * 10);
	meter_count(meters_of(&worker, STR("tg-1")), METER_REQUESTS, 99);
	meter_count(meters_of_target(&worker, 1, &(struct sock_addr){ .family = AF_INET }),
		    METER_REQUESTS, 99);
	n = meters_take(&worker, some, 8);
	plane_usage_take(&usage, some, n);
	meters_fini(&worker);
}

static struct store_usage *sum(void)
{
	struct store_days days = { 0, UINT32_MAX };
	struct store_usage *u;

	assert_int_equal(store_list_usage(usage.store, &days, &arena, &u, &fault), 0);
	return u;
}

static void what_is_told_arrives_once(void **state)
{
	(void)state;
	tell(2);
	tell(3);
	plane_usage_flush(&usage, noon_ms);
	plane_usage_flush(&usage, noon_ms + 1000);
	assert_non_null(sum());
	assert_null(sum()->next);
	assert_int_equal(sum()->requests, 5);
	assert_int_equal(sum()->sent_bytes, 50);
	assert_int_equal(sum()->hours, 1);
	assert_true(str_eq(sum()->account, STR("123456789012")));
	tell(1);
	plane_usage_flush(&usage, noon_ms + 2000);
	assert_int_equal(sum()->requests, 6);
}

static void hours_pass_without_requests(void **state)
{
	(void)state;
	plane_usage_flush(&usage, noon_ms);
	plane_usage_flush(&usage, noon_ms + HOUR_MS - 1);
	assert_int_equal(sum()->hours, 1);
	plane_usage_flush(&usage, noon_ms + HOUR_MS);
	assert_int_equal(sum()->hours, 2);
	/* The next plane does not know what this one wrote. */
	map_fini(&usage.services);
	shelf_fini(&usage.known);
	usage.hour = 0;
	plane_usage_flush(&usage, noon_ms + HOUR_MS + 1);
	assert_int_equal(sum()->hours, 2);
}

static void a_service_that_goes_takes_nothing_with_it(void **state)
{
	(void)state;
	plane_usage_flush(&usage, noon_ms);
	tell(7);
	snapshot_put(snapshot);
	snapshot = make_snapshot(false);
	plane_usage_flush(&usage, noon_ms + 1000);
	assert_int_equal(sum()->requests, 7);
	plane_usage_flush(&usage, noon_ms + HOUR_MS);
	assert_int_equal(sum()->hours, 1);
}

static int begin_badly(struct store *s, bool writes, struct fault *f)
{
	(void)s, (void)writes;
	return fault_set(f, FAULT_INTERNAL, "the disk is full");
}

static void what_cannot_be_stored_stays_pending(void **state)
{
	struct store_ops ops = *usage.store->ops;
	const struct store_ops *good = usage.store->ops;

	(void)state;
	ops.begin = begin_badly;
	usage.store->ops = &ops;
	tell(4);
	plane_usage_flush(&usage, noon_ms);
	assert_true(usage.has_failed);
	tell(1);
	usage.store->ops = good;
	assert_null(sum());
	plane_usage_flush(&usage, noon_ms + 1000);
	assert_false(usage.has_failed);
	assert_int_equal(sum()->requests, 5);
	assert_int_equal(sum()->hours, 1);
}

static void what_is_old_is_forgotten(void **state)
{
	(void)state;
	tell(1);
	plane_usage_flush(&usage, noon_ms);
	plane_usage_flush(&usage, noon_ms + (uint64_t)PLANE_USAGE_DAYS * 24 * HOUR_MS);
	assert_int_equal(sum()->requests, 1);
	plane_usage_flush(&usage, noon_ms + (uint64_t)(PLANE_USAGE_DAYS + 1) * 24 * HOUR_MS);
	assert_int_equal(sum()->requests, 0);
}

/* Passes in turns. */

enum { MANY = 5 * PLANE_USAGE_ROWS / 2, FIRST_PLACE = 5 };

static struct str nth(unsigned i)
{
	static char id[ID_BYTES_MAX];

	/* In another order than they stand on the shelf. */
	snprintf(id, sizeof(id), "svc-%017x", i * 7919 % 100003);
	return str_of(id);
}

/* A snapshot of services, the first @gone of which are not there any more. */
static void have_many(unsigned gone)
{
	struct snapshot *s = snapshot_new(1, &pool_default);
	unsigned i;

	for (i = gone; i < MANY; i++) {
		struct snap_service *one = part_new(sizeof(*one), 1 << 12);

		one->id = arena_copy(&one->part.arena, nth(i));
		one->name = STR("one");
		one->arn = STR("arn:aws:vpc-lattice:us-east-1:123456789012:service/svc");
		assert_non_null(one->id.p);
		assert_int_equal(shelf_set(&s->services, FIRST_PLACE + i, &one->part), 0);
	}
	snapshot_put(snapshot);
	snapshot = s;
}

/* Each from @from on did @requests more. */
static void tell_many(unsigned from, uint64_t requests)
{
	struct meter m = { 0 };
	unsigned i;

	m.counts[METER_REQUESTS] = requests;
	for (i = from; i < MANY; i++) {
		struct str id = nth(i);

		memcpy(m.key.id, id.p, id.n);
		plane_usage_take(&usage, &m, 1);
	}
}

/* What is in the store: rows, and their requests and hours. */
static void is_stored(unsigned rows, uint64_t requests, uint64_t hours)
{
	const struct store_usage *u;
	uint64_t all_requests = 0, all_hours = 0;
	unsigned count = 0;

	for (u = sum(); u; u = u->next) {
		count++;
		all_requests += u->requests;
		all_hours += u->hours;
	}
	assert_int_equal(count, rows);
	assert_int_equal(all_requests, requests);
	assert_int_equal(all_hours, hours);
	arena_reset(&arena);
}

static void a_turn_writes_so_many_rows_and_no_more(void **state)
{
	unsigned turns;

	(void)state;
	have_many(0);
	begin_pass(&usage, noon_ms);
	for (turns = 1; run_turn(&usage); turns++)
		is_stored(turns * PLANE_USAGE_ROWS, 0, turns * PLANE_USAGE_ROWS);
	is_stored(MANY, 0, MANY);
	assert_int_equal(turns, 3);
	begin_pass(&usage, noon_ms + PLANE_USAGE_MS);
	assert_false(run_turn(&usage));
	is_stored(MANY, 0, MANY);
}

static void what_was_counted_goes_before_hours(void **state)
{
	(void)state;
	have_many(0);
	tell_many(MANY - 10, 7);
	begin_pass(&usage, noon_ms);
	assert_true(run_turn(&usage));
	is_stored(PLANE_USAGE_ROWS, 70, PLANE_USAGE_ROWS);
	while (run_turn(&usage))
		;
	is_stored(MANY, 70, MANY);
}

/* However often they do, a pass ends, and those that were first are not kept waiting. */
static void what_happens_meanwhile_is_of_the_next_pass(void **state)
{
	unsigned turns = 1;

	(void)state;
	have_many(0);
	tell_many(0, 1);
	begin_pass(&usage, noon_ms);
	for (; run_turn(&usage); turns++)
		tell_many(0, 1);
	assert_in_range(turns, 3, 4);
	/* The first were told of once until they were written, the last three times. */
	is_stored(MANY, PLANE_USAGE_ROWS * (1 + 2) + 3 * (MANY % PLANE_USAGE_ROWS), MANY);
	plane_usage_flush(&usage, noon_ms + PLANE_USAGE_MS);
	is_stored(MANY, (uint64_t)MANY * turns, MANY);
}

static void services_that_come_and_go_between_turns_are_counted_once(void **state)
{
	(void)state;
	have_many(10);
	plane_usage_flush(&usage, noon_ms);
	is_stored(MANY - 10, 0, MANY - 10);
	tell_many(10, 1);
	begin_pass(&usage, noon_ms + PLANE_USAGE_MS);
	assert_true(run_turn(&usage));
	have_many(300); /* of these some are written, others not */
	while (run_turn(&usage))
		;
	is_stored(MANY - 10, MANY - 10, MANY - 10);
	have_many(0);
	tell_many(0, 1);
	plane_usage_flush(&usage, noon_ms + 2 * PLANE_USAGE_MS);
	is_stored(MANY, MANY - 10 + MANY, MANY);
	plane_usage_flush(&usage, noon_ms + HOUR_MS);
	is_stored(MANY, MANY - 10 + MANY, 2 * MANY);
}

/* Who is killed between two turns has lost what was not written, and nothing else. */
static void a_turn_that_fails_takes_nothing_with_it(void **state)
{
	struct store_ops ops = *usage.store->ops;
	const struct store_ops *good = usage.store->ops;

	(void)state;
	ops.begin = begin_badly;
	have_many(0);
	tell_many(0, 2);
	begin_pass(&usage, noon_ms);
	assert_true(run_turn(&usage));
	usage.store->ops = &ops;
	assert_false(run_turn(&usage));
	assert_true(usage.has_failed);
	usage.store->ops = good;
	is_stored(PLANE_USAGE_ROWS, 2 * PLANE_USAGE_ROWS, PLANE_USAGE_ROWS);
	assert_int_equal(usage.pending.changed_count, MANY - PLANE_USAGE_ROWS);
	plane_usage_flush(&usage, noon_ms + PLANE_USAGE_MS);
	is_stored(MANY, 2 * MANY, MANY);
}

static void old_days_are_forgotten_in_turns(void **state)
{
	uint64_t late_ms = noon_ms + (uint64_t)(PLANE_USAGE_DAYS + 1) * 24 * HOUR_MS;
	unsigned turns;

	(void)state;
	have_many(0);
	plane_usage_flush(&usage, noon_ms);
	begin_pass(&usage, late_ms);
	for (turns = 1; run_turn(&usage); turns++)
		;
	assert_in_range(turns, 5, 6);
	is_stored(MANY, 0, MANY);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_told_arrives_once),
		CASE(hours_pass_without_requests),
		CASE(a_service_that_goes_takes_nothing_with_it),
		CASE(what_cannot_be_stored_stays_pending),
		CASE(what_is_old_is_forgotten),
		CASE(a_turn_writes_so_many_rows_and_no_more),
		CASE(what_was_counted_goes_before_hours),
		CASE(what_happens_meanwhile_is_of_the_next_pass),
		CASE(services_that_come_and_go_between_turns_are_counted_once),
		CASE(a_turn_that_fails_takes_nothing_with_it),
		CASE(old_days_are_forgotten_in_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
