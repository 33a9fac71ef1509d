/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is free is free in each hour, so a row also keeps what the last hour that it knows had. An
 * hour that lies before that one, since the clock went back, is taken for it.
 */
#include "store/store_usage.h"

#include "store/sqlite.h"

enum { HOURS_A_DAY = 24 };

/* ?1 service, ?2 day, ?3 hour, ?4 requests, ?5 received, ?6 sent, ?7 free requests an hour */
#define ADD                                                                    \
	" hours = hours + (?3 > hour),"                                        \
	" requests = requests + ?4,"                                           \
	" paid_requests = paid_requests + iif(?3 > hour, max(0, ?4 - ?7),"     \
	"  max(0, hour_requests + ?4 - ?7) - max(0, hour_requests - ?7)),"     \
	" received_bytes = received_bytes + ?5, sent_bytes = sent_bytes + ?6," \
	" hour_requests = iif(?3 > hour, ?4, hour_requests + ?4), hour = max(hour, ?3)"

static const char sql_add[] =
	"INSERT INTO usage (service, day, account, name, hours, requests, paid_requests,"
	" received_bytes, sent_bytes, hour, hour_requests)"
	" VALUES (?1, ?2, ?8, ?9, 1, ?4, max(0, ?4 - ?7), ?5, ?6, ?3, ?4)"
	" ON CONFLICT (service, day) DO UPDATE SET account = ?8, name = ?9," ADD;

/* Of a service that is gone: to the last day that it was there, which is this one or the last. */
static const char sql_add_to_last[] =
	"UPDATE usage SET" ADD " WHERE service = ?1 AND"
	" day = (SELECT max(day) FROM usage WHERE service = ?1 AND day IN (?2, ?2 - 1))";

/* Count @u, of which service and figures are set, in @hour since 1970; without name: it is gone. */
int store_usage_add(struct statements *s, const struct store_usage *u, uint64_t hour,
		    struct fault *fault)
{
	sqlite3_stmt *st =
		sqlite_prepare(s, u->name.n ? sql_add : sql_add_to_last, u->service, STR(""));

	if (!st)
		return sqlite_fault(s->db, "count usage", fault);
	sqlite3_bind_int64(st, 2, (int64_t)(hour / HOURS_A_DAY));
	sqlite3_bind_int64(st, 3, (int64_t)hour);
	sqlite3_bind_int64(st, 4, (int64_t)u->requests);
	sqlite3_bind_int64(st, 5, (int64_t)u->received_bytes);
	sqlite3_bind_int64(st, 6, (int64_t)u->sent_bytes);
	sqlite3_bind_int64(st, 7, STORE_FREE_REQUESTS);
	if (u->name.n) {
		sqlite_bind(st, 8, u->account);
		sqlite_bind(st, 9, u->name);
	}
	return sqlite_finish(st) == SQLITE_OK ? 0 : sqlite_fault(s->db, "count usage", fault);
}

/* Drop up to *@rows of what is older than @oldest_day; then *@rows says how many there were. */
int store_usage_forget(struct statements *s, uint32_t oldest_day, size_t *rows, struct fault *fault)
{
	static const char sql[] = "DELETE FROM usage WHERE (day, service) IN"
				  " (SELECT day, service FROM usage WHERE day < ?1 LIMIT ?2)";
	sqlite3_stmt *st = sqlite_prepare(s, sql, STR(""), STR(""));

	if (!st)
		return sqlite_fault(s->db, "forget usage", fault);
	sqlite3_bind_int64(st, 1, oldest_day);
	sqlite3_bind_int64(st, 2, (int64_t)*rows);
	if (sqlite_finish(st) != SQLITE_OK)
		return sqlite_fault(s->db, "forget usage", fault);
	*rows = (size_t)sqlite3_changes(s->db);
	return 0;
}

static struct store_usage *read_usage(sqlite3_stmt *st, struct arena *a)
{
	struct store_usage *u = arena_new(a, struct store_usage, 1);
	bool failed = false;

	if (!u)
		return NULL;
	u->service = sqlite_text(st, 0, a, &failed);
	u->account = sqlite_text(st, 1, a, &failed);
	u->name = sqlite_text(st, 2, a, &failed);
	u->hours = (uint64_t)sqlite3_column_int64(st, 3);
	u->requests = (uint64_t)sqlite3_column_int64(st, 4);
	u->paid_requests = (uint64_t)sqlite3_column_int64(st, 5);
	u->received_bytes = (uint64_t)sqlite3_column_int64(st, 6);
	u->sent_bytes = (uint64_t)sqlite3_column_int64(st, 7);
	return failed ? NULL : u;
}

/* The sum of @days for each service, by account and name; of a name that changed the last one. */
int store_usage_list(struct statements *s, const struct store_days *days, struct arena *a,
		     struct store_usage **ret, struct fault *fault)
{
	/* Of the row that has max(day), says SQLite, are account and name. */
	static const char sql[] =
		"SELECT service, account, name, sum(hours), sum(requests), sum(paid_requests),"
		" sum(received_bytes), sum(sent_bytes), max(day) FROM usage"
		" WHERE day BETWEEN ?1 AND ?2 GROUP BY service ORDER BY account, name, service";
	sqlite3_stmt *st = sqlite_prepare(s, sql, STR(""), STR(""));
	struct store_usage **at = ret;
	bool is_short = false;

	*ret = NULL;
	if (!st)
		return sqlite_fault(s->db, "ask for usage", fault);
	sqlite3_bind_int64(st, 1, days->first);
	sqlite3_bind_int64(st, 2, days->last);
	while (!is_short && sqlite3_step(st) == SQLITE_ROW) {
		*at = read_usage(st, a);
		is_short = !*at;
		if (!is_short)
			at = &(*at)->next;
	}
	if (statement_end(st) != SQLITE_OK)
		return sqlite_fault(s->db, "read usage", fault);
	return is_short ? fault_set(fault, FAULT_INTERNAL, "store: out of memory") : 0;
}
