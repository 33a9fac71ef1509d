/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/auth/policy_parse.c: what is refused and in which words, and where limits are. */
#include "auth/policy_parse.c"

#include "auth/policy_index.h"
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../faults.h"

FAULT(calloc, void *, NULL, (size_t n, size_t size), (n, size))
FAULT(malloc, void *, NULL, (size_t n), (n))
FAULT(arena_alloc, void *, NULL, (struct arena * a, size_t size, size_t align, size_t n),
      (a, size, align, n))
FAULT(arena_copy, struct str, (struct str){ 0 }, (struct arena * a, struct str s), (a, s))
FAULT(arena_cstr, char *, NULL, (struct arena * a, struct str s), (a, s))

static bool refused_as(const cJSON *item)
{
	struct str kind = json_get_str(item, "kind");
	const char *where = cJSON_GetObjectItem(item, "where")->valuestring;
	const char *why = cJSON_GetObjectItem(item, "why")->valuestring;
	struct policy_error error;
	struct policy *p;

	p = policy_new(str_eq(kind, STR("identity")) ? POLICY_IDENTITY : POLICY_RESOURCE,
		       json_get_str(item, "policy"), &error);
	if (!p && !strcmp(error.where, where) && !strcmp(error.why, why))
		return true;
	print_error(STR_FMT "\n is %s: %s: %s\n", STR_ARG(json_get_str(item, "policy")),
		    p ? "accepted" : "refused", error.where, error.why);
	policy_put(p);
	return false;
}

static void refuses_as_the_vectors_say(void **state)
{
	cJSON *cases = scene_load("tests/vectors/policy/refused.json");
	unsigned failed = 0;
	const cJSON *item;

	(void)state;
	cJSON_ArrayForEach (item, cases)
		failed += !refused_as(item);
	cJSON_Delete(cases);
	assert_int_equal(failed, 0);
}

/* "{...,"Statement":[" and @count times @statement, of which each %zu is its number. */
static struct policy *repeat(const char *statement, size_t count, struct policy_error *error)
{
	struct policy *p;
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	buf_add_lit(&b, "{\"Version\":\"2012-10-17\",\"Statement\":[");
	for (i = 0; i < count; i++) {
		struct str_cut c = str_cut(str_of(statement), '#');

		buf_add(&b, i ? STR(",") : STR(""));
		buf_add(&b, c.head);
		if (c.found)
			buf_add_u64(&b, i);
		buf_add(&b, c.tail);
	}
	buf_add_lit(&b, "]}");
	p = policy_new(POLICY_RESOURCE, buf_str(&b), error);
	buf_fini(&b);
	return p;
}

#define PLAIN "{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\""

static void bounds_statements_keys_and_bytes(void **state)
{
	static char spaces[POLICY_TEXT_BYTES_MAX + 1];
	const char *keyed = PLAIN ",\"Condition\":{\"Null\":{\"aws:PrincipalTag/#\":\"true\"}}}";
	struct policy_error error;
	struct policy *p;

	(void)state;
	p = repeat(PLAIN "}", 512, &error);
	assert_non_null(p);
	assert_int_equal(p->statement_count, 512);
	policy_put(p);
	assert_null(repeat(PLAIN "}", 513, &error));
	assert_string_equal(error.why, "must have 1 to 512 statements");

	p = repeat(keyed, 128, &error);
	assert_non_null(p);
	policy_put(p);
	assert_null(repeat(keyed, 129, &error));
	assert_string_equal(error.why, "is one key too many: a policy may name 128");
	assert_string_equal(error.where, "statement 129, Condition/Null/aws:PrincipalTag/128");

	memset(spaces, ' ', sizeof(spaces));
	assert_null(policy_new(POLICY_RESOURCE, (struct str){ spaces, sizeof(spaces) }, &error));
	assert_string_equal(error.why, "has more than 36864 bytes");
	assert_null(
		policy_new(POLICY_RESOURCE, (struct str){ spaces, sizeof(spaces) - 1 }, &error));
	assert_string_equal(error.why, "is not valid JSON");
}

/* One of everything that takes memory. */
#define RICH                                                                                       \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"S\",\"Effect\":\"Allow\","          \
	"\"Principal\":{\"AWS\":[\"123456789012\"]},\"Action\":\"vpc-lattice-svcs:Invoke\","       \
	"\"Resource\":[\"*/a/${aws:username}\",\"arn:aws:vpc-lattice:*:*:service/*/b\"],"          \
	"\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/x\":[\"a\",\"b\"]},\"ArnLike\":"      \
	"{\"aws:PrincipalArn\":\"arn:*:*:*:*:*\"},\"NumericEquals\":{\"vpc-lattice-svcs:Port\":"   \
	"80},"                                                                                     \
	"\"Bool\":{\"aws:SecureTransport\":true},\"BinaryEquals\":{\"aws:UserAgent\":\"aGVs\"}}}," \
	"{\"Effect\":\"Deny\",\"NotPrincipal\":\"*\",\"NotAction\":\"*\",\"NotResource\":\"*/c\"," \
	"\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/x\":\"c\"}}}]}"

/* Whichever piece of memory is missing, the document is refused and nothing leaks. */
static void survives_every_shortage(void **state)
{
	size_t room, refused = 0;

	(void)state;
	for (room = 0; room < 1 << 20; room += 16) {
		struct policy_error error = { .why = "" };
		struct policy *p = calloc(1, sizeof(*p));
		bool done;

		assert_non_null(p);
		atomic_init(&p->refs, 1);
		arena_init(&p->arena, room);
		p->text = STR(RICH);
		done = policy_parse(p, &error) == 0;
		if (done)
			p->index = policy_index_new(&p->arena, p);
		done = done && p->index;
		policy_put(p);
		if (done)
			break;
		refused++;
	}
	assert_true(refused > 10);
	assert_true(room < 1 << 20);
}

static bool compiles(void *ctx)
{
	struct policy_error error = { .why = "" };
	struct policy *p = policy_new(POLICY_RESOURCE, STR(RICH), &error);

	(void)ctx;
	if (!p)
		assert_non_null(strstr(error.why, "finds no memory"));
	policy_put(p);
	return p;
}

/* And it says so, instead of something that is not true. */
static void memory_is_named_when_it_is_what_is_missing(void **state)
{
	(void)state;
	faults_each(compiles, NULL);
}

static void keeps_the_text_as_it_was_given(void **state)
{
	struct str text = STR(" {\n\"Statement\" : " PLAIN " } }\n");
	struct policy_error error;
	struct policy *p = policy_new(POLICY_RESOURCE, text, &error);

	(void)state;
	assert_non_null(p);
	assert_true(str_eq(p->text, text));
	assert_ptr_equal(policy_get(p), p);
	policy_put(p);
	policy_put(p);
	policy_put(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_as_the_vectors_say),
		cmocka_unit_test(bounds_statements_keys_and_bytes),
		cmocka_unit_test(survives_every_shortage),
		cmocka_unit_test(memory_is_named_when_it_is_what_is_missing),
		cmocka_unit_test(keeps_the_text_as_it_was_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
