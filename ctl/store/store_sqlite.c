/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store in one SQLite file. The tables hold the rules (schema.h): a refused statement is
 * turned into a fault that names the record in the way. The file is locked while it is open, so
 * that two daemons never share it.
 */
#include "store/store.h"

#include "base/array.h"
#include "base/buf.h"
#include "base/scoped.h"
#include "store/journal.h"
#include "store/sqlite.h"
#include "store/store_schema.h"
#include "store/store_usage.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

/* Longest SQL text that a query is put together to. */
enum { SQL_BYTES_MAX = 2048 };

struct sqlite_store {
	struct store store;
	struct statements statements;
	struct journal journal;
};

static struct statements *statements_of(struct store *s)
{
	return &((struct sqlite_store *)s)->statements;
}

static sqlite3 *db_of(struct store *s)
{
	return statements_of(s)->db;
}

/* Queries */

static struct record *read_record(sqlite3_stmt *st, struct arena *a)
{
	struct record *r = arena_new(a, struct record, 1);
	bool failed = false;

	if (!r)
		return NULL;
	r->id = sqlite_text(st, 0, a, &failed);
	r->kind = (enum kind)sqlite3_column_int(st, 1);
	r->account = sqlite_text(st, 2, a, &failed);
	r->parent = sqlite_text(st, 3, a, &failed);
	r->name = sqlite_text(st, 4, a, &failed);
	r->number = (uint32_t)sqlite3_column_int64(st, 5);
	r->body = sqlite_text(st, 6, a, &failed);
	r->created_ms = (uint64_t)sqlite3_column_int64(st, 7);
	r->updated_ms = (uint64_t)sqlite3_column_int64(st, 8);
	return failed ? NULL : r;
}

/* Do the ids of @kind, and of no other, begin with its prefix and stand together? */
static bool has_range(enum kind kind)
{
	struct str prefix = str_of(kind_names(kind)->prefix);

	return prefix.n && prefix.p[prefix.n - 1] == '-';
}

/* The condition that ids in @column are of @kind. */
static void add_range(struct buf *sql, const char *column, enum kind kind)
{
	struct str prefix = str_of(kind_names(kind)->prefix);

	buf_addf(sql, " AND %s >= '" STR_FMT "' AND %s < '" STR_FMT ".'", column, STR_ARG(prefix),
		 column, STR_ARG(str_first(prefix, prefix.n - 1)));
}

/*
 * The condition on the kind. Who asks for all of one is served best by a range of ids, which lie
 * together in the table; the plus keeps the indexes out of it.
 */
static void add_kind(struct buf *sql, const struct store_query *q)
{
	bool is_alone = !q->id.n && !q->account.n && !q->parent.n && !q->name.n;

	if (!q->kind)
		return;
	/* The few that are used are looked up, not all of the kind looked through. */
	if (q->used_below.n) {
		buf_addf(sql, " AND +kind = %d", (int)q->kind);
		return;
	}
	if (!is_alone || !has_range(q->kind)) {
		buf_addf(sql, " AND kind = %d", (int)q->kind);
		return;
	}
	buf_addf(sql, " AND +kind = %d", (int)q->kind);
	add_range(sql, q->links_to.n ? "source" : "id", q->kind);
}

/*
 * A statement that selects @what for @q, or NULL. Only what is asked for becomes a condition, so
 * indexes serve. Records that link to one are walked by their links, which lie in order.
 */
