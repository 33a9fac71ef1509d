/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/store/store_usage.c: hours, what is free in each, and days. */
#include "store/store_usage.c"

#include "store/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { DAY = 20000, HOUR = DAY * HOURS_A_DAY };

static char dir[64], path[96];
static struct store *store;
static struct arena arena;
static struct fault fault;

static void open_store(void)
{
	assert_int_equal(store_open_sqlite(path, &store, &fault), 0);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/lattice-usage-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/lattice.db", dir);
	arena_init(&arena, 1 << 20);
	open_store();
	return 0;
}

static int tear_down(void **state)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char file[128];
	size_t i;

	(void)state;
	store_close(store);
	for (i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "%s%s", path, tails[i]);
		unlink(file);
	}
	rmdir(dir);
	arena_fini(&arena);
	return 0;
}

static void add_as(const char *name, uint64_t hour, uint64_t requests)
{
	struct store_usage u = { .service = STR("svc-1"),
				 .account = STR("123456789012"),
				 .name = str_of(name),
				 .requests = requests,
				 .received_bytes = requests * 10,
				 .sent_bytes = requests * 100 };

	assert_int_equal(store_begin(store, true, &fault), 0);
	assert_int_equal(store_add_usage(store, &u, hour, &fault), 0);
	assert_int_equal(store_end(store, true, &fault), 0);
}

static void add_in(uint64_t hour, uint64_t requests)
{
	add_as("cart", hour, requests);
}

/* What is known of @first to @last; NULL: nothing. */
static struct store_usage *sum(uint32_t first, uint32_t last)
{
	struct store_days days = { first, last };
	struct store_usage *u;

	assert_int_equal(store_list_usage(store, &days, &arena, &u, &fault), 0);
	return u;
}

static void an_hour_that_has_begun_is_an_hour(void **state)
{
	struct store_usage *u;

	(void)state;
	add_in(HOUR, 0);
	add_in(HOUR, 3);
	add_in(HOUR, 4);
	u = sum(DAY, DAY);
	assert_non_null(u);
	assert_null(u->next);
	assert_int_equal(u->hours, 1);
	assert_int_equal(u->requests, 7);
	assert_int_equal(u->received_bytes, 70);
	assert_int_equal(u->sent_bytes, 700);
	assert_int_equal(u->paid_requests, 0);
	add_in(HOUR + 1, 0);
	add_in(HOUR + 5, 0);
	assert_int_equal(sum(DAY, DAY)->hours, 3);
}

static void what_is_free_is_free_in_each_hour(void **state)
{
	(void)state;
	add_in(HOUR, STORE_FREE_REQUESTS - 1);
	add_in(HOUR, 1);
	assert_int_equal(sum(DAY, DAY)->paid_requests, 0);
	add_in(HOUR, 5);
	assert_int_equal(sum(DAY, DAY)->paid_requests, 5);
	add_in(HOUR, 2);
	assert_int_equal(sum(DAY, DAY)->paid_requests, 7);
	add_in(HOUR + 1, STORE_FREE_REQUESTS);
	assert_int_equal(sum(DAY, DAY)->paid_requests, 7);
	add_in(HOUR + 2, STORE_FREE_REQUESTS + 10);
	add_in(HOUR + 24, STORE_FREE_REQUESTS + 100);
	assert_int_equal(sum(DAY, DAY)->paid_requests, 17);
	assert_int_equal(sum(DAY, DAY + 1)->paid_requests, 117);
	assert_int_equal(sum(DAY, DAY + 1)->requests, 4 * STORE_FREE_REQUESTS + 117);
}

static void a_clock_that_goes_back_makes_no_hour(void **state)
{
	(void)state;
	add_in(HOUR + 5, STORE_FREE_REQUESTS);
	add_in(HOUR + 4, 3);
	assert_int_equal(sum(DAY, DAY)->hours, 1);
	assert_int_equal(sum(DAY, DAY)->paid_requests, 3);
	add_in(HOUR + 5, 1);
	assert_int_equal(sum(DAY, DAY)->hours, 1);
}

