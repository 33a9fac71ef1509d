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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(properties_become_members),
		cmocka_unit_test(tags_become_a_map),
		cmocka_unit_test(what_is_wanted_is_compared_alone),
		cmocka_unit_test(an_identifier_is_described_as_an_id),
		cmocka_unit_test(types_are_found_by_both_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
