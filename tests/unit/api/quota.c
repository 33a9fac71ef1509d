/* SPDX-License-Identifier: Apache-2.0 */
/* Quotas: each is kept, the double is reported first, and the operator's word counts. */
#include "api/quota.c"

#include "conversation.h"

static void over(struct fixture *f, const char *path, const char *body, const char *code)
{
	int before = f->changes;

	assert_int_equal(ask(f, "POST", path, body), 402);
	assert_true(str_eq(f->reply.error, STR("ServiceQuotaExceededException")));
	assert_string_equal(text(f, "quotaCode"), code);
	assert_string_equal(text(f, "serviceCode"), "vpc-lattice");
	assert_int_equal(f->changes, before);
}

static void every_quota_is_kept(void **state)
{
	struct fixture *f = *state;
	struct quotas q;
	size_t i;

	for (i = 0; i < QUOTA_COUNT; i++)
		q.max[i] = 1;
	q.max[QUOTA_TARGETS_PER_GROUP] = 2;
	f->on.quotas = &q;
	build_all(f);
	over(f, "/servicenetworks", "{\"name\":\"two\"}", "L-9CAD07FB");
	over(f, "/services", "{\"name\":\"two\"}", "L-620C821E");
	over(f, "/targetgroups",
	     fmt("{\"name\":\"two\",\"type\":\"IP\",\"config\":{\"vpcIdentifier\":\"%s\"}}",
		 f->vpc[1]),
	     "L-BB11C6B9");
	over(f, "/servicenetworkvpcassociations",
	     fmt("{\"serviceNetworkIdentifier\":\"%s\",\"vpcIdentifier\":\"%s\"}", f->network,
		 f->vpc[1]),
	     "L-EF6E2D62");
	over(f, fmt("/services/%s/listeners", f->service),
	     "{\"name\":\"two\",\"protocol\":\"HTTP\",\"port\":81,"
	     "\"defaultAction\":{\"fixedResponse\":{\"statusCode\":404}}}",
	     "L-D64E952E");
	over(f, fmt("/targetgroups/%s/registertargets", f->group),
	     "{\"targets\":[{\"id\":\"10.0.0.9\"}]}", "L-D71303F3");
	q.max[QUOTA_SERVICES] = 2;
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"two\"}"), 201);
	over(f, "/servicenetworkserviceassociations",
	     fmt("{\"serviceNetworkIdentifier\":\"%s\",\"serviceIdentifier\":\"%s\"}", f->network,
		 text(f, "id")),
	     "L-75D4A19E");
}

/* A rule of the service that forwards to the group. */
static const char *rule_to(int priority, const char *group)
{
	return fmt(
		"{\"name\":\"rule%d\",\"priority\":%d,"
		"\"match\":{\"httpMatch\":{\"method\":\"GET\"}},"
		"\"action\":{\"forward\":{\"targetGroups\":[{\"targetGroupIdentifier\":\"%s\"}]}}}",
		priority, priority, group);
}

static void a_service_forwards_to_so_many_groups(void **state)
{
	struct fixture *f = *state;
	struct quotas q;
	char second[64], path[256];

	quotas_init(&q);
	q.max[QUOTA_GROUPS_PER_SERVICE] = 1;
	f->on.quotas = &q;
	build_all(f);
	assert_int_equal(
		ask(f, "POST", "/targetgroups",
		    fmt("{\"name\":\"two\",\"type\":\"IP\",\"config\":{\"vpcIdentifier\":\"%s\"}}",
			f->vpc[1])),
		201);
	keep_id(f, second);
	snprintf(path, sizeof(path), "/services/%s/listeners/%s/rules", f->service, f->listener);
	assert_int_equal(ask(f, "POST", path, rule_to(1, f->group)), 201);
	over(f, path, rule_to(2, second), "L-3DEC3B9F");
	assert_int_equal(ask(f, "PATCH", fmt("/services/%s/listeners/%s", f->service, f->listener),
			     fmt("{\"defaultAction\":{\"forward\":{\"targetGroups\":"
				 "[{\"targetGroupIdentifier\":\"%s\"}]}}}",
				 second)),
			 402);
	q.max[QUOTA_GROUPS_PER_SERVICE] = 2;
	assert_int_equal(ask(f, "POST", path, rule_to(2, second)), 201);
}

static void a_double_is_reported_before_the_quota(void **state)
{
	struct fixture *f = *state;
	struct quotas q;

	quotas_init(&q);
	q.max[QUOTA_SERVICES] = 1;
	f->on.quotas = &q;
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"one\"}"), 201);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"one\"}"), 409);
}

static void quotas_and_their_use_are_listed(void **state)
{
	struct fixture *f = *state;
	const cJSON *item;

	build_all(f);
	assert_int_equal(ask(f, "GET", "/lattice/v1/quotas", ""), 200);
	assert_int_equal(items(f), QUOTA_COUNT);
	item = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(f->json, "items"),
				  QUOTA_SERVICES);
	assert_string_equal(json_get_str(item, "name").p, "services");
	assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(item, "value")),
			 2000);
	assert_int_equal(cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(item, "used")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_quota_is_kept),
		CASE(a_service_forwards_to_so_many_groups),
		CASE(a_double_is_reported_before_the_quota),
		CASE(quotas_and_their_use_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
