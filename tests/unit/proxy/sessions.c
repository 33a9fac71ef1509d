/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/sessions.c: which session a connection may resume, and when it is gone. */
#include "proxy/sessions.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct session_key first = {
	.group = 3,
	.group_serial = 7,
	.vpc = 1,
	.addr = { .family = AF_INET, .port = 443, .v4.s_addr = 1 },
	.name = { "a.test", 6 },
};

static SSL_SESSION *new_session(void)
{
	SSL_SESSION *s = SSL_SESSION_new();

	assert_non_null(s);
	assert_int_equal(SSL_SESSION_set1_id(s, (const unsigned char *)"1234", 4), 1);
	return s;
}

/* Keep one under @k, and say which it is now. */
static SSL_SESSION *keep(struct sessions *s, const struct session_key *k)
{
	SSL_SESSION *session = new_session();

	sessions_keep(s, k, session);
	SSL_SESSION_free(session);
	return sessions_find(s, k);
}

static void is_for_what_it_was_made_with(void **state)
{
	struct session_key k[8];
	struct sessions s;
	SSL_SESSION *kept;
	size_t i;

	(void)state;
	sessions_init(&s);
	kept = keep(&s, &first);
	assert_non_null(kept);
	for (i = 0; i < 8; i++)
		k[i] = first;
	k[0].group_serial++;
	k[1].trust_serial = 1;
	k[2].vpc++;
	k[3].addr.port++;
	k[4].addr.v4.s_addr++;
	k[5].wants_h2 = true;
	k[6].name = STR("b.test");
	k[7].name = STR("");
	for (i = 0; i < 8; i++)
		assert_null(sessions_find(&s, &k[i]));
	SSL_SESSION_set_time(kept, 1);
	assert_int_not_equal(SSL_SESSION_get_time(keep(&s, &first)), 1); /* the last one counts */
	assert_int_equal(s.count, 1);
	sessions_drop(&s, &first);
	assert_null(sessions_find(&s, &first));
	sessions_fini(&s);
}

static void what_is_used_least_makes_room(void **state)
{
	struct session_key k = first;
	struct sessions s;
	unsigned i;

	(void)state;
	sessions_init(&s);
	keep(&s, &first);
	for (i = 1; i < SESSIONS_MAX; i++) {
		k.vpc = 100 + i;
		keep(&s, &k);
	}
	assert_non_null(sessions_find(&s, &first));
	k.vpc = 99;
	keep(&s, &k);
	assert_int_equal(s.count, SESSIONS_MAX);
	assert_non_null(sessions_find(&s, &first));
	k.vpc = 101;
	assert_null(sessions_find(&s, &k));
	sessions_fini(&s);
}

static void goes_with_its_vpc_and_its_group(void **state)
{
	struct snapshot *in_force = snapshot_new(1, &pool_default);
	struct session_key k = first;
	struct snap_target_group *g = part_new(sizeof(*g), 1 << 16);
	struct sessions s;

	(void)state;
	sessions_init(&s);
	k.vpc++;
	keep(&s, &first);
	keep(&s, &k);
	sessions_forget_vpc(&s, first.vpc);
	assert_null(sessions_find(&s, &first));
	assert_non_null(sessions_find(&s, &k));
	g->index = k.group;
	g->serial = k.group_serial;
	assert_int_equal(shelf_set(&in_force->groups, g->index, &g->part), 0);
	sessions_sweep(&s, in_force);
	assert_non_null(sessions_find(&s, &k));
	g->serial++;
	sessions_sweep(&s, in_force);
	assert_null(sessions_find(&s, &k));
	sessions_fini(&s);
	snapshot_put(in_force);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_for_what_it_was_made_with),
		cmocka_unit_test(what_is_used_least_makes_room),
		cmocka_unit_test(goes_with_its_vpc_and_its_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
