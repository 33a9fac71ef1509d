/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of ctl/auth/policy_eval.c: whole policies by tests/vectors/policy/policies.json and
 * calls.json, and random ones beside a model that reads the JSON itself and looks at every
 * statement in turn.
 */
#include "auth/policy_eval.c"

#include "base/array.h"
#include "scene_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The model: strings, numbers and Null, as IAM's guide words it. */

static bool like(const char *p, const char *s)
{
	if (!*p)
		return !*s;
	if (*p == '*')
		return like(p + 1, s) || (*s && like(p, s + 1));
	return *s && (*p == '?' || *p == *s) && like(p + 1, s + 1);
}

static const cJSON *first(const cJSON *v)
{
	return cJSON_IsArray(v) ? v->child : v;
}

static const cJSON *following(const cJSON *v, const cJSON *item)
{
	return cJSON_IsArray(v) ? item->next : NULL;
}

/* Does @s look like one of the patterns @v? */
static bool like_any(const cJSON *v, const char *s)
{
	const cJSON *i;

	for (i = first(v); i; i = following(v, i))
		if (like(i->valuestring, s))
			return true;
	return false;
}

static bool model_principal(const cJSON *v, const cJSON *q)
{
	const char *arn = cJSON_GetObjectItem(q, "principal")->valuestring, *role = "-";
	const cJSON *i;

	if (cJSON_IsString(v))
		return true; /* "*" */
	if (strstr(arn, "assumed-role/r1/"))
		role = "arn:aws:iam::123456789012:role/r1";
	v = cJSON_GetObjectItem(v, "AWS");
	for (i = first(v); i; i = following(v, i)) {
		if (!strcmp(i->valuestring, "*") || !strcmp(i->valuestring, role))
			return true;
		if (*arn && (!strcmp(i->valuestring, arn) || strstr(arn, i->valuestring)))
			return true; /* the account stands in the ARN */
	}
	return false;
}

/* The values that the request @q has for @key; the query's "q=a&q=b" and single texts. */
static size_t model_values(const cJSON *q, const char *key, const char *values[8])
{
	static char query[256];
	const cJSON *v;
	size_t n = 0;
	char *part, *rest = query;

	if (strstr(key, "QueryString")) {
		snprintf(query, sizeof(query), "%s", cJSON_GetObjectItem(q, "query")->valuestring);
		while ((part = strsep(&rest, "&")))
			if (!strncmp(part, "q=", 2))
				values[n++] = part + 2;
		return n;
	}
	if (strstr(key, "RequestHeader"))
		v = cJSON_GetObjectItem(cJSON_GetObjectItem(q, "headers"), "x");
	else if (strstr(key, "PrincipalTag"))
		v = cJSON_GetObjectItem(cJSON_GetObjectItem(q, "tags"), "t");
	else
		v = cJSON_GetObjectItem(q, strstr(key, "SourceVpc") ? "vpc" : "method");
	if (v)
		values[n++] = v->valuestring;
	return n;
}

static bool model_compare(const char *op, const char *have, const char *want)
{
	if (strstr(op, "Like"))
		return like(want, have);
	if (strstr(op, "Numeric"))
		return strtod(have, NULL) < strtod(want, NULL);
	return !strcmp(have, want);
}

static bool model_value(const char *op, const char *have, const cJSON *wanted)
{
	bool is_negated = strstr(op, "Not"), found = false;
	const cJSON *i;

	if (strstr(op, "Numeric") && !(*have >= '0' && *have <= '9'))
		return false;
	for (i = first(wanted); i; i = following(wanted, i))
		found |= model_compare(op, have, i->valuestring);
	return found != is_negated;
}

static bool model_condition(const char *op, const cJSON *key, const cJSON *q)
{
	bool all = strstr(op, "ForAll") || (!strstr(op, "ForAny") && strstr(op, "Not"));
	const char *values[8];
	size_t n = model_values(q, key->string, values), i, met = 0;

	if (!strcmp(op, "Null"))
		return !strcmp(first(key)->valuestring, n ? "false" : "true");
	if (!n && strstr(op, "IfExists"))
		return true;
	for (i = 0; i < n; i++)
		met += model_value(op, values[i], key);
	return all ? met == n : met > 0;
}

static bool model_statement(const cJSON *s, const cJSON *q, const char *resource)
{
	const cJSON *v, *key, *op;

	v = cJSON_GetObjectItem(s, "Principal");
	if (!model_principal(v, q))
		return false;
	v = cJSON_GetObjectItem(s, "Action");
	if (v && !like_any(v, "vpc-lattice-svcs:Invoke"))
		return false;
	v = cJSON_GetObjectItem(s, "Resource");
	if (v && !like_any(v, resource))
		return false;
	v = cJSON_GetObjectItem(s, "NotResource");
	if (v && like_any(v, resource))
		return false;
	cJSON_ArrayForEach (op, cJSON_GetObjectItem(s, "Condition"))
		cJSON_ArrayForEach (key, op)
			if (!model_condition(op->string, key, q))
				return false;
	return true;
}

