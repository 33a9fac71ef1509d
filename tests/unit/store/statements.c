/* SPDX-License-Identifier: Apache-2.0 */
/* Statements are made once, and made room for. */
#include "store/statements.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static int open_db(void **state)
{
	static struct statements s;

	s = (struct statements){ 0 };
	assert_int_equal(sqlite3_open(":memory:", &s.db), SQLITE_OK);
	*state = &s;
	return 0;
}

static int close_db(void **state)
{
	struct statements *s = *state;

	statements_fini(s);
	assert_int_equal(sqlite3_close(s->db), SQLITE_OK);
	return 0;
}

static int64_t ask(struct statements *s, const char *sql)
{
	sqlite3_stmt *st = statements_get(s, str_of(sql));
	int64_t n;

	assert_non_null(st);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	assert_int_equal(statement_end(st), SQLITE_OK);
	return n;
}

static void one_text_is_one_statement(void **state)
{
	struct statements *s = *state;
	sqlite3_stmt *st = statements_get(s, STR("SELECT ?"));

	sqlite3_bind_int64(st, 1, 7);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_int_equal(statement_end(st), SQLITE_OK);
	assert_ptr_equal(statements_get(s, STR("SELECT ?")), st);
	assert_ptr_not_equal(statements_get(s, STR("SELECT ?1")), st);
	/* What was bound is gone. */
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_int_equal(sqlite3_column_type(st, 0), SQLITE_NULL);
	assert_int_equal(statement_end(st), SQLITE_OK);
}

static void many_texts_push_out_those_unused_for_longest(void **state)
{
	struct statements *s = *state;
	sqlite3_stmt *kept = statements_get(s, STR("SELECT 0"));
	char sql[32];
	int i;

	for (i = 1; i < 3 * STATEMENTS_MAX; i++) {
		snprintf(sql, sizeof(sql), "SELECT %d", i);
		assert_int_equal(ask(s, sql), i);
		assert_ptr_equal(statements_get(s, STR("SELECT 0")), kept);
	}
}

static void what_sqlite_refuses_is_no_statement(void **state)
{
	struct statements *s = *state;

	assert_null(statements_get(s, STR("SELEKT 1")));
	assert_int_equal(statement_end(NULL), SQLITE_OK);
	assert_int_equal(ask(s, "SELECT 1"), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, open_db, close_db)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_text_is_one_statement),
		CASE(many_texts_push_out_those_unused_for_longest),
		CASE(what_sqlite_refuses_is_no_statement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
