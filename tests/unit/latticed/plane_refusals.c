/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/latticed/plane_refusals.c and of what a refusal keeps. */
#include "latticed/plane_refusals.c"

#include "proxy/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct principal_tag tag = { { "team", 4 }, { "red", 3 } };
static const struct str path = { "o-1/r-1/", 8 };

/* A refused request whose own memory is gone when this returns. */
static struct refusal *make(const char *id)
{
	char text[64];
	struct policy_error error;
	struct policy *p = policy_new(POLICY_IDENTITY,
				      STR("{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\","
					  "\"Resource\":\"*\"}}"),
				      &error);
	struct snap_vpc vpc = { .network_id = STR("sn-1") };
	struct auth_gate network = { true, p, p };
	struct snap_service service = { .id = STR("svc-1"), .auth = { true, p, NULL } };
	struct principal who = { .type = PRINCIPAL_USER,
				 .arn = STR("arn:u"),
				 .tags = &tag,
				 .tag_count = 1,
				 .org_paths = &path,
				 .org_path_count = 1,
				 .policy = p };
	struct sock_addr source = { .family = 2, .port = 7 };
	struct request *r = calloc(1, sizeof(*r));
	struct auth_request q = { .principal = &who,
				  .source = &source,
				  .resource_tags = &tag,
				  .resource_tag_count = 1,
				  .now_ms = 5 };
	struct refusal *f;

	assert_non_null(r);
	snprintf(text, sizeof(text), "%s", id);
	r->id = str_of(text);
	r->vpc = &vpc;
	r->service = &service;
	r->http.headers.count = 1;
	r->http.headers.at[0] = (struct http_header){ STR("x"), str_of(text) };
	q.path = str_of(text);
	q.headers = &r->http.headers;
	f = refusal_new(r, &network, &q);
	assert_non_null(f);
	policy_put(p);
	memset(text, 'x', sizeof(text));
	free(r);
	return f;
}

static void keeps_all_that_was_known(void **state)
{
	struct plane_refusals all;
	const struct refusal *f;

	(void)state;
	plane_refusals_init(&all);
	plane_refusals_take(&all, make("id-1"));
	assert_null(plane_refusals_find(&all, STR("id-2")));
	f = plane_refusals_find(&all, STR("id-1"));
	assert_non_null(f);
	assert_true(str_eq(f->question.path, STR("id-1")));
	assert_true(str_eq(f->question.headers->at[0].value, STR("id-1")));
	assert_true(str_eq(f->question.principal->tags[0].value, STR("red")));
	assert_true(str_eq(f->question.principal->org_paths[0], path));
	assert_true(str_eq(f->question.resource_tags[0].key, STR("team")));
	assert_int_equal(f->question.source->port, 7);
	assert_int_equal(f->principal.policy->statement_count, 1);
	assert_int_equal(f->network.policy->statement_count, 1);
	plane_refusals_fini(&all);
	assert_null(plane_refusals_find(&all, STR("id-1")));
}

static void drops_the_oldest(void **state)
{
	struct plane_refusals all;
	char id[16];
	int i;

	(void)state;
	plane_refusals_init(&all);
	for (i = 0; i <= PLANE_REFUSALS_MAX; i++) {
		snprintf(id, sizeof(id), "id-%d", i);
		plane_refusals_take(&all, make(id));
	}
	assert_int_equal(all.count, PLANE_REFUSALS_MAX);
	assert_null(plane_refusals_find(&all, STR("id-0")));
	assert_non_null(plane_refusals_find(&all, STR("id-1")));
	assert_non_null(plane_refusals_find(&all, str_of(id)));
	plane_refusals_fini(&all);
}

/* A head that is too long to be kept is not kept in part. */
static void keeps_nothing_that_is_too_long(void **state)
{
	static char longest[256 << 10];
	struct snap_vpc vpc = { .network_id = STR("sn-1") };
	struct snap_service service = { .id = STR("svc-1") };
	struct sock_addr source = { 0 };
	struct request *r = calloc(1, sizeof(*r));
	struct auth_request q = { .principal = &principal_anonymous,
				  .source = &source,
				  .headers = &r->http.headers,
				  .path = { longest, sizeof(longest) } };

	(void)state;
	assert_non_null(r);
	r->vpc = &vpc;
	r->service = &service;
	assert_null(refusal_new(r, &service.auth, &q));
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_all_that_was_known),
		cmocka_unit_test(drops_the_oldest),
		cmocka_unit_test(keeps_nothing_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
