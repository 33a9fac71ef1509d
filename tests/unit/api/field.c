/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies and queries against tables: what passes, and which member is named when it does not. */
#include "api/field.c"

#include "base/array.h"
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static bool is_even(struct str s)
{
	return s.n % 2 == 0;
}

static const char *const colours[] = { "red", "green", NULL };
static const struct field number_item = { .type = FIELD_INTEGER, .min = 1, .max = 9 };
static const struct field text_item = { .type = FIELD_STRING, .min = 1, .max = 4 };

static const struct field inner_fields[] = {
	{ .name = "must", .type = FIELD_BOOLEAN, .required = true },
	{ .name = "list", .type = FIELD_LIST, .min = 1, .max = 2, .members = &number_item },
	{ 0 },
};

static const struct field choice_fields[] = {
	{ .name = "this", .type = FIELD_STRING, .max = 9 },
	{ .name = "that", .type = FIELD_INTEGER, .min = 0, .max = 9 },
	{ 0 },
};

static const struct field fields[] = {
	{ .name = "text",
	  .type = FIELD_STRING,
	  .min = 2,
	  .max = 6,
	  .matches = is_even,
	  .expected = "of even length" },
	{ .name = "colour", .type = FIELD_STRING, .values = colours },
	{ .name = "id", .type = FIELD_STRING, .max = 2048, .identifies = KIND_SERVICE },
	{ .name = "inner", .type = FIELD_OBJECT, .members = inner_fields },
	{ .name = "choice", .type = FIELD_UNION, .members = choice_fields },
	{ .name = "tags", .type = FIELD_MAP, .max = 2 },
	{ .name = "free", .type = FIELD_ANY },
	{ 0 },
};

/* Is @text refused at @field (NULL: it passes)? */
static void body(const char *text, const char *field)
{
	struct fault fault = { 0 };
	cJSON *object = cJSON_Parse(text);
	int err = field_check_object(object, fields, &fault);

	assert_non_null(object);
	cJSON_Delete(object);
	assert_int_equal(err, field ? -1 : 0);
	assert_string_equal(fault.field, field ? field : "");
	assert_int_equal(fault.code, field ? FAULT_VALIDATION : FAULT_NONE);
}