static void a_service_that_is_gone_is_still_paid_for(void **state)
{
	struct store_usage *u;

	(void)state;
	add_as("", HOUR, 5); /* it was never there */
	assert_null(sum(0, UINT32_MAX));
	add_in(HOUR, 2);
	add_as("", HOUR + 24, 3);
	u = sum(DAY, DAY);
	assert_int_equal(u->requests, 5);
	assert_true(str_eq(u->name, STR("cart")));
	assert_null(sum(DAY + 1, DAY + 1));
}

static void the_last_name_counts(void **state)
{
	(void)state;
	add_as("old", HOUR, 1);
	add_as("new", HOUR + 24, 1);
	assert_true(str_eq(sum(DAY, DAY + 1)->name, STR("new")));
	assert_int_equal(sum(DAY, DAY + 1)->requests, 2);
}

static void it_outlives_the_program_but_not_its_time(void **state)
{
	size_t rows = 10;

	(void)state;
	add_in(HOUR, 1);
	add_in(HOUR + 24, 2);
	store_close(store);
	open_store();
	assert_int_equal(sum(DAY, DAY + 1)->requests, 3);
	assert_int_equal(store_forget_usage(store, DAY + 1, &rows, &fault), 0);
	assert_int_equal(rows, 1);
	assert_int_equal(sum(DAY, DAY + 1)->requests, 2);
	assert_int_equal(store_forget_usage(store, DAY + 1, &rows, &fault), 0);
	assert_int_equal(rows, 0);
}

static void so_many_rows_are_forgotten_at_once(void **state)
{
	size_t rows = 2;
	int i;

	(void)state;
	for (i = 0; i < 5; i++)
		add_in(HOUR + 24 * (uint64_t)i, 1);
	assert_int_equal(store_forget_usage(store, DAY + 4, &rows, &fault), 0);
	assert_int_equal(rows, 2);
	assert_int_equal(sum(DAY, DAY + 4)->requests, 3);
	rows = 9;
	assert_int_equal(store_forget_usage(store, DAY + 4, &rows, &fault), 0);
	assert_int_equal(rows, 2);
	assert_int_equal(sum(DAY, DAY + 4)->requests, 1);
}

/* As version 4 kept it, by service. */
static void an_older_file_keeps_what_it_has(void **state)
{
	sqlite3 *db;
	int i;

	(void)state;
	store_close(store);
	unlink(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (i = 0; i < 4; i++)
		assert_int_equal(sqlite_run(db, schema_steps[i], "test", &fault), 0);
	assert_int_equal(
		sqlite_run(db,
			   "PRAGMA application_id = 0x4c415454; PRAGMA user_version = 4;"
			   "INSERT INTO usage VALUES"
			   " ('svc-1', 20000, '123456789012', 'cart', 2, 30, 4, 5, 6, 480001, 9),"
			   " ('svc-1', 20001, '123456789012', 'cart', 1, 1, 0, 1, 1, 480030, 1)",
			   "test", &fault),
		0);
	sqlite3_close(db);
	open_store();
	assert_int_equal(sum(DAY, DAY)->requests, 30);
	assert_int_equal(sum(DAY, DAY)->sent_bytes, 6);
	add_in(HOUR + 1, 1);
	assert_int_equal(sum(DAY, DAY)->hours, 2);
	assert_int_equal(sum(DAY, DAY + 1)->requests, 32);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_hour_that_has_begun_is_an_hour),
		CASE(what_is_free_is_free_in_each_hour),
		CASE(a_clock_that_goes_back_makes_no_hour),
		CASE(a_service_that_is_gone_is_still_paid_for),
		CASE(the_last_name_counts),
		CASE(it_outlives_the_program_but_not_its_time),
		CASE(so_many_rows_are_forgotten_at_once),
		CASE(an_older_file_keeps_what_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
