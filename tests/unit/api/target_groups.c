/* SPDX-License-Identifier: Apache-2.0 */
/* Changing what exists: health checks, services, networks, associations. */
#include "api/target_groups.c"

#include "conversation.h"

static const cJSON *health_check(const struct fixture *f)
{
	return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(f->json, "config"),
						"healthCheck");
}

static double number(const cJSON *of, const char *name)
{
	return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(of, name));
}

static void a_health_check_keeps_what_an_update_does_not_name(void **state)
{
	struct fixture *f = *state;
	const char *path;

	build_all(f);
	path = fmt("/targetgroups/%s", f->group);
	assert_int_equal(
		ask(f, "PATCH", path,
		    "{\"healthCheck\":{\"path\":\"/ready\",\"port\":9000,"
		    "\"healthCheckIntervalSeconds\":7,\"matcher\":{\"httpCode\":\"204\"}}}"),
		200);
	assert_int_equal(ask(f, "PATCH", path,
			     "{\"healthCheck\":{\"enabled\":false,"
			     "\"healthCheckIntervalSeconds\":0}}"),
			 200);
	assert_string_equal(text(f, "status"), "ACTIVE");
	assert_int_equal(ask(f, "GET", path, ""), 200);
	assert_string_equal(json_get_str(health_check(f), "path").p, "/ready");
	assert_int_equal(number(health_check(f), "port"), 9000);
	assert_int_equal(number(health_check(f), "healthCheckIntervalSeconds"), 30);
	assert_true(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(health_check(f), "enabled")));
	assert_int_equal(ask(f, "PATCH", path, "{\"healthCheck\":{\"port\":0}}"), 200);
	assert_false(cJSON_HasObjectItem(health_check(f), "port"));
}

static void a_bad_health_check_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *path;

	build_all(f);
	path = fmt("/targetgroups/%s", f->group);
	assert_int_equal(ask(f, "PATCH", path, "{}"), 400);
	assert_int_equal(ask(f, "PATCH", path, "{\"healthCheck\":{\"healthyThresholdCount\":1}}"),
			 400);
	assert_non_null(strstr(text(f, "message"), "healthCheck.healthyThresholdCount"));
	assert_int_equal(ask(f, "PATCH", path, "{\"healthCheck\":{\"path\":\"x\"}}"), 400);
	assert_int_equal(ask(f, "PATCH", path, "{\"name\":\"other\"}"), 400);
}

static void a_service_changes_its_idle_timeout(void **state)
{
	struct fixture *f = *state;
	const char *path;

	build_all(f);
	path = fmt("/services/%s", f->service);
	f->changes = 0;
	assert_int_equal(ask(f, "PATCH", path,
			     "{\"idleTimeoutSeconds\":90,\"certificateArn\":\"\","
			     "\"authType\":\"NONE\"}"),
			 200);
	assert_int_equal(f->changes, 1);
	assert_string_equal(text(f, "name"), "cart");
	assert_int_equal(ask(f, "GET", path, ""), 200);
	assert_int_equal(number(f->json, "idleTimeoutSeconds"), 90);
	assert_int_equal(ask(f, "PATCH", path, "{\"idleTimeoutSeconds\":601}"), 400);
	assert_int_equal(ask(f, "PATCH", path, "{\"name\":\"other\"}"), 400);
}

static void networks_and_associations_change(void **state)
{
	struct fixture *f = *state;
	const char *path;

	build_all(f);
	assert_int_equal(
		ask(f, "PATCH", fmt("/servicenetworks/%s", f->network), "{\"authType\":\"NONE\"}"),
		200);
	assert_string_equal(text(f, "authType"), "NONE");
	assert_int_equal(ask(f, "PATCH", fmt("/servicenetworks/%s", f->network), "{}"), 400);
	path = fmt("/servicenetworkvpcassociations/%s", f->vpc_assoc);
	assert_int_equal(ask(f, "PATCH", path, "{\"privateDnsEnabled\":true}"), 200);
	assert_string_equal(text(f, "status"), "UPDATE_IN_PROGRESS");
	assert_int_equal(ask(f, "GET", path, ""), 200);
	assert_string_equal(text(f, "status"), "ACTIVE");
	assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(f->json, "privateDnsEnabled")));
	assert_int_equal(ask(f, "PATCH", path, "{\"securityGroupIds\":[\"sg-0123456789abcdef0\"]}"),
			 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_health_check_keeps_what_an_update_does_not_name),
		CASE(a_bad_health_check_is_refused),
		CASE(a_service_changes_its_idle_timeout),
		CASE(networks_and_associations_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