static enum policy_verdict model(const cJSON *policy, const cJSON *q, const char *resource)
{
	enum policy_verdict verdict = POLICY_SILENT;
	const cJSON *s;

	cJSON_ArrayForEach (s, cJSON_GetObjectItem(policy, "Statement")) {
		if (!model_statement(s, q, resource))
			continue;
		if (!strcmp(cJSON_GetObjectItem(s, "Effect")->valuestring, "Deny"))
			return POLICY_DENIES;
		verdict = POLICY_ALLOWS;
	}
	return verdict;
}

/* Random policies and requests, of few words so that they meet often. */

static uint32_t dice = 20261126;

static unsigned roll(unsigned sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 17;
	dice ^= dice << 5;
	return dice % sides;
}

#define PICK(list) ((list)[roll(ARRAY_SIZE(list))])

static const char *const arns[] = { "arn:aws:iam::123456789012:user/u1",
				    "arn:aws:iam::123456789012:user/u2",
				    "arn:aws:iam::999999999999:user/u1",
				    "arn:aws:iam::123456789012:role/r1",
				    "arn:aws:sts::123456789012:assumed-role/r1/s1",
				    "arn:aws:sts::123456789012:assumed-role/r1/s2" };
static const char *const names[] = { "123456789012", "999999999999", "*" };
static const char *const patterns[] = { "*",
					"*/aa",
					"*/aa/*",
					"*/ab/*",
					"*b*b*",
					SCENE_SERVICE "/*",
					SCENE_SERVICE "/aa",
					SCENE_SERVICE "/aa*",
					SCENE_SERVICE "/?b",
					"arn:aws:vpc-lattice:*:*:service/*/bb",
					"*x*/bb" };
static const char *const actions[] = { "*", "vpc-lattice-svcs:Invoke", "vpc-lattice-svcs:*",
				       "vpc-lattice-svcs:Connect" };
static const char *const ops[] = { "StringEquals",
				   "StringEquals",
				   "StringEquals",
				   "StringNotEquals",
				   "StringLike",
				   "StringNotLike",
				   "NumericLessThan",
				   "Null",
				   "StringEqualsIfExists",
				   "ForAllValues:StringEquals",
				   "ForAnyValue:StringEquals",
				   "ForAllValues:StringNotLike",
				   "ForAnyValue:StringNotEquals" };
static const char *const keys[] = { "vpc-lattice-svcs:RequestMethod", "vpc-lattice-svcs:SourceVpc",
				    "vpc-lattice-svcs:RequestHeader/X",
				    "vpc-lattice-svcs:RequestQueryString/q", "aws:PrincipalTag/T" };
static const char *const words[] = { "1", "2", "7", "GET", "POST", "a", "b" };
static const char *const wild[] = { "1", "*", "?", "G*", "*T", "a", "P??T" };
static const char *const paths[] = { "/aa", "/aa/b", "/ab/b", "/bb", "/b", "/x/bb", "/" };

static cJSON *random_list(const char *const *list, unsigned count)
{
	cJSON *v = cJSON_CreateArray();
	unsigned n = 1 + roll(3);

	while (n--)
		cJSON_AddItemToArray(v, cJSON_CreateString(list[roll(count)]));
	return v;
}

static cJSON *random_principal(void)
{
	cJSON *v, *list;

	if (!roll(3))
		return cJSON_CreateString("*");
	v = cJSON_CreateObject();
	list = random_list(arns, ARRAY_SIZE(arns));
	if (!roll(4))
		cJSON_AddItemToArray(list, cJSON_CreateString(PICK(names)));
	cJSON_AddItemToObject(v, "AWS", list);
	return v;
}

static cJSON *random_condition(void)
{
	cJSON *v = cJSON_CreateObject(), *op;
	unsigned n = roll(3);

	while (n--) {
		const char *name = PICK(ops), *key = PICK(keys);

		if (cJSON_GetObjectItem(v, name))
			continue;
		op = cJSON_AddObjectToObject(v, name);
		if (!strcmp(name, "Null"))
			cJSON_AddStringToObject(op, key, roll(2) ? "true" : "false");
		else if (strstr(name, "Numeric"))
			cJSON_AddItemToObject(op, key, random_list(words, 3));
		else if (strstr(name, "Like"))
			cJSON_AddItemToObject(op, key, random_list(wild, ARRAY_SIZE(wild)));
		else
			cJSON_AddItemToObject(op, key, random_list(words, ARRAY_SIZE(words)));
	}
	return v;
}

