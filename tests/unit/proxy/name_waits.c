/* SPDX-License-Identifier: Apache-2.0 */
/* Requests whose target's name nobody has answered for: whom they wait for, and for how long. */
#include "proxy/name_waits.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct worker *w;
static struct conn conn;
static struct request *woken[4];
static size_t woken_count;

/* Some look again and find nothing new. */
static bool waits_again;

static void wake(struct request *r)
{
	woken[woken_count++] = r;
	if (waits_again)
		assert_true(name_waits_hold(r, STR("far.test")));
}

static const struct client_ops ops = { .wake = wake };

static int begin(void **state)
{
	(void)state;
	w = calloc(1, sizeof(*w));
	if (!w || loop_init(&w->loop) < 0)
		return -1;
	w->loop.now_ms = 1000;
	name_waits_init(&w->name_waits);
	conn.worker = w;
	woken_count = 0;
	waits_again = false;
	return 0;
}

static int end(void **state)
{
	(void)state;
	timer_disarm(&w->loop, &w->name_waits.due);
	hosts_put(w->hosts);
	loop_fini(&w->loop);
	free(w);
	return 0;
}

static struct request asker(void)
{
	return (struct request){ .conn = &conn, .client.ops = &ops };
}

static void learn(const char *name, enum host_state state)
{
	hosts_put(w->hosts);
	w->hosts = hosts_new(1);
	assert_non_null(w->hosts);
	memcpy(w->hosts->at[0].name, name, strlen(name) + 1);
	w->hosts->at[0].state = state;
}

static void what_was_answered_for_is_not_waited_for(void **state)
{
	static const enum host_state answered[] = { HOST_RESOLVED, HOST_STALE, HOST_UNRESOLVED };
	struct request r = asker();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(answered); i++) {
		learn("far.test", answered[i]);
		assert_false(name_waits_hold(&r, STR("far.test")));
	}
	assert_false(timer_is_armed(&w->name_waits.due));
}

static void what_was_not_is(void **state)
{
	struct request a = asker(), b = asker(), c = asker();

	(void)state;
	assert_true(name_waits_hold(&a, STR("far.test"))); /* no book at all */
	learn("other.test", HOST_RESOLVED);
	assert_true(name_waits_hold(&b, STR("far.test")));
	learn("far.test", HOST_PENDING);
	assert_true(name_waits_hold(&c, STR("far.test")));
	assert_true(name_waits_hold(&a, STR("far.test"))); /* its client sent more */
	requests_wake(&w->name_waits.requests);
	assert_int_equal(woken_count, 3);
	assert_true(woken[0] == &b && woken[1] == &c && woken[2] == &a);
	requests_wake(&w->name_waits.requests);
	assert_int_equal(woken_count, 3);
}

static void patience_ends(void **state)
{
	struct request a = asker(), b = asker();

	(void)state;
	assert_true(name_waits_hold(&a, STR("far.test")));
	w->loop.now_ms += NAME_WAIT_MS_MAX - 1;
	assert_true(name_waits_hold(&b, STR("far.test")));
	assert_int_equal(w->name_waits.due.due_ms, 1000 + NAME_WAIT_MS_MAX);
	w->loop.now_ms++;
	assert_false(name_waits_hold(&a, STR("far.test")));
	assert_false(name_waits_hold(&a, STR("far.test"))); /* nor at its next target */
	assert_true(name_waits_hold(&b, STR("far.test")));
}

static void who_looks_again_may_wait_again(void **state)
{
	struct request a = asker(), b = asker();

	(void)state;
	assert_true(name_waits_hold(&a, STR("far.test")));
	w->loop.now_ms += 10;
	assert_true(name_waits_hold(&b, STR("far.test")));
	waits_again = true;
	timer_disarm(&w->loop, &w->name_waits.due);
	w->name_waits.due.expired(&w->name_waits.due);
	assert_int_equal(woken_count, 2);
	assert_int_equal(w->name_waits.due.due_ms, 1000 + NAME_WAIT_MS_MAX);
	list_remove(&a.waits);
	waits_again = false;
	requests_wake(&w->name_waits.requests);
	assert_int_equal(woken_count, 3);
	assert_ptr_equal(woken[2], &b);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_answered_for_is_not_waited_for),
		TEST(what_was_not_is),
		TEST(patience_ends),
		TEST(who_looks_again_may_wait_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
