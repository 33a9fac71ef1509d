/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite store: round trips, uniqueness, restarts, and files that it must leave alone. */
#include "store/store_sqlite.c"

#include "store/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

struct fixture {
	char dir[64], path[96];
	struct store *s;
	struct arena a;
	struct fault fault;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/lattice-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/lattice.db", f->dir);
	arena_init(&f->a, 1 << 20);
	assert_int_equal(store_open_sqlite(f->path, &f->s, &f->fault), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	struct fixture *f = *state;
	char path[128];
	size_t i;

	store_close(f->s);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", f->path, tails[i]);
		unlink(path);
	}
	rmdir(f->dir);
	arena_fini(&f->a);
	free(f);
	return 0;
}

static int add(struct fixture *f, struct record *r, uint32_t min, uint32_t max)
{
	struct store_change c = {
		.action = STORE_INSERT, .record = r, .number_min = min, .number_max = max
	};
	int err;

	r->account = STR("123456789012");
	r->body = STR("{}");
	assert_int_equal(store_begin(f->s, true, &f->fault), 0);
	err = store_change(f->s, &c, &f->fault);
	store_end(f->s, !err, &f->fault);
	return err;
}

static int act(struct fixture *f, enum store_action action, const char *id, const char *target)
{
	struct store_change c = { .action = action, .id = str_of(id), .target = str_of(target) };
	struct fault ignored;
	int err;

	assert_int_equal(store_begin(f->s, true, &f->fault), 0);
	err = store_change(f->s, &c, &f->fault);
	assert_int_equal(store_end(f->s, !err, err ? &ignored : &f->fault), 0);
	return err;
}

static struct record *get(struct fixture *f, const char *id)
{
	struct store_query q = { .id = str_of(id) };
	struct record *r = NULL;

	assert_int_equal(store_list(f->s, &q, &f->a, &r, &f->fault), 0);
	return r;
}

static void reopen(struct fixture *f)
{
	store_close(f->s);
	f->s = NULL;
	assert_int_equal(store_open_sqlite(f->path, &f->s, &f->fault), 0);
}

static void keeps_records_and_numbers_over_a_restart(void **state)
{
	struct fixture *f = *state;
	struct record a = { .id = STR("svc-a"), .kind = KIND_SERVICE, .name = STR("one") };
	struct record b = { .id = STR("svc-b"), .kind = KIND_SERVICE, .name = STR("two") };
	struct record *r;

	a.created_ms = a.updated_ms = 1700000000123;
	assert_int_equal(add(f, &a, 1, 254), 0);
	assert_int_equal(add(f, &b, 1, 254), 0);
	assert_int_equal(a.number, 1);
	assert_int_equal(b.number, 2);
	reopen(f);
	r = get(f, "svc-a");
	assert_non_null(r);
	assert_int_equal(r->number, 1);
	assert_int_equal(r->created_ms, 1700000000123);
	assert_true(str_eq(r->name, STR("one")));
	assert_true(str_eq(r->body, STR("{}")));
	assert_int_equal(get(f, "svc-b")->number, 2);
}

static void a_freed_number_rests(void **state)
{
	struct fixture *f = *state;
	struct record a = { .id = STR("svc-a"), .kind = KIND_SERVICE };
	struct record b = { .id = STR("svc-b"), .kind = KIND_SERVICE };
	struct record c = { .id = STR("svc-c"), .kind = KIND_SERVICE };
	struct record d = { .id = STR("svc-d"), .kind = KIND_SERVICE };

	assert_int_equal(add(f, &a, 1, 3), 0);
	assert_int_equal(act(f, STORE_DELETE, "svc-a", ""), 0);
	assert_int_equal(add(f, &b, 1, 3), 0);
	assert_int_equal(b.number, 2);
	reopen(f);
	assert_int_equal(add(f, &c, 1, 3), 0);
	assert_int_equal(c.number, 3);
	assert_int_equal(add(f, &a, 1, 3), 0);
	assert_int_equal(a.number, 1);
	assert_int_equal(add(f, &d, 1, 3), -1);
	assert_int_equal(f->fault.code, FAULT_QUOTA);
}

static void names_and_exact_numbers_are_unique_under_one_parent(void **state)
{
	struct fixture *f = *state;
	struct record p = { .id = STR("svc-p"), .kind = KIND_SERVICE };
	struct record q = { .id = STR("svc-q"), .kind = KIND_SERVICE };
	struct record a = { .id = STR("listener-aaa"), .kind = KIND_LISTENER, .name = STR("http") };
	struct record b = { .id = STR("listener-bbb"), .kind = KIND_LISTENER, .name = STR("http") };

	assert_int_equal(add(f, &p, 0, 0), 0);
	assert_int_equal(add(f, &q, 0, 0), 0);
	a.parent = b.parent = p.id;
	assert_int_equal(add(f, &a, 80, 80), 0);
	assert_int_equal(add(f, &b, 81, 81), -1);
	assert_int_equal(f->fault.code, FAULT_CONFLICT);
	assert_string_equal(f->fault.resource_id, "listener-aaa");
	assert_non_null(strstr(f->fault.message, "already exist"));
	b.name = STR("other");
	assert_int_equal(add(f, &b, 80, 80), -1);
	assert_non_null(strstr(f->fault.message, "port 80 already exists"));
	b.name = STR("http");
	b.parent = q.id;
	assert_int_equal(add(f, &b, 80, 80), 0);
}

