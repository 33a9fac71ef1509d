/* SPDX-License-Identifier: Apache-2.0 */
/* What is done with SQLite in more than one place. */
#include "store/sqlite.h"

/* SQLite could not do @what. Returns -1. */
int sqlite_fault(sqlite3 *db, const char *what, struct fault *fault)
{
	return fault_set(fault, FAULT_INTERNAL, "store: cannot %s: %s", what, sqlite3_errmsg(db));
}

int sqlite_run(sqlite3 *db, const char *sql, const char *what, struct fault *fault)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fault(db, what, fault);
	return 0;
}

void sqlite_bind(sqlite3_stmt *st, int at, struct str s)
{
	if (s.n)
		sqlite3_bind_text64(st, at, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8);
	else
		sqlite3_bind_null(st, at);
}

/* A prepared statement with its first texts bound, or NULL. */
sqlite3_stmt *sqlite_prepare(struct statements *s, const char *sql, struct str first,
			     struct str second)
{
	sqlite3_stmt *st = statements_get(s, str_of(sql));

	if (!st)
		return NULL;
	if (first.n)
		sqlite_bind(st, 1, first);
	if (second.n)
		sqlite_bind(st, 2, second);
	return st;
}

/* Run @st, which yields no row. Returns SQLite's extended result. */
int sqlite_finish(sqlite3_stmt *st)
{
	sqlite3_step(st);
	return statement_end(st);
}

struct str sqlite_text(sqlite3_stmt *st, int at, struct arena *a, bool *failed)
{
	const char *p = (const char *)sqlite3_column_text(st, at);
	struct str s = { p, (size_t)sqlite3_column_bytes(st, at) };
	struct str copy;

	if (!p || !s.n)
		return (struct str){ "", 0 };
	copy = arena_copy(a, s);
	if (!copy.p)
		*failed = true;
	return copy;
}

/* The first integer that @sql yields, or @otherwise. */
int64_t sqlite_ask(struct statements *s, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *st = sqlite_prepare(s, sql, STR(""), STR(""));

	if (!st)
		return otherwise;
	if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_type(st, 0) == SQLITE_INTEGER)
		otherwise = sqlite3_column_int64(st, 0);
	statement_end(st);
	return otherwise;
}
