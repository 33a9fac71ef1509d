/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/auth/condition.c: every operator and key, by tests/vectors/policy/conditions.json.
 */
#include "auth/condition.c"

#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../faults.h"

FAULT(arena_alloc, void *, NULL, (struct arena * a, size_t size, size_t align, size_t n),
      (a, size, align, n))

/* A policy that allows everyone everything under the condition of a case. */
static struct policy *policy_of(const cJSON *condition)
{
	char *text = cJSON_PrintUnformatted(condition);
	struct policy_error error;
	struct policy *p;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_addf(&b,
		 "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":"
		 "\"*\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":%s}}",
		 text);
	p = policy_new(POLICY_RESOURCE, buf_str(&b), &error);
	if (!p)
		print_error("%s: %s: %s\n", text, error.where, error.why);
	buf_fini(&b);
	cJSON_free(text);
	return p;
}

static bool case_passes(const cJSON *item)
{
	bool holds = cJSON_IsTrue(cJSON_GetObjectItem(item, "holds"));
	struct policy *p = policy_of(cJSON_GetObjectItem(item, "condition"));
	struct policy_result result;
	struct arena scratch;
	struct scene scene;

	if (!p)
		return false;
	scene_read(&scene, cJSON_GetObjectItem(item, "request"));
	arena_init(&scratch, 1 << 16);
	result = policy_eval(p, &scene.request, &scratch);
	arena_fini(&scratch);
	policy_put(p);
	return result.verdict == (holds ? POLICY_ALLOWS : POLICY_SILENT);
}

static void holds_as_the_vectors_say(void **state)
{
	cJSON *cases = scene_load("tests/vectors/policy/conditions.json");
	unsigned failed = 0, count = 0;
	const cJSON *item;

	(void)state;
	cJSON_ArrayForEach (item, cases) {
		count++;
		if (case_passes(item))
			continue;
		print_error("%s\n", cJSON_GetObjectItem(item, "name")->valuestring);
		failed++;
	}
	cJSON_Delete(cases);
	assert_true(count > 700);
	assert_int_equal(failed, 0);
}

/* Without memory for what must be put together nothing is allowed, also by a negated operator. */
static void fails_closed_without_memory(void **state)
{
	static const char *const texts[] = {
		"{\"StringNotEquals\":{\"vpc-lattice-svcs:RequestQueryString/q\":\"x\"}}",
		"{\"StringNotEquals\":{\"vpc-lattice-svcs:RequestHeader/x\":\"x\"}}",
		"{\"StringNotEquals\":{\"aws:CurrentTime\":\"x\"}}",
		"{\"StringNotEquals\":{\"aws:EpochTime\":\"x\"}}",
		"{\"StringNotEquals\":{\"aws:SourceIp\":\"x\"}}",
		"{\"StringNotLike\":{\"vpc-lattice-svcs:RequestPath\":\"${aws:PrincipalType}x\"}}",
		"{\"Null\":{\"vpc-lattice-svcs:Port\":\"true\"}}",
	};
	cJSON *q = json_parse(
		STR("{\"query\":\"q=%41&q=b\",\"headers\":{\"x\":[\"a\",\"b\"]},\"path\":\"/a\"}"));
	struct scene scene;
	size_t i;

	(void)state;
	scene_read(&scene, q);
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		cJSON *condition = json_parse(str_of(texts[i]));
		struct policy *p = policy_of(condition);
		struct policy_result result;
		struct arena none;

		arena_init(&none, 0);
		result = policy_eval(p, &scene.request, &none);
		assert_int_equal(result.verdict, POLICY_SILENT);
		policy_put(p);
		cJSON_Delete(condition);
	}
	cJSON_Delete(q);
}

struct trial {
	struct policy *policy;
	struct scene *scene;
};

static bool allows(void *ctx)
{
	const struct trial *t = ctx;
	struct policy_result result;
	struct arena scratch;

	arena_init(&scratch, 1 << 16);
	result = policy_eval(t->policy, &t->scene->request, &scratch);
	arena_fini(&scratch);
	return result.verdict == POLICY_ALLOWS;
}

/* Whichever piece of memory is missing. */
static void fails_closed_when_memory_ends(void **state)
{
	cJSON *condition = json_parse(
		STR("{\"StringEquals\":{\"vpc-lattice-svcs:RequestQueryString/q\":\"Ab c\"},"
		    "\"ForAnyValue:StringNotEquals\":{\"vpc-lattice-svcs:RequestHeader/x\":\"q\"},"
		    "\"StringLike\":{\"vpc-lattice-svcs:RequestPath\":"
		    "\"/${aws:PrincipalType}*\"}}"));
	cJSON *q = json_parse(STR("{\"query\":\"%71=%41b+c\",\"headers\":{\"a\":\"0\",\"x\":"
				  "[\"a\",\"b\"]},\"path\":\"/Anonymous/a\"}"));
	struct scene scene;
	struct trial t = { policy_of(condition), &scene };

	(void)state;
	scene_read(&scene, q);
	faults_each(allows, &t);
	policy_put(t.policy);
	cJSON_Delete(condition);
	cJSON_Delete(q);
}

/* Null is asked about the key; whoever asks it about a value gets no. */
static void no_value_meets_null(void **state)
{
	struct condition c = { 0 };
	struct condition_value v = { 0 };
	struct given g = { 0 };
	const char *why;

	(void)state;
	assert_int_equal(condition_read_operator(STR("Null"), &c, &why), 0);
	assert_false(value_meets(&c, &v, &g, NULL));
}

/* What a request may lack altogether, or have besides. */
static void knows_what_is_not_there(void **state)
{
	static const struct {
		const char *condition;
		bool holds;
	} cases[] = {
		{ "{\"Null\":{\"vpc-lattice-svcs:RequestHeader/x\":\"true\"}}", true },
		{ "{\"Null\":{\"aws:UserAgent\":\"true\"}}", true },
		{ "{\"Null\":{\"aws:SourceIp\":\"true\"}}", true },
		{ "{\"IpAddress\":{\"aws:SourceIp\":\"0.0.0.0/0\"}}", false },
		{ "{\"NotIpAddress\":{\"aws:SourceIp\":\"0.0.0.0/0\"}}", true },
		{ "{\"DateLessThan\":{\"aws:TokenIssueTime\":\"2026-01-02\"}}", true },
		{ "{\"DateLessThan\":{\"aws:TokenIssueTime\":\"2026-01-01\"}}", false },
	};
	static const struct sock_addr nowhere = { 0 };
	struct scene scene;
	size_t i;
	int k;

	(void)state;
	scene_read(&scene, NULL);
	scene.request.headers = NULL;
	scene.principal.issued_ms = UINT64_C(1767225600000); /* 2026-01-01 */
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		cJSON *condition = json_parse(str_of(cases[i].condition));
		struct policy *p = policy_of(condition);

		for (k = 0; k < 2; k++) {
			struct policy_result result;
			struct arena scratch;

			scene.request.source = k ? &nowhere : NULL;
			arena_init(&scratch, 1 << 16);
			result = policy_eval(p, &scene.request, &scratch);
			assert_int_equal(result.verdict,
					 cases[i].holds ? POLICY_ALLOWS : POLICY_SILENT);
			arena_fini(&scratch);
		}
		policy_put(p);
		cJSON_Delete(condition);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_as_the_vectors_say),
		cmocka_unit_test(fails_closed_without_memory),
		cmocka_unit_test(fails_closed_when_memory_ends),
		cmocka_unit_test(no_value_meets_null),
		cmocka_unit_test(knows_what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
