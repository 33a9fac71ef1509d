/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/dns/lookup.c: what is asked when, and what becomes of the answers. */
#include "dns/lookup.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { ASKED_MAX = 1024 };

struct scene {
	struct loop loop;
	struct lookup l;
	struct hosts *book; /* the last one */
	unsigned books, asked;
	struct dns_query q[ASKED_MAX];
	struct dns_client as[ASKED_MAX];
	bool answers_at_once;
};

static void answer(struct scene *s, unsigned nth, enum dns_rcode rcode, struct str address,
		   uint32_t ttl)
{
	struct dns_query q = s->q[nth];
	uint8_t bytes[512];
	struct dns_writer w = { .p = bytes, .max = sizeof(bytes) };

	dns_put_question(&w, &q, (uint16_t)(DNS_QR | rcode));
	if (address.n) {
		dns_set_u16(bytes, 6, 1);
		dns_put(&w, "\xc0\x0c", 2);
		dns_put_u16(&w, q.type);
		dns_put_u16(&w, DNS_CLASS_IN);
		dns_put_u32(&w, ttl);
		dns_put_u16(&w, (uint16_t)address.n);
		dns_put(&w, address.p, address.n);
	}
	lookup_take(&s->l, &s->as[nth], &q, (struct str){ (char *)bytes, w.n }, 0);
}

static void on_ask(void *ctx, const struct dns_query *q, const struct dns_client *as)
{
	struct scene *s = ctx;
	unsigned n = s->asked++;

	assert_true(n < ASKED_MAX);
	assert_true(lookup_is_asker(as));
	assert_true(as->is_tcp);
	s->q[n] = *q;
	s->as[n] = *as;
	if (s->answers_at_once)
		answer(s, n, DNS_NOERROR, q->type == DNS_A ? STR("1234") : STR(""), 60);
}

static void on_change(void *ctx, struct hosts *h)
{
	struct scene *s = ctx;

	hosts_put(s->book);
	s->book = h;
	s->books++;
}

static int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_int_equal(loop_init(&s->loop), 0);
	lookup_init(&s->l, &s->loop, &(struct lookup_hooks){ on_ask, on_change, s });
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	lookup_fini(&s->l);
	hosts_put(s->book);
	loop_fini(&s->loop);
	free(s);
	return 0;
}

static void want(struct scene *s, size_t count, struct str *at)
{
	lookup_want(&s->l, &(struct host_names){ at, count });
}

/* So much time passes. */
static void pass(struct scene *s, uint64_t ms)
{
	s->loop.now_ms += ms;
	run(&s->l);
}

static void no_answer(struct scene *s, unsigned nth)
{
	lookup_take(&s->l, &s->as[nth], &s->q[nth], STR(""), 0);
}

static const struct host *find(const struct scene *s, const char *name)
{
	const struct host *h = hosts_find(s->book, str_of(name));

	assert_non_null(h);
	return h;
}

static void asks_for_both_families_and_again_when_it_is_old(void **state)
{
	struct str names[] = { STR("a.test") };
	struct scene *s = *state;

	want(s, 1, names);
	assert_int_equal(s->asked, 2);
	assert_int_equal(s->q[0].type, DNS_A);
	assert_int_equal(s->q[1].type, DNS_AAAA);
	assert_int_equal(find(s, "a.test")->state, HOST_PENDING);
	answer(s, 1, DNS_NOERROR, STR("0123456789abcdef"), 100);
	answer(s, 0, DNS_NOERROR, STR("1234"), 10);
	assert_int_equal(find(s, "A.Test")->state, HOST_RESOLVED);
	assert_int_equal(find(s, "a.test")->count, 2);
	assert_int_equal(find(s, "a.test")->addrs[0].family, AF_INET);
	assert_int_equal(s->books, 2);
	pass(s, 9999);
	assert_int_equal(s->asked, 2);
	pass(s, 1);
	assert_int_equal(s->asked, 4);
	answer(s, 2, DNS_NOERROR, STR("1234"), 1);
	answer(s, 3, DNS_NOERROR, STR("0123456789abcdef"), 1);
	assert_int_equal(s->books, 2); /* nothing has changed */
	pass(s, LOOKUP_SECONDS_MIN * 1000 - 1);
	assert_int_equal(s->asked, 4);
	pass(s, 1);
	assert_int_equal(s->asked, 6);
}

