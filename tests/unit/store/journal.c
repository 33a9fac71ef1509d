/* SPDX-License-Identifier: Apache-2.0 */
/* When the journal is folded into the file: at rest if it is worth it, else when it is long. */
#include "store/journal.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char dir[64], path[96];
	sqlite3 *db;
	struct journal journal;
};

static void run(struct fixture *f, const char *sql)
{
	assert_int_equal(sqlite3_exec(f->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/lattice-journal-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/db", f->dir);
	assert_int_equal(sqlite3_open(f->path, &f->db), SQLITE_OK);
	run(f,
	    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
	    "CREATE TABLE t (x)");
	journal_init(&f->journal, f->db);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sqlite3_close(f->db);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* A commit of some @pages. */
static void commit(struct fixture *f, int pages)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "INSERT INTO t VALUES (zeroblob(%d))", pages * 4096);
	run(f, sql);
}

static long long size_of(const struct fixture *f, const char *tail)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s%s", f->path, tail);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void a_commit_folds_a_long_journal_only(void **state)
{
	struct fixture *f = *state;
	long long before = size_of(f, "");
	int i;

	for (i = 0; i < 7; i++)
		commit(f, 1000);
	assert_int_equal(size_of(f, ""), before);
	assert_true(f->journal.pages > 7000);
	for (; i < 9; i++)
		commit(f, 1000);
	assert_true(size_of(f, "") > 8000LL * 4096);
}

static void a_journal_that_is_folded_is_used_again(void **state)
{
	struct fixture *f = *state;
	long long longest;
	int i;

	for (i = 0; i < 9; i++)
		commit(f, 1000);
	longest = size_of(f, "-wal");
	for (i = 0; i < 27; i++)
		commit(f, 1000);
	assert_true(size_of(f, "-wal") < longest + 2 * 1000LL * 4200);
}

static void rest_folds_what_is_worth_it(void **state)
{
	struct fixture *f = *state;
	long long before = size_of(f, "");

	commit(f, 500);
	journal_rest(&f->journal);
	assert_int_equal(size_of(f, ""), before);
	commit(f, 600);
	journal_rest(&f->journal);
	assert_true(size_of(f, "") > 1000LL * 4096);
	assert_int_equal(f->journal.pages, 0);
	/* Nothing is left to do. */
	journal_rest(&f->journal);
	commit(f, 1);
	assert_true(f->journal.pages < 10);
}

/* A transaction that is open, as it may be after a failure, is in nobody's way. */
static void what_cannot_be_folded_stays(void **state)
{
	struct fixture *f = *state;
	int pages;

	commit(f, 1100);
	pages = f->journal.pages;
	run(f, "BEGIN IMMEDIATE");
	commit(f, 1);
	journal_rest(&f->journal);
	assert_int_equal(f->journal.pages, pages);
	run(f, "ROLLBACK");
	journal_rest(&f->journal);
	assert_int_equal(f->journal.pages, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_commit_folds_a_long_journal_only),
		CASE(a_journal_that_is_folded_is_used_again),
		CASE(rest_folds_what_is_worth_it),
		CASE(what_cannot_be_folded_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