static void bodies_follow_their_table(void **state)
{
	static const struct {
		const char *text, *field;
	} cases[] = {
		{ "{}", NULL },
		{ "{\"text\":\"ab\",\"colour\":\"red\",\"free\":[{}]}", NULL },
		{ "{\"text\":null}", NULL },
		{ "{\"text\":\"a\"}", "text" },
		{ "{\"text\":\"abc\"}", "text" },
		{ "{\"text\":\"abcdefgh\"}", "text" },
		{ "{\"text\":1}", "text" },
		{ "{\"text\":\"\xc3\x28\"}", "text" },
		{ "{\"text\":\"\xc3\xbc\"}", NULL },
		{ "{\"text\":\"\xed\xa0\x80\xed\"}", "text" },
		{ "{\"colour\":\"blue\"}", "colour" },
		{ "{\"Colour\":\"red\"}", "Colour" },
		{ "{\"colour\":\"red\",\"colour\":\"red\"}", "colour" },
		{ "{\"id\":\"svc-0123456789abcdef0\"}", NULL },
		{ "{\"id\":\"sn-0123456789abcdef0\"}", "id" },
		{ "{\"inner\":{\"must\":true,\"list\":[1,9]}}", NULL },
		{ "{\"inner\":{}}", "inner.must" },
		{ "{\"inner\":{\"must\":\"true\"}}", "inner.must" },
		{ "{\"inner\":[]}", "inner" },
		{ "{\"inner\":{\"must\":true,\"list\":[]}}", "inner.list" },
		{ "{\"inner\":{\"must\":true,\"list\":[1,2,3]}}", "inner.list" },
		{ "{\"inner\":{\"must\":true,\"list\":[1,10]}}", "inner.list[1]" },
		{ "{\"inner\":{\"must\":true,\"list\":[1.5]}}", "inner.list[0]" },
		{ "{\"inner\":{\"must\":true,\"list\":[1e99]}}", "inner.list[0]" },
		{ "{\"choice\":{\"this\":\"a\"}}", NULL },
		{ "{\"choice\":{}}", "choice" },
		{ "{\"choice\":{\"this\":null,\"that\":5}}", NULL },
		{ "{\"choice\":{\"this\":\"a\",\"that\":5}}", "choice" },
		{ "{\"choice\":{\"other\":1}}", "choice.other" },
		{ "{\"tags\":{\"a\":\"\",\"b\":\"c\"}}", NULL },
		{ "{\"tags\":{\"a\":1}}", "tags.a" },
		{ "{\"tags\":{\"\":\"x\"}}", "tags" },
		{ "{\"tags\":{\"a\":\"x\",\"a\":\"y\"}}", "tags" },
		{ "{\"tags\":{\"AWS:a\":\"x\"}}", "tags" },
		{ "{\"tags\":{\"a\":\"\",\"b\":\"\",\"c\":\"\"}}", "tags" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		body(cases[i].text, cases[i].field);
}

static const struct field query_fields[] = {
	{ .name = "must", .type = FIELD_STRING, .required = true, .min = 1, .max = 9 },
	{ .name = "max", .type = FIELD_INTEGER, .min = 1, .max = 100 },
	{ .name = "deep", .type = FIELD_BOOLEAN },
	{ .name = "key", .type = FIELD_LIST, .min = 1, .max = 2, .members = &text_item },
	{ 0 },
};

/* What @text is read to, or the member at fault after "!". */
static void query(const char *text, const char *wanted)
{
	cJSON *into = cJSON_CreateObject();
	struct fault fault = { 0 };
	char got[256], *printed;

	if (field_read_query(str_of(text), query_fields, into, &fault) < 0) {
		snprintf(got, sizeof(got), "!%s", fault.field);
	} else {
		printed = cJSON_PrintUnformatted(into);
		snprintf(got, sizeof(got), "%s", printed);
		free(printed);
	}
	cJSON_Delete(into);
	assert_string_equal(got, wanted);
}

static void queries_follow_their_table(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
		{ "must=a", "{\"must\":\"a\"}" },
		{ "must=a%20b&max=5&deep=true", "{\"must\":\"a b\",\"max\":5,\"deep\":true}" },
		{ "&must=a&&", "{\"must\":\"a\"}" },
		{ "must=a+b", "{\"must\":\"a+b\"}" },
		{ "key=a&must=m&key=b%26", "{\"key\":[\"a\",\"b&\"],\"must\":\"m\"}" },
		{ "", "!must" },
		{ "max=5", "!must" },
		{ "must=", "!must" },
		{ "must=a&must=b", "!must" },
		{ "must=%zz", "!must" },
		{ "must=%00", "!must" },
		{ "must=%e", "!must" },
		{ "must=a&max=0", "!max" },
		{ "must=a&max=101", "!max" },
		{ "must=a&max=x", "!max" },
		{ "must=a&max=-1", "!max" },
		{ "must=a&deep=yes", "!deep" },
		{ "must=a&key=", "!key" },
		{ "must=a&key=abcde", "!key" },
		{ "must=a&key=a&key=b&key=c", "!key" },
		{ "must=a&other=1", "!other" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		query(cases[i].text, cases[i].wanted);
}

static void a_table_that_takes_anything_takes_anything(void **state)
{
	static const struct field any[] = { { .name = "*", .type = FIELD_ANY }, { 0 } };
	cJSON *object = cJSON_Parse("{\"a\":1,\"b\":{\"c\":[]}}");
	struct fault fault = { 0 };

	(void)state;
	assert_int_equal(field_check_object(object, any, &fault), 0);
	assert_int_equal(field_check_object(object, NULL, &fault), -1);
	cJSON_Delete(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_follow_their_table),
		cmocka_unit_test(queries_follow_their_table),
		cmocka_unit_test(a_table_that_takes_anything_takes_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
