/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite with our strings and faults: the files of the store share this. */
#ifndef LATTICE_STORE_SQLITE_H
#define LATTICE_STORE_SQLITE_H

#include "base/arena.h"
#include "model/fault.h"
#include "store/statements.h"

int sqlite_fault(sqlite3 *db, const char *what, struct fault *fault);
int sqlite_run(sqlite3 *db, const char *sql, const char *what, struct fault *fault);
void sqlite_bind(sqlite3_stmt *st, int at, struct str s);
sqlite3_stmt *sqlite_prepare(struct statements *s, const char *sql, struct str first,
			     struct str second);
int sqlite_finish(sqlite3_stmt *st);
struct str sqlite_text(sqlite3_stmt *st, int at, struct arena *a, bool *failed);
int64_t sqlite_ask(struct statements *s, const char *sql, int64_t otherwise);

#endif
