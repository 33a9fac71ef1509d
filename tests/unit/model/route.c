/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/model/route.c: against a matcher that looks at each rule in turn, and by hand. */
#include "model/route.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The model: what the rules say, word for word. */

static bool text_matches(const struct snap_match *m, struct str s)
{
	size_t i;

	if (m->kind == SNAP_MATCH_ANY)
		return true;
	for (i = 0; i + m->value.n <= s.n; i++) {
		struct str part = { s.p + i, m->value.n };

		if (m->case_sensitive ? str_eq(part, m->value) : str_eq_nocase(part, m->value))
			if (m->kind != SNAP_MATCH_EXACT || s.n == m->value.n)
				return true;
		if (m->kind != SNAP_MATCH_CONTAINS)
			return false;
	}
	return false;
}

static bool header_matches(const struct snap_header_match *h, const struct http_headers *all)
{
	char joined[1024];
	size_t i, n = 0;

	for (i = 0; i < all->count; i++) {
		if (!str_eq_nocase(all->at[i].name, h->name))
			continue;
		if (text_matches(&h->match, all->at[i].value))
			return true;
		n += (size_t)snprintf(joined + n, sizeof(joined) - n, "%s" STR_FMT, n ? ", " : "",
				      STR_ARG(all->at[i].value));
	}
	return n && text_matches(&h->match, (struct str){ joined, n });
}

static const struct snap_rule *find_by_looking(const struct snap_rule *rules, size_t count,
					       const struct http_request *q)
{
	size_t i, k;

	for (i = 0; i < count; i++) {
		const struct snap_rule *rule = &rules[i];

		if (rule->method.n && !str_eq(rule->method, q->method))
			continue;
		if (!text_matches(&rule->path, q->path))
			continue;
		for (k = 0; k < rule->header_count; k++) {
			if (!header_matches(&rule->headers[k], &q->headers))
				break;
		}
		if (k == rule->header_count)
			return rule;
	}
	return NULL;
}

/* Random rules and requests from few letters, so that they meet often. */

static uint32_t dice = 20261123;

static unsigned roll(unsigned sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 17;
	dice ^= dice << 5;
	return dice % sides;
}

static struct str random_text(struct arena *a, size_t longest, const char *letters)
{
	size_t n = 1 + roll((unsigned)longest), i;
	char *p = arena_new(a, char, n);

	assert_non_null(p);
	for (i = 0; i < n; i++)
		p[i] = letters[roll((unsigned)strlen(letters))];
	return (struct str){ p, n };
}

static struct str random_path(struct arena *a)
{
	struct str s = random_text(a, 8, "/aAb");

	((char *)s.p)[0] = '/';
	return s;
}

static const struct str methods[] = { { "GET", 3 }, { "POST", 4 }, { "get", 3 } };
static const struct str lower[] = { { "x-a", 3 }, { "x-b", 3 }, { "x-c", 3 } };
static const struct str mixed[] = { { "X-A", 3 }, { "x-b", 3 }, { "X-c", 3 }, { "y", 1 } };

static void random_rule(struct arena *a, struct snap_rule *rule)
{
	size_t k;

	if (roll(3) == 0)
		rule->method = methods[roll(2)];
	if (roll(4)) {
		rule->path.kind = roll(2) ? SNAP_MATCH_EXACT : SNAP_MATCH_PREFIX;
		rule->path.case_sensitive = roll(2);
		rule->path.value = random_path(a);
	}
	rule->header_count = roll(2) ? 0 : roll(ROUTE_HEADERS_MAX + 1);
	rule->headers = arena_new(a, struct snap_header_match, ROUTE_HEADERS_MAX);
	assert_non_null(rule->headers);
	for (k = 0; k < rule->header_count; k++) {
		struct snap_header_match *h = &rule->headers[k];

		h->name = lower[roll(3)];
		h->match.kind = (enum snap_match_kind)(SNAP_MATCH_EXACT + roll(3));
		h->match.case_sensitive = roll(2);
		h->match.value = random_text(a, 3, "aB, ");
	}
}