static void keeps_what_it_had_while_nobody_answers(void **state)
{
	struct str names[] = { STR("a.test") };
	struct scene *s = *state;
	const struct host *h;

	want(s, 1, names);
	no_answer(s, 0);
	no_answer(s, 1);
	h = find(s, "a.test");
	assert_int_equal(h->state, HOST_UNRESOLVED);
	assert_string_equal(h->reason, "the host's resolvers do not answer");
	pass(s, LOOKUP_RETRY_MS_MIN);
	answer(s, 2, DNS_NOERROR, STR("1234"), 5);
	answer(s, 3, DNS_SERVFAIL, STR(""), 0);
	assert_int_equal(find(s, "a.test")->state, HOST_RESOLVED); /* one family is enough */
	pass(s, 5000);
	no_answer(s, 4);
	answer(s, 5, DNS_SERVFAIL, STR(""), 0);
	h = find(s, "a.test");
	assert_int_equal(h->state, HOST_STALE);
	assert_int_equal(h->count, 1);
	pass(s, LOOKUP_RETRY_MS_MIN);
	answer(s, 6, DNS_NXDOMAIN, STR(""), 0);
	answer(s, 7, DNS_NXDOMAIN, STR(""), 0);
	h = find(s, "a.test");
	assert_int_equal(h->state, HOST_UNRESOLVED);
	assert_int_equal(h->count, 0);
	assert_string_equal(h->reason, "there is no such name");
}

static void tries_again_less_and_less_often(void **state)
{
	struct str names[] = { STR("a.test") };
	struct scene *s = *state;
	uint64_t ms;
	unsigned i;

	want(s, 1, names);
	for (i = 0; i < 20; i++) {
		no_answer(s, 2 * i);
		no_answer(s, 2 * i + 1);
		ms = i < 8 ? (uint64_t)LOOKUP_RETRY_MS_MIN << i : LOOKUP_RETRY_MS_MAX;
		if (ms > LOOKUP_RETRY_MS_MAX)
			ms = LOOKUP_RETRY_MS_MAX;
		pass(s, ms - 1);
		assert_int_equal(s->asked, 2 * i + 2);
		pass(s, 1);
		assert_int_equal(s->asked, 2 * i + 4);
	}
}

static void asks_for_no_more_than_so_many_at_once(void **state)
{
	static char texts[HOSTS_MAX][8];
	static struct str names[HOSTS_MAX];
	struct scene *s = *state;
	unsigned i;

	for (i = 0; i < HOSTS_MAX; i++)
		names[i] = (struct str){ texts[i],
					 (size_t)snprintf(texts[i], sizeof(texts[i]), "n%03u", i) };
	want(s, HOSTS_MAX, names);
	assert_int_equal(s->asked, 2 * LOOKUPS_AT_ONCE);
	answer(s, 0, DNS_NOERROR, STR("1234"), 60);
	assert_int_equal(s->asked, 2 * LOOKUPS_AT_ONCE);
	answer(s, 1, DNS_NOERROR, STR(""), 60);
	assert_int_equal(s->asked, 2 * LOOKUPS_AT_ONCE + 2);
	s->answers_at_once = true;
	for (i = 2; i < 2 * LOOKUPS_AT_ONCE + 2; i++)
		answer(s, i, DNS_NOERROR, s->q[i].type == DNS_A ? STR("1234") : STR(""), 60);
	assert_int_equal(s->asked, 2 * HOSTS_MAX);
	assert_int_equal(s->l.asking, 0);
	for (i = 0; i < HOSTS_MAX; i++)
		assert_int_equal(s->book->at[i].state, HOST_RESOLVED);
}

static void what_is_not_wanted_any_more_is_forgotten(void **state)
{
	struct str both[] = { STR("a.test"), STR("b.test") },
		   others[] = { STR("b.test"), STR("c.test") };
	struct scene *s = *state;

	want(s, 2, both);
	assert_int_equal(s->asked, 4);
	want(s, 2, others);
	assert_int_equal(s->asked, 6); /* for c.test alone */
	assert_null(hosts_find(s->book, STR("a.test")));
	answer(s, 0, DNS_NOERROR, STR("1234"), 60); /* too late */
	answer(s, 1, DNS_NOERROR, STR(""), 60);
	answer(s, 2, DNS_NOERROR, STR("1234"), 60);
	answer(s, 3, DNS_NOERROR, STR(""), 60);
	assert_int_equal(find(s, "b.test")->count, 1);
	assert_int_equal(find(s, "c.test")->state, HOST_PENDING);
	want(s, 0, NULL);
	assert_int_equal(s->book->count, 0);
	assert_int_equal(s->l.asking, 0);
	answer(s, 4, DNS_NOERROR, STR("1234"), 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(asks_for_both_families_and_again_when_it_is_old,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_what_it_had_while_nobody_answers, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(tries_again_less_and_less_often, set_up, tear_down),
		cmocka_unit_test_setup_teardown(asks_for_no_more_than_so_many_at_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_wanted_any_more_is_forgotten, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
