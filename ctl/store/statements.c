/* SPDX-License-Identifier: Apache-2.0 */
/* When there are too many, the one that was not used for longest goes. */
#include "store/statements.h"

static uint64_t hash_of(struct str s)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < s.n; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* Where the statement of @sql is, or may be made in the place of another. */
static struct statement *find(struct statements *s, struct str sql, uint64_t hash)
{
	struct statement *oldest = &s->at[0];
	size_t i;

	for (i = 0; i < STATEMENTS_MAX; i++) {
		struct statement *each = &s->at[i];

		if (!each->st)
			return each;
		if (each->hash == hash && str_eq(str_of(sqlite3_sql(each->st)), sql))
			return each;
		/* One that is being stepped is somebody's. */
		if (each->used < oldest->used && !sqlite3_stmt_busy(each->st))
			oldest = each;
	}
	sqlite3_finalize(oldest->st);
	oldest->st = NULL;
	return oldest;
}

/* The statement of @sql, or NULL when SQLite refuses it. */
sqlite3_stmt *statements_get(struct statements *s, struct str sql)
{
	uint64_t hash = hash_of(sql);
	struct statement *found = find(s, sql, hash);

	if (!found->st && sqlite3_prepare_v3(s->db, sql.p, (int)sql.n, SQLITE_PREPARE_PERSISTENT,
					     &found->st, NULL) != SQLITE_OK)
		return NULL;
	found->hash = hash;
	found->used = ++s->uses;
	return found->st;
}

/* Done with @st, which may be NULL. Returns SQLite's extended result of its last step. */
int statement_end(sqlite3_stmt *st)
{
	int result = sqlite3_reset(st);

	if (st)
		sqlite3_clear_bindings(st);
	return result;
}

void statements_fini(struct statements *s)
{
	size_t i;

	for (i = 0; i < STATEMENTS_MAX; i++) {
		sqlite3_finalize(s->at[i].st);
		s->at[i].st = NULL;
	}
}