static sqlite3_stmt *prepare_query(struct statements *s, const char *what,
				   const struct store_query *q)
{
	const char *id = q->links_to.n ? "source" : "id";
	const struct {
		const char *sql;
		struct str value;
	} terms[] = {
		{ " AND target = ?", q->links_to },
		{ " AND id = ?", q->id },
		{ q->parent.n ? " AND +account = ?" : " AND account = ?", q->account },
		{ " AND parent = ?", q->parent },
		{ " AND name = ?", q->name },
		{ q->links_to.n ? " AND source > ?" : " AND id > ?", q->after },
		{ " AND EXISTS (SELECT 1 FROM json_each(body, '$.tags') WHERE key = ?",
		  q->tag_key },
		{ " AND value = ?)", q->tag_value },
		{ " AND json_extract(body, '$.type') = ?", q->type },
		{ " AND id IN (SELECT target FROM links WHERE source IN"
		  " (WITH RECURSIVE below(id) AS (SELECT id FROM records WHERE parent = ? UNION"
		  " SELECT r.id FROM records r JOIN below ON r.parent = below.id)"
		  " SELECT id FROM below))",
		  q->used_below },
	};
	sqlite3_stmt *st = NULL;
	struct buf sql;
	int at = 0;
	size_t i;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_addf(&sql, "SELECT %s FROM %s WHERE 1", what,
		 q->links_to.n ? "links CROSS JOIN records ON id = source" : "records");
	add_kind(&sql, q);
	for (i = 0; i < ARRAY_SIZE(terms); i++)
		if (terms[i].value.n)
			buf_add(&sql, str_of(terms[i].sql));
	buf_addf(&sql, " ORDER BY %s%s", id, q->limit ? " LIMIT ?" : "");
	if (!sql.failed)
		st = statements_get(s, buf_str(&sql));
	buf_fini(&sql);
	for (i = 0; st && i < ARRAY_SIZE(terms); i++)
		if (terms[i].value.n)
			sqlite_bind(st, ++at, terms[i].value);
	if (st && q->limit)
		sqlite3_bind_int64(st, ++at, (int64_t)q->limit);
	return st;
}

static bool asks_for_links_only(const struct store_query *q)
{
	return q->links_to.n && has_range(q->kind) && !q->id.n && !q->account.n && !q->parent.n &&
	       !q->name.n && !q->tag_key.n && !q->type.n && !q->after.n;
}

/* Counting links needs no record, when the kind is all that is asked of them. */
static sqlite3_stmt *prepare_link_count(struct statements *s, const struct store_query *q)
{
	sqlite3_stmt *st = NULL;
	struct buf sql;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_add_lit(&sql, "SELECT count(*) FROM links WHERE target = ?");
	add_range(&sql, "source", q->kind);
	if (!sql.failed)
		st = statements_get(s, buf_str(&sql));
	if (st)
		sqlite_bind(st, 1, q->links_to);
	buf_fini(&sql);
	return st;
}

static int query(struct store *s, const struct store_query *q, struct arena *a, struct record **ret,
		 struct fault *fault)
{
	struct record *first = NULL, **end = &first;
	sqlite3_stmt *st = prepare_query(statements_of(s),
					 "id, kind, account, parent, name, number, body,"
					 " created_ms, updated_ms",
					 q);

	if (!st)
		return sqlite_fault(db_of(s), "ask", fault);
	while (sqlite3_step(st) == SQLITE_ROW) {
		*end = read_record(st, a);
		if (!*end) {
			statement_end(st);
			return fault_set(fault, FAULT_INTERNAL, "store: out of memory");
		}
		end = &(*end)->next;
	}
	if (statement_end(st) != SQLITE_OK)
		return sqlite_fault(db_of(s), "read", fault);
	*ret = first;
	return 0;
}

static int count(struct store *s, const struct store_query *q, size_t *ret, struct fault *fault)
{
	struct store_query all = *q;
	sqlite3_stmt *st;

	all.limit = 0;
	if (asks_for_links_only(q))
		st = prepare_link_count(statements_of(s), q);
	else
		st = prepare_query(statements_of(s), "count(*)", &all);
	if (!st)
		return sqlite_fault(db_of(s), "count", fault);
	*ret = sqlite3_step(st) == SQLITE_ROW ? (size_t)sqlite3_column_int64(st, 0) : 0;
	if (statement_end(st) != SQLITE_OK)
		return sqlite_fault(db_of(s), "count", fault);
	return 0;
}

/* Changes */

/*
 * The lowest number from @min to @max that no record like @r has, or 0. The index gives the taken
 * ones in order, so that the first gap ends the search.
 */
static uint32_t free_number(struct statements *s, const struct record *r, uint32_t min,
			    uint32_t max)
{
	static const char sql[] = "SELECT number FROM records WHERE kind = ?3 AND"
				  " ifnull(parent, '') = ifnull(?1, '') AND number >= ?4"
				  " ORDER BY number";
	sqlite3_stmt *st = sqlite_prepare(s, sql, r->parent, STR(""));
	int64_t n = min;

	if (!st)
		return 0;
	sqlite3_bind_int(st, 3, (int)r->kind);
	sqlite3_bind_int64(st, 4, min);
	while (n <= max && sqlite3_step(st) == SQLITE_ROW && sqlite3_column_int64(st, 0) == n)
		n++;
	statement_end(st);
	return n <= max ? (uint32_t)n : 0;
}

