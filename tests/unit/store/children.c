/* SPDX-License-Identifier: Apache-2.0 */
/* Children by their parents, against a look at every record. */
#include "store/children.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

enum { PARENTS = 7, RECORDS = 100 };

static void add(struct store *s, enum kind kind, const char *id, const char *parent)
{
	struct record r = { .kind = kind,
			    .id = str_of(id),
			    .parent = str_of(parent),
			    .account = STR("123456789012"),
			    .body = STR("{}") };
	struct store_change c = { .action = STORE_INSERT, .record = &r };
	struct fault fault;

	assert_int_equal(store_change(s, &c, &fault), 0);
}

static void each_parent_has_its_own(void **state)
{
	char dir[] = "/tmp/lattice-children-XXXXXX", path[64], id[32], parent[32];
	struct record *const *r;
	struct children c;
	struct fault fault;
	struct store *s;
	size_t i, n, total = 0;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/lattice.db", dir);
	children_init(&c, KIND_LISTENER);
	assert_int_equal(store_open_sqlite(path, &s, &fault), 0);
	assert_int_equal(store_begin(s, true, &fault), 0);
	for (i = 0; i < PARENTS; i++) {
		snprintf(id, sizeof(id), "svc-%zu", i * i * i);
		add(s, KIND_SERVICE, id, "");
	}
	for (i = 0; i < RECORDS; i++) {
		size_t of = (i * 31 + 7) % (PARENTS - 1);

		snprintf(id, sizeof(id), "listener-%zu", (i * 37) % RECORDS);
		snprintf(parent, sizeof(parent), "svc-%zu", of * of * of);
		add(s, KIND_LISTENER, id, parent);
	}
	assert_int_equal(children_load(&c, s, &fault), 0);
	assert_int_equal(c.count, RECORDS);
	for (i = 0; i < PARENTS; i++) {
		size_t k;

		snprintf(parent, sizeof(parent), "svc-%zu", i * i * i);
		r = children_of(&c, str_of(parent), &n);
		for (k = 0; k < n; k++) {
			assert_true(str_eq(r[k]->parent, str_of(parent)));
			assert_true(k == 0 || str_cmp(r[k - 1]->id, r[k]->id) < 0);
		}
		total += n;
		assert_int_equal(n == 0, i == PARENTS - 1);
	}
	assert_int_equal(total, RECORDS);
	assert_null(children_of(&c, STR("svc"), &n));
	assert_null(children_of(&c, STR("zzz"), &n));
	children_fini(&c);
	store_close(s);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_parent_has_its_own) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
