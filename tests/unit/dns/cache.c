/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/dns/cache.c: what is found again, for how long, and what goes when it is full. */
#include "dns/cache.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct dns_query question(const char *name)
{
	struct dns_query q = { .type = DNS_A, .class = DNS_CLASS_IN };

	assert_true(dns_name_parse(str_of(name), &q.name));
	return q;
}

static bool found(struct cache *c, const struct dns_query *q, uint64_t now_ms)
{
	struct str message;
	uint32_t age;

	return cache_find(c, q, now_ms, &message, &age);
}

static void finds_what_holds_whatever_its_case(void **state)
{
	struct dns_query q = question("www.example.org"), upper = question("WWW.example.ORG");
	struct str message;
	struct cache c;
	uint32_t age;

	(void)state;
	cache_init(&c, 1);
	cache_put(&c, &q, STR("answer"), 10, 1000);
	assert_true(cache_find(&c, &upper, 5999, &message, &age));
	assert_true(str_eq(message, STR("answer")));
	assert_int_equal(age, 4);
	assert_true(found(&c, &q, 10999));
	assert_false(found(&c, &q, 11000));
	assert_int_equal(c.entries, 0);
	cache_fini(&c);
}

static void other_questions_have_other_answers(void **state)
{
	struct dns_query q = question("a.b"), type = q, dnssec = q, checking = q, id = q;
	struct cache c;

	(void)state;
	type.type = DNS_AAAA;
	dnssec.wants_dnssec = true;
	checking.flags = DNS_CD;
	id.id = 7;
	id.has_edns = true;
	cache_init(&c, 1);
	cache_put(&c, &q, STR("x"), 10, 0);
	assert_false(found(&c, &type, 1));
	assert_false(found(&c, &dnssec, 1));
	assert_false(found(&c, &checking, 1));
	assert_true(found(&c, &id, 1));
	cache_put(&c, &q, STR("x"), 0, 0);
	assert_false(found(&c, &q, 1));
	cache_fini(&c);
}

static void the_least_recently_used_go_first(void **state)
{
	struct dns_query first = question("n0.test"), second = question("n1.test");
	struct cache c;
	char name[32];
	int i;

	(void)state;
	cache_init(&c, 1);
	for (i = 0; i < CACHE_ENTRIES_MAX; i++) {
		struct dns_query q;

		snprintf(name, sizeof(name), "n%d.test", i);
		q = question(name);
		cache_put(&c, &q, STR("x"), 10, 0);
	}
	assert_true(found(&c, &first, 1));
	cache_put(&c, &(struct dns_query){ .type = 1 }, STR("x"), 10, 0);
	assert_int_equal(c.entries, CACHE_ENTRIES_MAX);
	assert_true(found(&c, &first, 1));
	assert_false(found(&c, &second, 1));
	cache_fini(&c);
}

static void holds_no_more_bytes_than_it_may(void **state)
{
	static char big[DNS_MESSAGE_BYTES_MAX];
	struct cache c;
	char name[32];
	int i;

	(void)state;
	cache_init(&c, 1);
	for (i = 0; i < 200; i++) {
		struct dns_query q;

		snprintf(name, sizeof(name), "n%d.test", i);
		q = question(name);
		cache_put(&c, &q, (struct str){ big, sizeof(big) }, 10, 0);
		assert_true(c.bytes <= CACHE_BYTES_MAX);
	}
	assert_int_equal(c.entries, CACHE_BYTES_MAX / DNS_MESSAGE_BYTES_MAX);
	cache_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_holds_whatever_its_case),
		cmocka_unit_test(other_questions_have_other_answers),
		cmocka_unit_test(the_least_recently_used_go_first),
		cmocka_unit_test(holds_no_more_bytes_than_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
