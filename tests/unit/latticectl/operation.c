/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets and bodies from members. */
#include "latticectl/operation.c"
#include "latticectl/suggest.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
/* cmocka needs those above */
#include <cmocka.h>

static void check(const char *operation, const char *members, const char *uri, const char *body)
{
	struct cJSON *object = cJSON_Parse(members);
	struct str missing = { 0 };
	struct buf b;
	char *left;

	buf_init(&b, 4096);
	assert_int_equal(operation_build(operation_find(operation), object, &b, &missing), 0);
	assert_true(str_eq(buf_str(&b), str_of(uri)));
	left = cJSON_PrintUnformatted(object);
	assert_string_equal(left, body);
	free(left);
	buf_fini(&b);
	cJSON_Delete(object);
}

static void puts_members_where_the_operation_wants_them(void **state)
{
	(void)state;
	check("GetService", "{\"serviceIdentifier\":\"svc-1\"}", "/services/svc-1", "{}");
	check("CreateService", "{\"name\":\"a\"}", "/services", "{\"name\":\"a\"}");
	check("ListServices", "{\"maxResults\":5,\"nextToken\":\"a=b&c\"}",
	      "/services?maxResults=5&nextToken=a%3Db%26c", "{}");
	check("UntagResource", "{\"resourceArn\":\"a\",\"tagKeys\":[\"x\",\"y z\"]}",
	      "/tags/a?tagKeys=x&tagKeys=y%20z", "{}");
}

static void escapes_arns_in_labels(void **state)
{
	(void)state;
	check("GetService", "{\"serviceIdentifier\":\"arn:aws:x:service/svc-1\"}",
	      "/services/arn%3Aaws%3Ax%3Aservice%2Fsvc-1", "{}");
}

static void names_the_label_without_a_value(void **state)
{
	static const char *const bad[] = { "{}", "{\"serviceIdentifier\":\"\"}",
					   "{\"serviceIdentifier\":{}}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cJSON *object = cJSON_Parse(bad[i]);
		struct str missing = { 0 };
		struct buf b;

		buf_init(&b, 4096);
		assert_int_equal(
			operation_build(operation_find("GetService"), object, &b, &missing),
			-EINVAL);
		assert_true(str_eq(missing, STR("serviceIdentifier")));
		buf_fini(&b);
		cJSON_Delete(object);
	}
}

static void finds_the_nearest_operation(void **state)
{
	(void)state;
	assert_null(operation_find("GetServise"));
	assert_string_equal(operation_nearest("GetServise")->name, "GetService");
	assert_null(operation_nearest("zzzzzzzzzzzz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_members_where_the_operation_wants_them),
		cmocka_unit_test(escapes_arns_in_labels),
		cmocka_unit_test(names_the_label_without_a_value),
		cmocka_unit_test(finds_the_nearest_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