/* Give the record of @c a number: the next free one behind that given last. */
static int take_number(struct statements *s, const struct store_change *c, struct fault *fault)
{
	struct record *r = c->record;
	char sql[128];
	int64_t last;

	if (c->number_min == c->number_max) {
		r->number = c->number_min;
		return 0;
	}
	snprintf(sql, sizeof(sql), "SELECT number FROM cursors WHERE kind = %d", (int)r->kind);
	last = sqlite_ask(s, sql, 0);
	if (last < c->number_min || last >= c->number_max)
		last = c->number_min - 1;
	r->number = free_number(s, r, (uint32_t)last + 1, c->number_max);
	if (!r->number)
		r->number = free_number(s, r, c->number_min, c->number_max);
	if (!r->number)
		return fault_set_resource(fault, FAULT_QUOTA, r->kind, STR(""),
					  "every one of the %u numbers for a %s is taken",
					  c->number_max - c->number_min + 1,
					  kind_names(r->kind)->word);
	snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO cursors VALUES (%d, %u)", (int)r->kind,
		 r->number);
	return sqlite_run(s->db, sql, "note the number", fault);
}

/* @r was refused as a double: say of what. Returns -1. */
static int double_fault(struct store *s, const struct record *r, struct fault *fault)
{
	struct store_query q = { .kind = r->kind,
				 .account = r->account,
				 .parent = r->parent,
				 .name = r->name,
				 .limit = 1 };
	const char *word = kind_names(r->kind)->word;
	struct record *twin = NULL;
	struct arena a;

	arena_init(&a, 1 << 20);
	if (r->name.n && query(s, &q, &a, &twin, fault) < 0)
		twin = NULL;
	if (twin && !str_eq(twin->id, r->id))
		fault_set_resource(fault, FAULT_CONFLICT, r->kind, twin->id,
				   "%s " STR_FMT " already exists (" STR_FMT ")", word,
				   STR_ARG(r->name), STR_ARG(twin->id));
	else
		fault_set_resource(fault, FAULT_CONFLICT, r->kind, r->parent,
				   "%s with %s %u already exists", word,
				   r->kind == KIND_LISTENER ? "port"
				   : r->kind == KIND_RULE   ? "priority"
							    : "number",
				   r->number);
	arena_fini(&a);
	return -1;
}

static int insert(struct store *s, const struct store_change *c, struct fault *fault)
{
	static const char sql[] = "INSERT INTO records (id, account, parent, name, body, kind,"
				  " number, created_ms, updated_ms)"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
	struct record *r = c->record;
	sqlite3_stmt *st;

	if (c->number_max && take_number(statements_of(s), c, fault) < 0)
		return -1;
	st = sqlite_prepare(statements_of(s), sql, r->id, r->account);
	if (!st)
		return sqlite_fault(db_of(s), "add", fault);
	sqlite_bind(st, 3, r->parent);
	sqlite_bind(st, 4, r->name);
	sqlite_bind(st, 5, r->body);
	sqlite3_bind_int(st, 6, (int)r->kind);
	if (r->number)
		sqlite3_bind_int64(st, 7, r->number);
	sqlite3_bind_int64(st, 8, (int64_t)r->created_ms);
	sqlite3_bind_int64(st, 9, (int64_t)r->updated_ms);
	switch (sqlite_finish(st)) {
	case SQLITE_OK:
		return 0;
	case SQLITE_CONSTRAINT_UNIQUE:
		return double_fault(s, r, fault);
	default:
		return sqlite_fault(db_of(s), "add", fault);
	}
}

/* The clock may have gone back since the record was made; its times may not. */
static int update(struct store *s, const struct record *r, struct fault *fault)
{
	sqlite3_stmt *st = sqlite_prepare(statements_of(s),
					  "UPDATE records SET body = ?2, number = ?4,"
					  " updated_ms = max(created_ms, ?3) WHERE id = ?1",
					  r->id, r->body);

	if (!st)
		return sqlite_fault(db_of(s), "change", fault);
	sqlite3_bind_int64(st, 3, (int64_t)r->updated_ms);
	if (r->number)
		sqlite3_bind_int64(st, 4, r->number);
	switch (sqlite_finish(st)) {
	case SQLITE_OK:
		return 0;
	case SQLITE_CONSTRAINT_UNIQUE:
		return double_fault(s, r, fault);
	default:
		return sqlite_fault(db_of(s), "change", fault);
	}
}

