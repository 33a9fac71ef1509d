/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prepared statements of one SQLite database, kept: statements_get() gives one that is ready to be
 * bound and stepped, statement_end() gives it back. Making one costs more than running it.
 */
#ifndef LATTICE_STORE_STATEMENTS_H
#define LATTICE_STORE_STATEMENTS_H

#include "base/str.h"

#include <sqlite3.h>
#include <stdint.h>

enum { STATEMENTS_MAX = 128 };

struct statement {
	uint64_t hash;
	sqlite3_stmt *st; /* NULL: unused */
	uint64_t used;	  /* when, as a count */
};

struct statements {
	sqlite3 *db;
	uint64_t uses;
	struct statement at[STATEMENTS_MAX];
};

sqlite3_stmt *statements_get(struct statements *s, struct str sql);
int statement_end(sqlite3_stmt *st);
void statements_fini(struct statements *s);

#endif
