/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of templates as members of the API, and how they compare. */
#include "latticectl/stack_type.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
/* cmocka needs those above */
#include <cmocka.h>

static void members(const char *properties, const char *wanted)
{
	struct cJSON *p = cJSON_Parse(properties), *m = stack_members(p);
	char *text = cJSON_PrintUnformatted(m);

	assert_string_equal(text, wanted);
	free(text);
	cJSON_Delete(p);
	cJSON_Delete(m);
}

static void properties_become_members(void **state)
{
	(void)state;
	members("{\"Name\":\"80\",\"Port\":\"80\",\"Config\":{\"HealthCheck\":{\"Enabled\":"
		"\"true\"}}}",
		"{\"name\":\"80\",\"port\":80,\"config\":{\"healthCheck\":{\"enabled\":true}}}");
	members("{\"Targets\":[{\"Id\":\"x\",\"Port\":8080}]}",
		"{\"targets\":[{\"id\":\"x\",\"port\":8080}]}");
	members("{\"Port\":\"eighty\",\"SharingConfig\":{\"enabled\":false}}",
		"{\"port\":\"eighty\",\"sharingConfig\":{\"enabled\":false}}");
}

static void tags_become_a_map(void **state)
{
	struct cJSON *m = cJSON_Parse("{\"name\":\"a\",\"tags\":[{\"key\":\"k\",\"value\":\"v\"},"
				      "{\"key\":\"e\"},{\"key\":\"k\",\"value\":\"w\"}]}");
	struct cJSON *tags = stack_take_tags(m);
	char *text = cJSON_PrintUnformatted(tags);

	(void)state;
	assert_string_equal(text, "{\"e\":\"\",\"k\":\"w\"}");
	assert_false(cJSON_HasObjectItem(m, "tags"));
	free(text);
	cJSON_Delete(tags);
	cJSON_Delete(m);
}

static void what_is_wanted_is_compared_alone(void **state)
{
	static const struct {
		const char *wanted, *current;
		bool same;
	} cases[] = {
		{ "{\"a\":1}", "{\"a\":1,\"b\":2}", true },
		{ "{\"a\":1}", "{\"b\":2}", false },
		{ "{}", "{}", true },
		{ "[{\"a\":1}]", "[{\"a\":1,\"b\":2}]", true },
		{ "[1]", "[1,2]", false },
		{ "\"arn:x:service/svc-1\"", "\"svc-1\"", true },
		{ "\"/live\"", "\"/ready\"", false },
		{ "\"a/b\"", "\"c/b\"", false },
		{ "true", "false", false },
		{ "1", "\"1\"", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cJSON *w = cJSON_Parse(cases[i].wanted), *c = cJSON_Parse(cases[i].current);

		assert_int_equal(stack_same(w, c), cases[i].same);
		cJSON_Delete(w);
		cJSON_Delete(c);
	}
}

static void an_identifier_is_described_as_an_id(void **state)
{
	struct cJSON *d =
		cJSON_Parse("{\"serviceNetworkId\":\"sn-1\",\"config\":{\"healthCheck\":{}}}");

	(void)state;
	assert_non_null(stack_current(d, "serviceNetworkIdentifier"));
	assert_non_null(stack_current(d, "healthCheck"));
	assert_null(stack_current(d, "serviceIdentifier"));
	assert_null(stack_current(d, "name"));
	cJSON_Delete(d);
}

static void types_are_found_by_both_names(void **state)
{
	(void)state;
	assert_ptr_equal(stack_type_find("AWS::VpcLattice::Rule"), stack_type_of_kind("RULE"));
	assert_null(stack_type_find("AWS::S3::Bucket"));
	assert_null(stack_type_of_kind("VPC"));
}

static void a_made_name_is_one(void **state)
{
	static const struct {
		const char *stack, *logical_id, *begins;
	} cases[] = {
		{ "shop", "Cart", "shop-cart-" },
		{ "AStackOfALongName", "CartServiceF00D", "astackofalong-cartservicef0-" },
		{ "svc", "tg", "" },
		{ "svc-tg", "x", "x-" },
		{ "__A__", "b_c", "a-b-c-" },
	};
	char name[STACK_NAME_BYTES], again[STACK_NAME_BYTES];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stack_make_name(cases[i].stack, cases[i].logical_id, name);
		stack_make_name(cases[i].stack, cases[i].logical_id, again);
		assert_string_equal(name, again);
		assert_int_equal(strncmp(name, cases[i].begins, strlen(cases[i].begins)), 0);
		assert_true(strlen(name) >= 12);
		for (k = 0; name[k]; k++)
			assert_true(name[k] != '-' || (k && name[k + 1] && name[k + 1] != '-'));
	}
	stack_make_name("shop", "Card", again);
	stack_make_name("shop", "Cart", name);
	assert_string_not_equal(name, again);
}

static void arns_are_the_same_to_the_letter(void **state)
{
	struct cJSON *a = cJSON_CreateString("arn:aws:s3:::one/logs");
	struct cJSON *b = cJSON_CreateString("arn:aws:s3:::two/logs");
	struct cJSON *id = cJSON_CreateString("logs");

	(void)state;
	assert_false(stack_same(a, b));
	assert_true(stack_same(a, a));
	assert_true(stack_same(a, id));
	cJSON_Delete(a);
	cJSON_Delete(b);
	cJSON_Delete(id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(properties_become_members),
		cmocka_unit_test(tags_become_a_map),
		cmocka_unit_test(what_is_wanted_is_compared_alone),
		cmocka_unit_test(an_identifier_is_described_as_an_id),
		cmocka_unit_test(types_are_found_by_both_names),
		cmocka_unit_test(a_made_name_is_one),
		cmocka_unit_test(arns_are_the_same_to_the_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
