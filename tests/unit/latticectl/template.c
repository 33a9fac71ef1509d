/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: functions, conditions, parameters, and the order of resources. */
#include "latticectl/template.c"
#include "latticectl/template_function.c"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
/* cmocka needs those above */
#include <cmocka.h>

/* A template of @text with its parameters settled. */
static void load(struct template *t, const char *text)
{
	*t = (struct template){ .root = cJSON_Parse(text),
				.values = cJSON_CreateObject(),
				.live = cJSON_CreateObject() };
	assert_non_null(t->root);
	cJSON_AddStringToObject(t->values, "AWS::Region", "us-east-1");
}

/* What @text evaluates to, as text; "!" and why when it does not. */
static void expect(struct template *t, const char *text, const char *wanted)
{
	struct cJSON *value = cJSON_Parse(text), *v = NULL;
	char got[512];

	assert_non_null(value);
	t->fault[0] = '\0';
	switch (template_eval(t, value, &v)) {
	case TEMPLATE_DONE: {
		char *printed = cJSON_PrintUnformatted(v);

		snprintf(got, sizeof(got), "%s", printed);
		free(printed);
		break;
	}
	case TEMPLATE_NO_VALUE:
		snprintf(got, sizeof(got), "none");
		break;
	case TEMPLATE_FAILED:
		snprintf(got, sizeof(got), "!%s", t->fault);
		break;
	}
	if (got[0] != '!')
		cJSON_Delete(v);
	cJSON_Delete(value);
	assert_string_equal(got, wanted);
}

static void functions_yield_what_cloudformation_says(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "{\"Ref\":\"P\"}", "\"v\"" },
		{ "{\"Ref\":\"AWS::NoValue\"}", "none" },
		{ "[1,{\"Ref\":\"AWS::NoValue\"},{\"Ref\":\"P\"}]", "[1,\"v\"]" },
		{ "{\"a\":{\"Ref\":\"AWS::NoValue\"},\"b\":true}", "{\"b\":true}" },
		{ "{\"Fn::Join\":[\"-\",[\"a\",1,{\"Ref\":\"P\"}]]}", "\"a-1-v\"" },
		{ "{\"Fn::Join\":[\",\",{\"Ref\":\"L\"}]}", "\"x,y\"" },
		{ "{\"Fn::Select\":[1,{\"Ref\":\"L\"}]}", "\"y\"" },
		{ "{\"Fn::Select\":[\"0\",{\"Fn::Split\":[\"::\",\"a::b\"]}]}", "\"a\"" },
		{ "{\"Fn::Split\":[\"x\",\"axxb\"]}", "[\"a\",\"\",\"b\"]" },
		{ "{\"Fn::Sub\":\"${P}/${!P}/${AWS::Region}$\"}", "\"v/${P}/us-east-1$\"" },
		{ "{\"Fn::Sub\":[\"${Q}${P}\",{\"Q\":{\"Ref\":\"P\"}}]}", "\"vv\"" },
		{ "{\"Fn::Sub\":\"${Made.Id} ${Made.DnsEntry.DomainName}\"}", "\"svc-1 d\"" },
		{ "{\"Ref\":\"Made\"}", "\"arn:1\"" },
		{ "{\"Fn::GetAtt\":[\"Made\",\"DnsEntry.DomainName\"]}", "\"d\"" },
		{ "{\"Fn::GetAtt\":\"Made.Id\"}", "\"svc-1\"" },
		{ "{\"Ref\":\"Later\"}", "\"(known after apply)\"" },
		{ "{\"Fn::If\":[\"Yes\",\"a\",\"b\"]}", "\"a\"" },
		{ "{\"Fn::If\":[\"No\",\"a\",{\"Ref\":\"P\"}]}", "\"v\"" },
		{ "{\"Condition\":{\"StringEquals\":{\"a\":\"b\"}}}",
		  "{\"Condition\":{\"StringEquals\":{\"a\":\"b\"}}}" },
		{ "{\"Ref\":\"P\",\"x\":1}", "{\"Ref\":\"P\",\"x\":1}" },
	};
	struct template t;
	size_t i;

	(void)state;
	load(&t, "{\"Parameters\":{\"P\":{\"Type\":\"String\",\"Default\":\"v\"},"
		 "\"L\":{\"Type\":\"CommaDelimitedList\",\"Default\":\"x,y\"}},"
		 "\"Conditions\":{\"Yes\":{\"Fn::Equals\":[{\"Ref\":\"P\"},\"v\"]},"
		 "\"No\":{\"Fn::Not\":[{\"Fn::And\":[{\"Condition\":\"Yes\"},"
		 "{\"Fn::Or\":[{\"Condition\":\"Yes\"},{\"Fn::Equals\":[\"1\",1]}]}]}]}}}");
	cJSON_AddItemToObject(t.live, "Made",
			      cJSON_Parse("{\"id\":\"svc-1\",\"arn\":\"arn:1\",\"dnsEntry\":{"
					  "\"domainName\":\"d\"}}"));
	cJSON_AddNullToObject(t.live, "Later");
	assert_int_equal(template_settle_parameters(&t), 0);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		expect(&t, cases[i].text, cases[i].wanted);
	template_fini(&t);
}

