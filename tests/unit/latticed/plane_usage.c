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
	arena_init(&arena, 1 << 20);
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
	map_fini(&usage.hours);
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
	map_fini(&usage.hours);
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

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_told_arrives_once),
		CASE(hours_pass_without_requests),
		CASE(a_service_that_goes_takes_nothing_with_it),
		CASE(what_cannot_be_stored_stays_pending),
		CASE(what_is_old_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