/* @id was not deleted because something links to it, or to what dies with it. Returns -1. */
static int in_use_fault(struct store *s, struct str id, struct fault *fault)
{
	struct store_query self = { .id = id, .limit = 1 };
	struct store_query users = { .links_to = id, .limit = 1 };
	struct record *r = NULL, *user = NULL;
	enum kind kind = KIND_NONE;
	struct arena a;

	arena_init(&a, 1 << 20);
	if (query(s, &self, &a, &r, fault) == 0 && r)
		kind = r->kind;
	if (query(s, &users, &a, &user, fault) == 0 && user)
		fault_set_resource(fault, FAULT_CONFLICT, kind, id,
				   "%s " STR_FMT " is in use by %s " STR_FMT,
				   kind_names(kind)->word, STR_ARG(id),
				   kind_names(user->kind)->word, STR_ARG(user->id));
	else
		fault_set_resource(fault, FAULT_CONFLICT, kind, id, "%s " STR_FMT " is in use",
				   kind_names(kind)->word, STR_ARG(id));
	arena_fini(&a);
	return -1;
}

static int remove_record(struct store *s, struct str id, struct fault *fault)
{
	sqlite3_stmt *st =
		sqlite_prepare(statements_of(s), "DELETE FROM records WHERE id = ?1", id, STR(""));

	if (!st)
		return sqlite_fault(db_of(s), "delete", fault);
	switch (sqlite_finish(st)) {
	case SQLITE_OK:
		return 0;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
	case SQLITE_CONSTRAINT_TRIGGER: /* how SQLite reports ON DELETE RESTRICT */
		return in_use_fault(s, id, fault);
	default:
		return sqlite_fault(db_of(s), "delete", fault);
	}
}

static int relink(struct store *s, const struct store_change *c, const char *sql,
		  struct fault *fault)
{
	sqlite3_stmt *st = sqlite_prepare(statements_of(s), sql, c->id, c->target);

	if (!st || sqlite_finish(st) != SQLITE_OK)
		return sqlite_fault(db_of(s), "link", fault);
	return 0;
}

static int change(struct store *s, const struct store_change *c, struct fault *fault)
{
	switch (c->action) {
	case STORE_INSERT:
		return insert(s, c, fault);
	case STORE_UPDATE:
		return update(s, c->record, fault);
	case STORE_DELETE:
		return remove_record(s, c->id, fault);
	case STORE_LINK:
		return relink(s, c, "INSERT OR IGNORE INTO links VALUES (?1, ?2)", fault);
	case STORE_UNLINK:
		return relink(s, c, "DELETE FROM links WHERE source = ?1", fault);
	}
	return fault_set(fault, FAULT_INTERNAL, "store: no such change");
}

/* Transactions */

static int begin(struct store *s, bool writes, struct fault *fault)
{
	sqlite3_stmt *st = sqlite_prepare(statements_of(s), writes ? "BEGIN IMMEDIATE" : "BEGIN",
					  STR(""), STR(""));

	if (!st || sqlite_finish(st) != SQLITE_OK)
		return sqlite_fault(db_of(s), "begin", fault);
	return 0;
}

static int end(struct store *s, bool commit, struct fault *fault)
{
	int err = 0;

	if (commit) {
		sqlite3_stmt *st = sqlite_prepare(statements_of(s), "COMMIT", STR(""), STR(""));

		if (!st || sqlite_finish(st) != SQLITE_OK)
			err = sqlite_fault(db_of(s), "make the change durable", fault);
	}
	if (!sqlite3_get_autocommit(db_of(s)))
		sqlite3_exec(db_of(s), "ROLLBACK", NULL, NULL, NULL);
	return err;
}

static void close_store(struct store *s)
{
	if (!sqlite3_get_autocommit(db_of(s)))
		sqlite3_exec(db_of(s), "ROLLBACK", NULL, NULL, NULL);
	statements_fini(statements_of(s));
	sqlite3_close(db_of(s));
	free(s);
}

/* Tokens */