static void what_is_linked_to_stays_and_children_go(void **state)
{
	struct fixture *f = *state;
	struct record g = { .id = STR("tg-gg"), .kind = KIND_TARGET_GROUP };
	struct record t = { .id = STR("target-t"), .kind = KIND_TARGET };
	struct record s = { .id = STR("svc-s"), .kind = KIND_SERVICE };
	struct record l = { .id = STR("listener-l"), .kind = KIND_LISTENER };

	t.parent = g.id;
	l.parent = s.id;
	assert_int_equal(add(f, &g, 0, 0), 0);
	assert_int_equal(add(f, &t, 0, 0), 0);
	assert_int_equal(add(f, &s, 0, 0), 0);
	assert_int_equal(add(f, &l, 0, 0), 0);
	assert_int_equal(act(f, STORE_LINK, "listener-l", "tg-gg"), 0);
	assert_int_equal(act(f, STORE_DELETE, "tg-gg", ""), -1);
	assert_int_equal(f->fault.code, FAULT_CONFLICT);
	assert_string_equal(f->fault.resource_id, "tg-gg");
	assert_string_equal(f->fault.message, "TargetGroup tg-gg is in use by Listener listener-l");
	assert_non_null(get(f, "target-t"));
	assert_int_equal(act(f, STORE_DELETE, "svc-s", ""), 0);
	assert_null(get(f, "listener-l"));
	assert_int_equal(act(f, STORE_DELETE, "tg-gg", ""), 0);
	assert_null(get(f, "target-t"));
}

static void a_link_to_nothing_is_refused(void **state)
{
	struct fixture *f = *state;
	struct record g = { .id = STR("tg-gg"), .kind = KIND_TARGET_GROUP };

	assert_int_equal(add(f, &g, 0, 0), 0);
	assert_int_equal(act(f, STORE_LINK, "tg-gg", "vpc-none"), -1);
}

static void a_second_process_is_kept_out(void **state)
{
	struct fixture *f = *state;
	struct store *other = NULL;

	assert_int_equal(store_open_sqlite(f->path, &other, &f->fault), -1);
	assert_null(other);
	assert_int_equal(f->fault.code, FAULT_INTERNAL);
}

/* The bytes of the file at @path, at most @room. */
static size_t slurp(const char *path, char *to, size_t room)
{
	FILE *file = fopen(path, "rb");
	size_t n = fread(to, 1, room, file);

	fclose(file);
	return n;
}

static void expect_refused_untouched(struct fixture *f, const char *words)
{
	static char before[1 << 17], after[1 << 17];
	size_t n = slurp(f->path, before, sizeof(before));

	assert_int_equal(store_open_sqlite(f->path, &f->s, &f->fault), -1);
	assert_non_null(strstr(f->fault.message, words));
	assert_int_equal(slurp(f->path, after, sizeof(after)), n);
	assert_memory_equal(before, after, n);
}

static void a_newer_file_is_left_alone(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(sqlite_run(db_of(f->s), "PRAGMA user_version = 99", "test", &f->fault), 0);
	store_close(f->s);
	f->s = NULL;
	expect_refused_untouched(f, "format 99");
}

/* A file as the first version left it, with one record. */
static void an_older_file_is_migrated(void **state)
{
	struct fixture *f = *state;
	struct store_token t = { STR("1"), STR("o"), STR("t"), STR("{}"), STR("{}"), 1 };
	sqlite3 *db;

	store_close(f->s);
	f->s = NULL;
	unlink(f->path);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite_run(db, schema_steps[0], "test", &f->fault), 0);
	assert_int_equal(
		sqlite_run(db,
			   "PRAGMA application_id = 0x4c415454; PRAGMA user_version = 1;"
			   "INSERT INTO records (id, kind, account, body, created_ms, updated_ms)"
			   " VALUES ('svc-1', 3, '123456789012', '{}', 1, 1)",
			   "test", &f->fault),
		0);
	sqlite3_close(db);
	assert_int_equal(store_open_sqlite(f->path, &f->s, &f->fault), 0);
	assert_non_null(get(f, "svc-1"));
	assert_int_equal(store_begin(f->s, true, &f->fault), 0);
	assert_int_equal(store_remember(f->s, &t, 0, &f->fault), 0);
	assert_int_equal(store_end(f->s, true, &f->fault), 0);
	assert_int_equal(sqlite_ask(statements_of(f->s), "PRAGMA user_version", -1),
			 SCHEMA_VERSION);
	reopen(f);
	assert_int_equal(store_recall(f->s, &t, &f->a, &f->fault), 0);
	assert_int_equal(t.request.n, 2);
}

static void a_foreign_or_damaged_file_is_left_alone(void **state)
{
	struct fixture *f = *state;
	char page[512] = "not a database at all";
	FILE *file;

	store_close(f->s);
	f->s = NULL;
	file = fopen(f->path, "r+b");
	fseek(file, 4096, SEEK_SET);
	memset(page + 21, 0x5a, sizeof(page) - 21);
	fwrite(page, 1, sizeof(page), file);
	fclose(file);
	expect_refused_untouched(f, f->path);
	file = fopen(f->path, "wb");
	fwrite(page, 1, sizeof(page), file);
	fclose(file);
	expect_refused_untouched(f, "cannot be read");
}

static void the_file_is_its_owners_only(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(keeps_records_and_numbers_over_a_restart),
		CASE(a_freed_number_rests),
		CASE(names_and_exact_numbers_are_unique_under_one_parent),
		CASE(what_is_linked_to_stays_and_children_go),
		CASE(a_link_to_nothing_is_refused),
		CASE(a_second_process_is_kept_out),
		CASE(a_newer_file_is_left_alone),
		CASE(an_older_file_is_migrated),
		CASE(a_foreign_or_damaged_file_is_left_alone),
		CASE(the_file_is_its_owners_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
