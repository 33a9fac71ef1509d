/* SPDX-License-Identifier: Apache-2.0 */
/* A file is looked at before anything is written to it: what is not ours stays as it is. */
#include "store/store_schema.h"

#include "store/schema.h"
#include "store/sqlite.h"

#include <stdio.h>

/* Is the file whole? SQLite answers with one row "ok", or with what it found. */
static int check_whole(struct statements *s, const char *path, struct fault *fault)
{
	sqlite3_stmt *st = sqlite_prepare(s, "PRAGMA quick_check(1)", STR(""), STR(""));
	const char *answer = NULL;
	int err = 0;

	if (st && sqlite3_step(st) == SQLITE_ROW)
		answer = (const char *)sqlite3_column_text(st, 0);
	if (!answer || strcmp(answer, "ok") != 0)
		err = fault_set(fault, FAULT_INTERNAL,
				"%s is damaged (%s); restore it from a copy, it was not touched",
				path, answer ? answer : sqlite3_errmsg(s->db));
	statement_end(st);
	return err;
}

/* Look at the file without changing it. *@ret_version: its format, 0 when it is empty. */
static int examine(struct statements *s, const char *path, int *ret_version, struct fault *fault)
{
	int64_t version = sqlite_ask(s, "PRAGMA user_version", -1);
	int64_t application = sqlite_ask(s, "PRAGMA application_id", -1);
	int64_t tables = sqlite_ask(s, "SELECT count(*) FROM sqlite_schema", -1);

	if (version < 0 || application < 0 || tables < 0)
		return fault_set(fault, FAULT_INTERNAL, "%s cannot be read: %s", path,
				 sqlite3_errmsg(s->db));
	*ret_version = 0;
	if (tables == 0 && version == 0 && application == 0)
		return 0;
	if (application != SCHEMA_APPLICATION_ID)
		return fault_set(fault, FAULT_INTERNAL, "%s is not a database of Lattice", path);
	if (version > SCHEMA_VERSION)
		return fault_set(fault, FAULT_INTERNAL,
				 "%s has format %lld, this program knows up to %d; use a newer one",
				 path, (long long)version, SCHEMA_VERSION);
	if (version < 1)
		return fault_set(fault, FAULT_INTERNAL, "%s has the unknown format %lld", path,
				 (long long)version);
	*ret_version = (int)version;
	return check_whole(s, path, fault);
}

/* Take the steps that are behind @version, all or none. */
static int migrate(sqlite3 *db, int version, struct fault *fault)
{
	char numbers[96];

	if (version == SCHEMA_VERSION)
		return 0;
	snprintf(numbers, sizeof(numbers), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
	if (sqlite_run(db, "BEGIN IMMEDIATE", "begin", fault) < 0)
		return -1;
	for (; version < SCHEMA_VERSION; version++)
		if (sqlite_run(db, schema_steps[version], "make the tables", fault) < 0)
			goto err_begin;
	if (sqlite_run(db, numbers, "mark the file", fault) < 0 ||
	    sqlite_run(db, "COMMIT", "make the tables", fault) < 0)
		goto err_begin;
	return 0;

err_begin:
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

/* Prepare the file at @path, open as @s. 0 or -1, and then the file is as it was. */
int store_schema_open(struct statements *s, const char *path, struct fault *fault)
{
	sqlite3 *db = s->db;
	int version = 0;

	/* Until the file proves to be ours, closing it must not write to it. */
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite_run(db, "PRAGMA locking_mode = EXCLUSIVE", "lock", fault) < 0 ||
	    examine(s, path, &version, fault) < 0)
		return -1;
	if (sqlite_run(db,
		       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys "
		       "= ON;"
		       "PRAGMA cell_size_check = ON; PRAGMA cache_size = -65536",
		       "set up", fault) < 0)
		return -1;
	if (migrate(db, version, fault) < 0)
		return -1;
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	return 0;
}