static int recall(struct store *s, struct store_token *t, struct arena *a, struct fault *fault)
{
	sqlite3_stmt *st = sqlite_prepare(statements_of(s),
					  "SELECT request, answer, created_ms FROM tokens"
					  " WHERE account = ?1 AND operation = ?2 AND token = ?3",
					  t->account, t->operation);
	bool failed = false;

	if (!st)
		return sqlite_fault(db_of(s), "ask", fault);
	sqlite_bind(st, 3, t->token);
	t->request = t->answer = STR("");
	if (sqlite3_step(st) == SQLITE_ROW) {
		t->request = sqlite_text(st, 0, a, &failed);
		t->answer = sqlite_text(st, 1, a, &failed);
		t->created_ms = (uint64_t)sqlite3_column_int64(st, 2);
	}
	if (statement_end(st) != SQLITE_OK)
		return sqlite_fault(db_of(s), "read", fault);
	return failed ? fault_set(fault, FAULT_INTERNAL, "store: out of memory") : 0;
}

static int forget(struct store *s, uint64_t oldest_ms, struct fault *fault)
{
	sqlite3_stmt *st = sqlite_prepare(
		statements_of(s), "DELETE FROM tokens WHERE created_ms < ?1", STR(""), STR(""));

	if (!st)
		return sqlite_fault(db_of(s), "forget", fault);
	sqlite3_bind_int64(st, 1, (int64_t)oldest_ms);
	return sqlite_finish(st) == SQLITE_OK ? 0 : sqlite_fault(db_of(s), "forget", fault);
}

static int remember(struct store *s, const struct store_token *t, uint64_t oldest_ms,
		    struct fault *fault)
{
	sqlite3_stmt *st;

	if (forget(s, oldest_ms, fault) < 0)
		return -1;
	st = sqlite_prepare(statements_of(s),
			    "INSERT OR REPLACE INTO tokens VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
			    t->account, t->operation);
	if (!st)
		return sqlite_fault(db_of(s), "remember", fault);
	sqlite_bind(st, 3, t->token);
	sqlite_bind(st, 4, t->request);
	sqlite_bind(st, 5, t->answer);
	sqlite3_bind_int64(st, 6, (int64_t)t->created_ms);
	return sqlite_finish(st) == SQLITE_OK ? 0 : sqlite_fault(db_of(s), "remember", fault);
}

/* Usage */

static int add_usage(struct store *s, const struct store_usage *u, uint64_t hour,
		     struct fault *fault)
{
	return store_usage_add(statements_of(s), u, hour, fault);
}

static int forget_usage(struct store *s, uint32_t oldest_day, size_t *rows, struct fault *fault)
{
	return store_usage_forget(statements_of(s), oldest_day, rows, fault);
}

static int list_usage(struct store *s, const struct store_days *days, struct arena *a,
		      struct store_usage **ret, struct fault *fault)
{
	return store_usage_list(statements_of(s), days, a, ret, fault);
}

static void rest(struct store *s)
{
	journal_rest(&((struct sqlite_store *)s)->journal);
}

static const struct store_ops sqlite_ops = {
	.begin = begin,
	.end = end,
	.query = query,
	.count = count,
	.change = change,
	.recall = recall,
	.remember = remember,
	.rest = rest,
	.add_usage = add_usage,
	.forget_usage = forget_usage,
	.list_usage = list_usage,
	.close = close_store,
};

/* Opening */

/* Make the file, when there is none, readable for its owner only. */
static int create_file(const char *path, struct fault *fault)
{
	SCOPED_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return fault_set(fault, FAULT_INTERNAL, "cannot open %s: %s", path,
				 strerror(errno));
	return 0;
}

/*
 * Open the file at @path, making it when there is none. A file that is damaged, foreign or of a
 * newer format is refused and left as it is.
 */
int store_open_sqlite(const char *path, struct store **ret, struct fault *fault)
{
	struct sqlite_store *s;

	if (create_file(path, fault) < 0)
		return -1;
	s = calloc(1, sizeof(*s));
	if (!s)
		return fault_set(fault, FAULT_INTERNAL, "out of memory");
	s->store.ops = &sqlite_ops;
	if (sqlite3_open_v2(path, &s->statements.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK) {
		fault_set(fault, FAULT_INTERNAL, "cannot open %s: %s", path,
			  sqlite3_errmsg(s->statements.db));
		goto err_db;
	}
	sqlite3_extended_result_codes(s->statements.db, 1);
	if (store_schema_open(&s->statements, path, fault) < 0)
		goto err_db;
	journal_init(&s->journal, s->statements.db);
	*ret = &s->store;
	return 0;

err_db:
	statements_fini(&s->statements);
	sqlite3_close(s->statements.db);
	free(s);
	return -1;
}