static void what_cannot_be_evaluated_is_said(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "{\"Fn::ImportValue\":\"x\"}",
		  "!Fn::ImportValue: give x a value: --set x=VALUE" },
		{ "{\"Fn::FindInMap\":[\"x\",\"y\",\"z\"]}", "!Fn::FindInMap: there is no x" },
		{ "{\"Fn::Cidr\":\"x\"}", "!Fn::Cidr is not supported" },
		{ "{\"Ref\":1}", "!Ref: takes a name" },
		{ "{\"Fn::Select\":[7,[\"a\"]]}", "!Fn::Select: the list is too short" },
		{ "{\"Fn::Select\":[0]}", "!Fn::Select: takes an index and a list" },
		{ "{\"Fn::Split\":[\"\",\"a\"]}", "!Fn::Split: takes a text and a text" },
		{ "{\"Fn::Join\":\"a\"}", "!Fn::Join: takes a text and a list" },
		{ "{\"Fn::GetAtt\":[\"a\"]}", "!Fn::GetAtt: takes a resource and an attribute" },
		{ "{\"Fn::GetAtt\":[\"Made\",\"Color\"]}", "!Made has no attribute Color" },
		{ "{\"Fn::If\":[\"Loop\",1,2]}", "!the condition Loop refers to itself" },
		{ "{\"Fn::If\":[\"None\",1,2]}", "!the condition None does not exist" },
		{ "{\"Fn::Sub\":[\"${Q}\",{\"Q\":[1]}]}", "!Fn::Sub: Q is not a text" },
		{ "[{\"a\":{\"Ref\":\"Gone\"}}]",
		  "!Gone is skipped or does not exist; give what refers to it a value: "
		  "--set Gone=VALUE" },
	};
	struct template t;
	size_t i;

	(void)state;
	load(&t, "{\"Conditions\":{\"Loop\":{\"Fn::Not\":[{\"Condition\":\"Loop\"}]}}}");
	cJSON_AddItemToObject(t.live, "Made", cJSON_Parse("{\"id\":\"svc-1\"}"));
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		expect(&t, cases[i].text, cases[i].wanted);
	template_fini(&t);
}

static void parameters_are_set_or_have_defaults(void **state)
{
	struct template t;

	(void)state;
	load(&t, "{\"Parameters\":{\"A\":{\"Type\":\"String\"},"
		 "\"B\":{\"Type\":\"Number\",\"Default\":5}}}");
	assert_int_equal(template_settle_parameters(&t), -1);
	assert_non_null(strstr(t.fault, "parameter A"));
	assert_int_equal(template_set(&t, "A"), -1);
	assert_int_equal(template_set(&t, "=x"), -1);
	assert_int_equal(template_set(&t, "A=x=y"), 0);
	assert_int_equal(template_settle_parameters(&t), 0);
	expect(&t, "{\"Fn::Sub\":\"${A} ${B}\"}", "\"x=y 5\"");
	template_fini(&t);
}

static void resources_follow_what_they_refer_to(void **state)
{
	const struct cJSON *order[TEMPLATE_RESOURCES_MAX];
	struct template t;
	size_t n;

	(void)state;
	load(&t,
	     "{\"Resources\":{"
	     "\"F\":{\"DependsOn\":\"E\"},"
	     "\"E\":{\"DependsOn\":[\"A\",\"D\"]},"
	     "\"D\":{\"Properties\":{\"x\":{\"Fn::Join\":[\"\",[{\"Fn::Sub\":\"a${C.Id}\"}]]}}},"
	     "\"C\":{\"Properties\":{\"x\":[{\"Fn::GetAtt\":[\"B\",\"Id\"]}]}},"
	     "\"B\":{\"Properties\":{\"x\":{\"Ref\":\"A\"},\"y\":{\"Ref\":\"AWS::Region\"}}},"
	     "\"A\":{}}}");
	assert_int_equal(template_order(&t, order, &n), 0);
	assert_int_equal(n, 6);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(order[i]->string[0], 'A' + (int)i);
	template_fini(&t);
	load(&t, "{\"Resources\":{\"A\":{\"DependsOn\":\"B\"},\"B\":{\"DependsOn\":\"A\"}}}");
	assert_int_equal(template_order(&t, order, &n), -1);
	template_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_yield_what_cloudformation_says),
		cmocka_unit_test(what_cannot_be_evaluated_is_said),
		cmocka_unit_test(parameters_are_set_or_have_defaults),
		cmocka_unit_test(resources_follow_what_they_refer_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