static cJSON *random_policy(void)
{
	cJSON *policy = cJSON_CreateObject(), *list, *s;
	unsigned n = 1 + roll(roll(4) ? 12 : 70);

	cJSON_AddStringToObject(policy, "Version", "2012-10-17");
	list = cJSON_AddArrayToObject(policy, "Statement");
	while (n--) {
		s = cJSON_CreateObject();
		cJSON_AddStringToObject(s, "Effect", roll(6) ? "Allow" : "Deny");
		cJSON_AddItemToObject(s, "Principal", random_principal());
		cJSON_AddItemToObject(s, "Action", random_list(actions, ARRAY_SIZE(actions)));
		cJSON_AddItemToObject(s, roll(5) ? "Resource" : "NotResource",
				      random_list(patterns, ARRAY_SIZE(patterns)));
		cJSON_AddItemToObject(s, "Condition", random_condition());
		cJSON_AddItemToArray(list, s);
	}
	return policy;
}

static cJSON *random_request(void)
{
	static const char *const queries[] = { "q=1", "q=a&q=b", "q=a&r=1&q=7", "r=1", "" };
	cJSON *q = cJSON_CreateObject();

	cJSON_AddStringToObject(q, "principal", roll(5) ? PICK(arns) : "");
	cJSON_AddStringToObject(q, "method", roll(2) ? "GET" : "POST");
	cJSON_AddStringToObject(q, "path", PICK(paths));
	cJSON_AddStringToObject(q, "query", PICK(queries));
	cJSON_AddStringToObject(q, "vpc", PICK(words));
	if (roll(2))
		cJSON_AddStringToObject(cJSON_AddObjectToObject(q, "headers"), "x", PICK(words));
	if (roll(2) && *cJSON_GetObjectItem(q, "principal")->valuestring)
		cJSON_AddStringToObject(cJSON_AddObjectToObject(q, "tags"), "t", PICK(words));
	return q;
}

/* What looking at each statement by policy_look() says. */
static enum policy_verdict by_looking(const struct policy *p, const struct auth_request *q)
{
	enum policy_verdict verdict = POLICY_SILENT;
	struct arena scratch;
	struct context c;
	size_t i;

	arena_init(&scratch, 1 << 16);
	context_init(&c, &p->keys, q, &scratch);
	for (i = 0; i < p->statement_count && verdict != POLICY_DENIES; i++) {
		const struct policy_statement *s = &p->statements[i];

		if (policy_look(p, s, &c).failed == POLICY_MATCHES)
			verdict = s->is_deny ? POLICY_DENIES : POLICY_ALLOWS;
	}
	arena_fini(&scratch);
	return verdict;
}

static enum policy_verdict verdict_of(const struct policy *p, const struct auth_request *q)
{
	struct policy_result result;
	struct arena scratch;

	arena_init(&scratch, 1 << 16);
	result = policy_eval(p, q, &scratch);
	arena_fini(&scratch);
	assert_int_equal(result.verdict == POLICY_SILENT, result.statement == NULL);
	if (result.statement)
		assert_int_equal(result.statement->is_deny, result.verdict == POLICY_DENIES);
	assert_int_equal(result.verdict, by_looking(p, q));
	return result.verdict;
}

static struct policy *compile_as(enum policy_kind kind, const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);
	struct policy_error error;
	struct policy *p = policy_new(kind, str_of(text), &error);

	if (!p)
		print_error("%s: %s\n%.200s\n", error.where, error.why, text);
	assert_non_null(p);
	cJSON_free(text);
	return p;
}

static struct policy *compile(const cJSON *json)
{
	return compile_as(POLICY_RESOURCE, json);
}

static void agrees_with_the_model(void **state)
{
	unsigned seen[3] = { 0 }, i, k;
	struct scene scene;

	(void)state;
	for (i = 0; i < 600; i++) {
		cJSON *json = random_policy();
		struct policy *p = compile(json);

		for (k = 0; k < 40; k++) {
			cJSON *q = random_request();
			enum policy_verdict wanted;

			scene_read(&scene, q);
			wanted = model(json, q, scene.resource);
			if (verdict_of(p, &scene.request) != wanted) {
				fprintf(stderr, "%s\n%s\nmodel %d\n", cJSON_PrintUnformatted(json),
					cJSON_PrintUnformatted(q), wanted);
				fail();
			}
			seen[wanted]++;
			cJSON_Delete(q);
		}
		policy_put(p);
		cJSON_Delete(json);
	}
	/* The dice must not make a test of one verdict only. */
	assert_true(seen[POLICY_SILENT] > 2000 && seen[POLICY_ALLOWS] > 2000);
	assert_true(seen[POLICY_DENIES] > 2000);
}

