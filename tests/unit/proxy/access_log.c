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

static struct log_memo memo;
static struct conn conn = { .peer = { .family = AF_INET, .port = 4711 } };
static struct snapshot snapshot;
static struct lease lease = { .snapshot = &snapshot };

/* The parsed line of @r; it has one newline, at its end. */
static cJSON *line_of(struct request *r)
{
	struct buf to;
	cJSON *json;

	r->lease = &lease;
	buf_init(&to, 1 << 20);
	access_log_write(&to, &memo, r, r->started_us + 5000);
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
	struct request r = { .conn = &conn, .lease = &lease };
	struct buf to;

	(void)state;
	buf_init(&to, 64);
	access_log_write(&to, &memo, &r, 1);
	assert_true(to.failed);
	assert_true(buf_len(&to) <= 64);
	buf_fini(&to);
}

static bool is_group(struct request *r, struct str arn)
{
	cJSON *json = line_of(r);
	bool is = str_eq(json_get_str(json, "targetGroupArn"), arn);

	cJSON_Delete(json);
	return is;
}

/* What stands at the same place in another snapshot is another group. */
static void places_are_kept_for_one_generation(void **state)
{
	struct snap_target_group a = { .arn = STR("arn:a") }, b = { .arn = STR("arn:b") };
	struct request r = { .conn = &conn, .group = &a };
	size_t i;

	(void)state;
	snapshot.generation = 7;
	for (i = 0; i < 2; i++) {
		r.group = &a;
		assert_true(is_group(&r, STR("arn:a")));
		r.group = &b;
		assert_true(is_group(&r, STR("arn:b")));
	}
	b.arn = STR("arn:c");
	assert_true(is_group(&r, STR("arn:b")));
	snapshot.generation++;
	assert_true(is_group(&r, STR("arn:c")));
}

static void places_that_are_too_long_are_not_kept(void **state)
{
	char quotes[256];
	struct snap_target_group group = { .arn = { quotes, sizeof(quotes) } };
	struct request r = { .conn = &conn, .group = &group };

	(void)state;
	memset(quotes, '"', sizeof(quotes));
	snapshot.generation++;
	assert_true(is_group(&r, group.arn));
	assert_true(is_group(&r, group.arn));
	group.arn = STR("arn:short");
	assert_true(is_group(&r, group.arn));
}

static void a_caller_is_told_with_its_tags_and_what_denied_it(void **state)
{
	const struct principal_tag at[] = { { STR("team"), STR("a\"b") }, { STR("x"), STR("") } };
	const struct principal p = { .arn = STR("arn:aws:iam::1:role/r"),
				     .org_id = STR("o-1"),
				     .tags = at,
				     .tag_count = 2 };
	struct request r = { .conn = &conn, .principal = &p };
	cJSON *json, *tags;

	(void)state;
	json = line_of(&r);
	assert_true(str_eq(json_get_str(json, "authDeniedReason"), STR("-")));
	assert_true(str_eq(json_get_str(json, "trialDeniedStatement"), STR("-")));
	cJSON_Delete(json);
	r.trial = (struct request_verdict){ .is_denied = true, .layer = AUTH_SERVICE };
	json = line_of(&r);
	assert_true(str_eq(json_get_str(json, "resolvedUser"), p.arn));
	assert_true(str_eq(json_get_str(json, "callerPrincipal"), p.arn));
	assert_true(str_eq(json_get_str(json, "callerPrincipalOrgID"), STR("o-1")));
	assert_true(str_eq(json_get_str(json, "authDeniedReason"), STR("-")));
	assert_true(str_eq(json_get_str(json, "trialDeniedReason"), auth_layer_name(AUTH_SERVICE)));
	assert_true(str_eq(json_get_str(json, "trialDeniedStatement"), STR("none")));
	tags = cJSON_GetObjectItem(json, "callerPrincipalTags");
	assert_int_equal(cJSON_GetArraySize(tags), 2);
	assert_true(str_eq(json_get_str(tags, "team"), at[0].value));
	cJSON_Delete(json);
}

/* The longest that each text may become still has room: all of it is escaped. */
static void every_text_may_need_its_longest_form(void **state)
{
	char quotes[4096];
	struct str all = { quotes, sizeof(quotes) };
	const struct principal_tag tag = { all, all };
	const struct principal p = { .arn = all, .org_id = all, .tags = &tag, .tag_count = 1 };
	const struct snap_vpc vpc = { .network_arn = all, .id = all, .arn = all };
	const struct snap_service service = { .arn = all };
	const struct snap_listener listener = { .protocol = all, .id = all };
	const struct snap_target_group group = { .arn = all, .vpc_id = all };
	struct request r = { .conn = &conn,
			     .id = all,
			     .vpc = &vpc,
			     .service = &service,
			     .listener = &listener,
			     .group = &group,
			     .principal = &p,
			     .status = 1 };

	(void)state;
	memset(quotes, 1, sizeof(quotes));
	r.http.method = all;
	r.http.path = all;
	r.http.authority = all;
	r.http.headers.at[0] = (struct http_header){ STR("user-agent"), all };
	r.http.headers.count = 1;
	cJSON_Delete(line_of(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bytes_are_valid_json),
		cmocka_unit_test(what_does_not_apply_is_a_dash),
		cmocka_unit_test(the_numbers_are_aws_s),
		cmocka_unit_test(a_full_buffer_is_told_and_not_written_past),
		cmocka_unit_test(places_are_kept_for_one_generation),
		cmocka_unit_test(places_that_are_too_long_are_not_kept),
		cmocka_unit_test(a_caller_is_told_with_its_tags_and_what_denied_it),
		cmocka_unit_test(every_text_may_need_its_longest_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
