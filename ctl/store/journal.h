/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite's journal of committed changes (WAL). Folding it into the file is slow, since the file is
 * then synced too: journal_rest() does it when nobody waits, a commit only when the journal has
 * become long. journal_init() once, when the database is open.
 */
#ifndef LATTICE_STORE_JOURNAL_H
#define LATTICE_STORE_JOURNAL_H

#include <sqlite3.h>

/*
 * Pages in the journal: from when on it is folded at rest, as many as SQLite's own default, and
 * from when on by a commit. That is 32 MB to read again after a crash.
 */
enum { JOURNAL_PAGES_REST = 1000, JOURNAL_PAGES_MAX = 8192 };

struct journal {
	sqlite3 *db;
	int pages; /* that are not folded */
};

void journal_init(struct journal *j, sqlite3 *db);
void journal_rest(struct journal *j);

#endif