static void decide_all(const char *path)
{
	static const char *const verdicts[] = { "silent", "allows", "denies" };
	cJSON *cases = scene_load(path);
	struct scene_call scene_call;
	struct scene *scene = &scene_call.scene;
	unsigned failed = 0;
	const cJSON *item;

	cJSON_ArrayForEach (item, cases) {
		const cJSON *call = cJSON_GetObjectItem(item, "call");
		struct policy *p = compile_as(call ? POLICY_IDENTITY : POLICY_RESOURCE,
					      cJSON_GetObjectItem(item, "policy"));
		enum policy_verdict verdict;

		if (call)
			scene_read_call(&scene_call, call);
		else
			scene_read(scene, cJSON_GetObjectItem(item, "request"));
		verdict = verdict_of(p, &scene->request);
		policy_put(p);
		if (str_eq(json_get_str(item, "verdict"), str_of(verdicts[verdict])))
			continue;
		print_error("%s: %s\n", cJSON_GetObjectItem(item, "name")->valuestring,
			    verdicts[verdict]);
		failed++;
	}
	cJSON_Delete(cases);
	assert_int_equal(failed, 0);
}

static void decides_as_the_vectors_say(void **state)
{
	(void)state;
	decide_all("tests/vectors/policy/policies.json");
}

/* Policies of identities, asked whether they may call the control API. */
static void decides_about_calls_as_the_vectors_say(void **state)
{
	(void)state;
	decide_all("tests/vectors/policy/calls.json");
}

static void names_the_statement_and_what_failed(void **state)
{
	cJSON *json = json_parse(
		STR("{\"Statement\":[{\"Sid\":\"A\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":"
		    "\"123456789012\"},\"Action\":\"*\",\"Resource\":\"*\"},"
		    "{\"Sid\":\"B\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":"
		    "\"vpc-lattice-svcs:Connect\",\"Resource\":\"*\"},"
		    "{\"Sid\":\"C\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"*\","
		    "\"Resource\":\"*/x\"},"
		    "{\"Sid\":\"D\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\","
		    "\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":true}}},"
		    "{\"Sid\":\"E\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\","
		    "\"Resource\":\"*\"}]}"));
	static const enum policy_element wanted[] = { POLICY_PRINCIPAL, POLICY_ACTION,
						      POLICY_RESOURCE_ELEMENT, POLICY_CONDITION,
						      POLICY_MATCHES };
	struct policy *p = compile(json);
	struct arena scratch;
	struct scene scene;
	struct context c;
	size_t i;

	(void)state;
	scene_read(&scene, NULL);
	arena_init(&scratch, 1 << 16);
	context_init(&c, &p->keys, &scene.request, &scratch);
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		struct policy_finding f = policy_look(p, &p->statements[i], &c);

		assert_int_equal(f.failed, wanted[i]);
		assert_int_equal(f.condition != NULL, f.failed == POLICY_CONDITION);
	}
	assert_ptr_equal(policy_eval(p, &scene.request, &scratch).statement, &p->statements[4]);
	arena_fini(&scratch);
	policy_put(p);
	cJSON_Delete(json);
}

/* What is attached to a principal names none. */
static void identities_policies_are_about_their_owner(void **state)
{
	struct policy_error error;
	struct policy *p = policy_new(POLICY_IDENTITY,
				      STR("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":"
					  "[\"s3:GetObject\",\"vpc-lattice-svcs:Invoke\"],"
					  "\"Resource\":\"*\"}}"),
				      &error);
	struct scene scene;

	(void)state;
	assert_non_null(p);
	scene_read(&scene, NULL);
	assert_int_equal(verdict_of(p, &scene.request), POLICY_ALLOWS);
	scene.request.action = AUTH_CONNECT;
	assert_int_equal(verdict_of(p, &scene.request), POLICY_SILENT);
	policy_put(p);
}

/* A request of the data path has nothing that a key of calls could be about. */
static void keys_of_calls_are_missing_from_requests(void **state)
{
	cJSON *json = json_parse(
		STR("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\","
		    "\"Condition\":{\"Null\":{\"vpc-lattice:AuthType\":\"true\","
		    "\"aws:RequestTag/team\":\"true\"}}}}"));
	struct policy *p = compile_as(POLICY_IDENTITY, json);
	struct scene scene;

	(void)state;
	scene_read(&scene, NULL);
	assert_int_equal(verdict_of(p, &scene.request), POLICY_ALLOWS);
	policy_put(p);
	cJSON_Delete(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_as_the_vectors_say),
		cmocka_unit_test(decides_about_calls_as_the_vectors_say),
		cmocka_unit_test(agrees_with_the_model),
		cmocka_unit_test(names_the_statement_and_what_failed),
		cmocka_unit_test(identities_policies_are_about_their_owner),
		cmocka_unit_test(keys_of_calls_are_missing_from_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
