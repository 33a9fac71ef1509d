/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/base/json.c: limits of reading, escapes of writing. */
#include "base/json.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void refuses_what_is_not_one_json_value(void **state)
{
	static const char *const bad[] = {
		"", "{", "{}x", "[1,]", "nul", "{\"a\":}", "\"a", "1 2"
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(json_parse(str_of(bad[i])));
	assert_null(json_parse((struct str){ "1\0", 2 }));
}

static void accepts_nesting_to_its_limit_only(void **state)
{
	char text[2 * (JSON_DEPTH_MAX + 1)];
	struct cJSON *v;

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX);
	memset(text + JSON_DEPTH_MAX, ']', JSON_DEPTH_MAX);
	v = json_parse((struct str){ text, 2 * JSON_DEPTH_MAX });
	assert_non_null(v);
	cJSON_Delete(v);
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_null(json_parse((struct str){ text, sizeof(text) }));
	v = json_parse(STR("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\""));
	assert_non_null(v);
	cJSON_Delete(v);
}

static void writes_escapes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 200);
	json_write_str(&b, STR("a\"b\\c\nd"));
	assert_true(str_eq(buf_str(&b), STR("\"a\\\"b\\\\c\\u000ad\"")));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_is_not_one_json_value),
		cmocka_unit_test(accepts_nesting_to_its_limit_only),
		cmocka_unit_test(writes_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
