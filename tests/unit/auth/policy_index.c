/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of ctl/auth/policy_index.c: that few statements are left to be looked at whatever it is
 * that tells them apart, and what a decision costs with 16 statements and with 256.
 */
#include "auth/policy_index.c"

#include "auth/policy_eval.h"
#include "base/array.h"
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#define ACCOUNT "arn:aws:iam::123456789012:"

/* Statements that differ in one thing; the number of each stands for the %zu. */
static const struct shape {
	const char *name, *rest;
	const char *request; /* what number 7 allows */
} shapes[] = {
	{ "principals",
	  "\"Principal\":{\"AWS\":\"" ACCOUNT "role/team-%zu-orders\"},\"Resource\":\"*\"",
	  "{\"principal\":\"arn:aws:sts::123456789012:assumed-role/team-7-orders/x\"}" },
	{ "paths of an ARN", "\"Principal\":\"*\",\"Resource\":\"" SCENE_SERVICE "/p-%zu/*\"",
	  "{\"path\":\"/p-7/thing\"}" },
	{ "paths anywhere", "\"Principal\":\"*\",\"Resource\":\"*/part-%zu/*\"",
	  "{\"path\":\"/v1/part-7/thing\"}" },
	{ "ends of paths", "\"Principal\":\"*\",\"Resource\":\"*/part%zu\"",
	  "{\"path\":\"/v1/part7\"}" },
	{ "source VPCs",
	  "\"Principal\":\"*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{"
	  "\"vpc-lattice-svcs:SourceVpc\":\"vpc-%zu\"}}",
	  "{\"vpc\":\"vpc-7\"}" },
	{ "headers",
	  "\"Principal\":\"*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{"
	  "\"vpc-lattice-svcs:RequestHeader/x\":\"t%zu\"}}",
	  "{\"headers\":{\"accept\":\"*/*\",\"x\":\"t7\",\"user-agent\":\"curl\"}}" },
	{ "tags",
	  "\"Principal\":\"*\",\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{"
	  "\"aws:PrincipalTag/team\":\"t%zu\"}}",
	  "{\"principal\":\"" ACCOUNT "user/bob\",\"tags\":{\"team\":\"t7\"}}" },
};

static struct policy *policy_with(const struct shape *shape, size_t statements)
{
	struct policy_error error;
	struct policy *p;
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	buf_add_lit(&b, "{\"Statement\":[");
	for (i = 0; i < statements; i++) {
		const char *at = strstr(shape->rest, "%zu");

		assert_non_null(at);
		buf_add(&b, i ? STR(",") : STR(""));
		buf_add_lit(&b, "{\"Effect\":\"Allow\",\"Action\":\"*\",");
		buf_add(&b, (struct str){ shape->rest, (size_t)(at - shape->rest) });
		buf_add_u64(&b, i);
		buf_add(&b, str_of(at + 3));
		buf_add_char(&b, '}');
	}
	buf_add_lit(&b, "]}");
	p = policy_new(POLICY_RESOURCE, buf_str(&b), &error);
	if (!p)
		print_error("%s: %s (%zu bytes)\n", error.where, error.why, buf_len(&b));
	buf_fini(&b);
	return p;
}

static double ns_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The least of some rounds: what else the machine does only adds to it. */
static double cost_ns(const struct policy *p, const struct auth_request *q)
{
	enum { ROUNDS = 15, EACH = 2000 };
	double best = 1e9, start;
	struct arena scratch;
	int i, k;

	for (i = 0; i < ROUNDS; i++) {
		start = ns_now();
		for (k = 0; k < EACH; k++) {
			arena_init(&scratch, 1 << 16);
			assert_int_equal(policy_eval(p, q, &scratch).verdict, POLICY_ALLOWS);
			arena_fini(&scratch);
		}
		if ((ns_now() - start) / EACH < best)
			best = (ns_now() - start) / EACH;
	}
	return best;
}

static void leaves_few_statements(void **state)
{
	uint64_t set[POLICY_WORDS_MAX];
	struct scene scene;
	struct arena scratch;
	struct context c;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct policy *p = policy_with(&shapes[i], 256);
		cJSON *q = json_parse(str_of(shapes[i].request));

		assert_non_null(p);
		scene_read(&scene, q);
		arena_init(&scratch, 1 << 16);
		context_init(&c, &p->keys, &scene.request, &scratch);
		policy_index_find(p, &c, set);
		print_message("%s: %zu of 256 statements left\n", shapes[i].name,
			      count_bits(set, p->index->words));
		assert_true(set[0] & 1 << 7);
		assert_in_range(count_bits(set, p->index->words), 1, 4);
		arena_fini(&scratch);
		policy_put(p);
		cJSON_Delete(q);
	}
}

static void costs_little(void **state)
{
	struct scene scene;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct policy *few = policy_with(&shapes[i], 16);
		struct policy *many = policy_with(&shapes[i], 256);
		cJSON *q = json_parse(str_of(shapes[i].request));
		double a, b;

		assert_non_null(few);
		assert_non_null(many);
		scene_read(&scene, q);
		a = cost_ns(few, &scene.request);
		b = cost_ns(many, &scene.request);
		print_message("%s: %.0f ns with 16 statements, %.0f ns with 256\n", shapes[i].name,
			      a, b);
		/* Wide, for busy machines: looking at each would cost ten times as much. */
		assert_true(b < 4 * a);
		policy_put(few);
		policy_put(many);
		cJSON_Delete(q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_few_statements),
		cmocka_unit_test(costs_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