static void random_request(struct arena *a, struct http_request *q)
{
	size_t i;

	q->method = methods[roll(3)];
	q->path = random_path(a);
	q->headers.count = roll(7);
	for (i = 0; i < q->headers.count; i++) {
		q->headers.at[i].name = mixed[roll(4)];
		q->headers.at[i].value = random_text(a, 6, "abAB, ");
	}
}

static void agrees_with_a_matcher_that_looks_at_each_rule(void **state)
{
	struct arena a;
	size_t round, i, met = 0;

	(void)state;
	for (round = 0; round < 300; round++) {
		size_t count = round % 7 ? roll(30) : roll(300);
		struct snap_rule *rules;
		struct route_table *t;

		arena_init(&a, 16 << 20);
		rules = arena_new(&a, struct snap_rule, count + 1);
		assert_non_null(rules);
		for (i = 0; i < count; i++)
			random_rule(&a, &rules[i]);
		t = route_compile(&a, rules, count);
		assert_non_null(t);
		for (i = 0; i < 200; i++) {
			struct http_request q = { 0 };
			const struct snap_rule *found;

			random_request(&a, &q);
			found = route_find(t, &q);
			assert_ptr_equal(found, find_by_looking(rules, count, &q));
			met += found != NULL;
		}
		arena_fini(&a);
	}
	assert_in_range(met, 10000, 55000); /* neither all nor nothing, or nothing was tested */
}

static void the_lowest_priority_number_wins_beyond_the_first_word(void **state)
{
	struct snap_rule rules[ROUTE_RULES_MAX] = { 0 };
	struct http_request q = { .method = STR("GET"), .path = STR("/same") };
	struct route_table *t;
	struct arena a;
	size_t i;

	(void)state;
	arena_init(&a, 16 << 20);
	for (i = 0; i < ROUTE_RULES_MAX; i++)
		rules[i].path = (struct snap_match){ SNAP_MATCH_EXACT, true,
						     i < 1999 ? STR("/other") : STR("/same") };
	t = route_compile(&a, rules, ROUTE_RULES_MAX);
	assert_ptr_equal(route_find(t, &q), &rules[1999]);
	arena_fini(&a);
}

static void a_header_on_two_lines_is_met_as_one_list(void **state)
{
	struct snap_header_match h = { STR("accept"), { SNAP_MATCH_EXACT, true, STR("a, b") } };
	struct snap_rule rule = { .headers = &h, .header_count = 1 };
	struct http_request q = { .method = STR("GET"), .path = STR("/") };
	struct route_table *t;
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	t = route_compile(&a, &rule, 1);
	q.headers.at[0] = (struct http_header){ STR("Accept"), STR("a") };
	q.headers.count = 1;
	assert_null(route_find(t, &q));
	q.headers.at[1] = (struct http_header){ STR("ACCEPT"), STR("b") };
	q.headers.count = 2;
	assert_ptr_equal(route_find(t, &q), &rule);
	arena_fini(&a);
}

static void refuses_rules_beyond_its_bounds(void **state)
{
	static struct snap_rule many[ROUTE_RULES_MAX + 1];
	static char text[ROUTE_TEXT_BYTES_MAX + 1];
	struct snap_rule wide = { .header_count = ROUTE_HEADERS_MAX + 1 };
	struct snap_rule longer = { .path = { SNAP_MATCH_PREFIX, true, { text, sizeof(text) } } };
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_null(route_compile(&a, many, ROUTE_RULES_MAX + 1));
	assert_null(route_compile(&a, &wide, 1));
	assert_null(route_compile(&a, &longer, 1));
	arena_fini(&a);
	arena_init(&a, sizeof(struct route_table));
	assert_null(route_compile(&a, many, 10));
	arena_fini(&a);
}

static void no_rules_match_nothing(void **state)
{
	struct http_request q = { .method = STR("GET"), .path = STR("/") };
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_null(route_find(NULL, &q));
	assert_null(route_find(route_compile(&a, NULL, 0), &q));
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_matcher_that_looks_at_each_rule),
		cmocka_unit_test(the_lowest_priority_number_wins_beyond_the_first_word),
		cmocka_unit_test(a_header_on_two_lines_is_met_as_one_list),
		cmocka_unit_test(refuses_rules_beyond_its_bounds),
		cmocka_unit_test(no_rules_match_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
