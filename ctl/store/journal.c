/* SPDX-License-Identifier: Apache-2.0 */
/* Folding that fails loses nothing: what is in the journal is durable, and the next one tries
 * again. */
#include "store/journal.h"

#include <stddef.h>

static void fold(struct journal *j)
{
	int all, folded;

	/* The next commit begins the journal anew when nothing is left in it. */
	if (sqlite3_wal_checkpoint_v2(j->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &all, &folded) ==
		    SQLITE_OK &&
	    all == folded)
		j->pages = 0;
}

static int committed(void *ctx, sqlite3 *db, const char *name, int pages)
{
	struct journal *j = ctx;

	(void)db;
	(void)name;
	j->pages = pages;
	if (pages >= JOURNAL_PAGES_MAX)
		fold(j);
	return SQLITE_OK;
}

/* Watch over the journal of @db, in place of SQLite itself; @j stays where it is. */
void journal_init(struct journal *j, sqlite3 *db)
{
	*j = (struct journal){ .db = db };
	sqlite3_wal_hook(db, committed, j);
}

/* Nobody waits for the database, and no transaction is open. */
void journal_rest(struct journal *j)
{
	if (j->pages >= JOURNAL_PAGES_REST)
		fold(j);
}
