/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/access_log.c: one line of JSON a request, whatever the request held. */
#include "proxy/access_log.c"

#include "base/json.h"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct log_clock log_clock;
static struct conn conn = { .peer = { .family = AF_INET, .port = 4711 } };

/* The parsed line of @r; it has one newline, at its end. */
static cJSON *line_of(const struct request *r)
{
	struct buf to;
	cJSON *json;

	buf_init(&to, 1 << 20);
	access_log_write(&to, &log_clock, r, r->started_us + 5000);
	assert_false(to.failed);
	assert_ptr_equal(memchr(to.p, '\n', buf_len(&to)), to.p + to.end - 1);
	json = json_parse(str_first(buf_str(&to), buf_len(&to) - 1));
	assert_non_null(json);
	buf_fini(&to);
	return json;
}

static void any_bytes_are_valid_json(void **state)
{
	char bytes[256];
	struct str all = { bytes, sizeof(bytes) };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	for (i = 0; i < 256; i++) {
		struct str one = { bytes + i, 1 };
		struct request r = { .conn = &conn, .id = one };
		cJSON *json;

		r.http.method = i % 2 ? all : one;
		r.http.path = one;
		r.http.authority = all;
		r.http.headers.at[0] = (struct http_header){ STR("user-agent"), one };
		r.http.headers.count = 1;
		json = line_of(&r);
		assert_true(cJSON_IsString(cJSON_GetObjectItem(json, "requestPath")));
		cJSON_Delete(json);
	}
}

static void what_does_not_apply_is_a_dash(void **state)
{
	struct request r = { .conn = &conn, .id = STR("id-1"), .status = 404 };
	cJSON *json = line_of(&r);

	(void)state;
	assert_true(str_eq(json_get_str(json, "targetGroupArn"), STR("-")));
	assert_true(str_eq(json_get_str(json, "failureReason"), STR("-")));
	assert_true(str_eq(json_get_str(json, "userAgent"), STR("-")));
	assert_true(str_eq(json_get_str(json, "sourceIpPort"), STR("0.0.0.0:4711")));
	assert_int_equal(cJSON_GetObjectItem(json, "responseCode")->valueint, 404);
	assert_int_equal(cJSON_GetObjectItem(json, "duration")->valueint, 5);
	assert_true(str_eq(json_get_str(json, "callerPrincipalTags"), STR("-")));
	assert_true(str_eq(json_get_str(json, "sslCipher"), STR("-")));
	assert_int_equal(cJSON_GetObjectItem(json, "targetAttempts")->valueint, 0);
	cJSON_Delete(json);
}

static void the_numbers_are_aws_s(void **state)
{
	struct snap_target_group group = { .arn = STR("arn:tg"), .vpc_id = STR("vpc-2") };
	struct snap_target target = { .addr = { .family = AF_INET, .port = 80 } };
	struct request r = { .conn = &conn,
			     .group = &group,
			     .target = &target,
			     .status = 200,
			     .head_bytes = 100,
			     .to_target = { .bytes = 11 },
			     .response_head_bytes = 50,
			     .to_client = { .bytes = 7 },
			     .started_us = 1000000,
			     .sent_us = 1002000,
			     .answered_us = 1004000 };
	cJSON *json = line_of(&r);

	(void)state;
	assert_int_equal(cJSON_GetObjectItem(json, "bytesReceived")->valueint, 111);
	assert_int_equal(cJSON_GetObjectItem(json, "bytesSent")->valueint, 57);
	assert_int_equal(cJSON_GetObjectItem(json, "requestToTargetDuration")->valueint, 2);
	assert_int_equal(cJSON_GetObjectItem(json, "responseFromTargetDuration")->valueint, 1);
	assert_true(str_eq(json_get_str(json, "targetIpPort"), STR("0.0.0.0:80")));
	assert_true(str_eq(json_get_str(json, "destinationVpcId"), STR("vpc-2")));
	cJSON_Delete(json);
}

static void a_full_buffer_is_told_and_not_written_past(void **state)
{
	struct request r = { .conn = &conn };
	struct buf to;

	(void)state;
	buf_init(&to, 64);
	access_log_write(&to, &log_clock, &r, 1);
	assert_true(to.failed);
	assert_true(buf_len(&to) <= 64);
	buf_fini(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bytes_are_valid_json),
		cmocka_unit_test(what_does_not_apply_is_a_dash),
		cmocka_unit_test(the_numbers_are_aws_s),
		cmocka_unit_test(a_full_buffer_is_told_and_not_written_past),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
