/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of the SQLite store, as steps: each leads from one version to the next, and a new
 * file takes them all. What was released stays as it is; a change is another step.
 */
#ifndef LATTICE_STORE_SCHEMA_H
#define LATTICE_STORE_SCHEMA_H

/* "LATT", in the file's header; and what user_version holds. */
enum { SCHEMA_APPLICATION_ID = 0x4c415454, SCHEMA_VERSION = 5 };

static const char *const schema_steps[SCHEMA_VERSION] = {
	/* 1: records, their links and numbers */
	"CREATE TABLE records ("
	" id TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 5 AND 64),"
	" kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 255),"
	" account TEXT NOT NULL CHECK (length(account) = 12),"
	" parent TEXT REFERENCES records(id) ON DELETE CASCADE,"
	" name TEXT CHECK (length(name) BETWEEN 1 AND 255),"
	" number INTEGER CHECK (number BETWEEN 1 AND 4294967295),"
	" body TEXT NOT NULL CHECK (json_valid(body)),"
	" created_ms INTEGER NOT NULL CHECK (created_ms >= 0),"
	" updated_ms INTEGER NOT NULL CHECK (updated_ms >= created_ms)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX records_by_kind ON records(kind, id);"
	"CREATE INDEX records_by_parent ON records(parent, kind, id);"
	"CREATE UNIQUE INDEX records_by_name"
	" ON records(kind, account, ifnull(parent, ''), name) WHERE name IS NOT NULL;"
	"CREATE UNIQUE INDEX records_by_number"
	" ON records(kind, ifnull(parent, ''), number) WHERE number IS NOT NULL;"
	"CREATE TABLE links ("
	" source TEXT NOT NULL REFERENCES records(id) ON DELETE CASCADE,"
	" target TEXT NOT NULL REFERENCES records(id) ON DELETE RESTRICT,"
	" PRIMARY KEY (source, target)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX links_by_target ON links(target);"
	/* The number that was given last, so that a freed one rests as long as possible. */
	"CREATE TABLE cursors ("
	" kind INTEGER NOT NULL PRIMARY KEY,"
	" number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 4294967295)"
	") STRICT, WITHOUT ROWID;",

	/* 2: what was answered to requests that carried a token, so that a repeat is known */
	"CREATE TABLE tokens ("
	" account TEXT NOT NULL,"
	" operation TEXT NOT NULL,"
	" token TEXT NOT NULL,"
	" request TEXT NOT NULL CHECK (json_valid(request)),"
	" answer TEXT NOT NULL CHECK (json_valid(answer)),"
	" created_ms INTEGER NOT NULL CHECK (created_ms >= 0),"
	" PRIMARY KEY (account, operation, token)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX tokens_by_age ON tokens(created_ms);",

	/* 3: an account's records of a kind, which are listed and counted */
	("CREATE INDEX records_by_account ON records(kind, account, id);"
	 "DROP INDEX records_by_kind;"),

	/* 4: what services did each day; services that are gone stay in it */
	("CREATE TABLE usage ("
	 " service TEXT NOT NULL,"
	 " day INTEGER NOT NULL CHECK (day >= 0)," /* since 1970 */
	 " account TEXT NOT NULL,"
	 " name TEXT NOT NULL,"
	 " hours INTEGER NOT NULL,"
	 " requests INTEGER NOT NULL,"
	 " paid_requests INTEGER NOT NULL," /* beyond what is free in each hour */
	 " received_bytes INTEGER NOT NULL,"
	 " sent_bytes INTEGER NOT NULL,"
	 " hour INTEGER NOT NULL," /* the last one, since 1970 */
	 " hour_requests INTEGER NOT NULL,"
	 " PRIMARY KEY (service, day)"
	 ") STRICT, WITHOUT ROWID;"
	 "CREATE INDEX usage_by_day ON usage(day);"),

	/* 5: the rows of a day lie together, since they are what changes */
	("CREATE TABLE usage_of_days ("
	 " day INTEGER NOT NULL CHECK (day >= 0)," /* since 1970 */
	 " service TEXT NOT NULL,"
	 " account TEXT NOT NULL,"
	 " name TEXT NOT NULL,"
	 " hours INTEGER NOT NULL,"
	 " requests INTEGER NOT NULL,"
	 " paid_requests INTEGER NOT NULL," /* beyond what is free in each hour */
	 " received_bytes INTEGER NOT NULL,"
	 " sent_bytes INTEGER NOT NULL,"
	 " hour INTEGER NOT NULL," /* the last one, since 1970 */
	 " hour_requests INTEGER NOT NULL,"
	 " PRIMARY KEY (day, service)"
	 ") STRICT, WITHOUT ROWID;"
	 "INSERT INTO usage_of_days SELECT day, service, account, name, hours, requests,"
	 " paid_requests, received_bytes, sent_bytes, hour, hour_requests FROM usage"
	 " ORDER BY day, service;"
	 "DROP TABLE usage;"
	 "ALTER TABLE usage_of_days RENAME TO usage;"),
};

#endif
