/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of resources of several kinds, by ARN. */
#include "api/tags.c"

#include "conversation.h"

#define ARN "/tags/arn%%3Aaws%%3Avpc-lattice%%3Aus-east-1%%3A123456789012%%3A"

static const char *tag(const struct fixture *f, const char *key)
{
	const char *s = json_get_str(cJSON_GetObjectItemCaseSensitive(f->json, "tags"), key).p;

	return s ? s : "";
}

static void tags_are_added_changed_and_removed(void **state)
{
	struct fixture *f = *state;
	const char *path;

	build_all(f);
	path = fmt(ARN "service%%2F%s", f->service);
	assert_int_equal(ask(f, "GET", path, ""), 200);
	assert_true(cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(f->json, "tags")));
	assert_int_equal(ask(f, "POST", path, "{\"tags\":{\"team\":\"a\",\"stage\":\"b c\"}}"),
			 200);
	assert_int_equal(ask(f, "POST", path, "{\"tags\":{\"team\":\"z\"}}"), 200);
	assert_int_equal(ask(f, "GET", path, ""), 200);
	assert_string_equal(tag(f, "team"), "z");
	assert_string_equal(tag(f, "stage"), "b c");
	assert_int_equal(ask(f, "DELETE", fmt("%s?tagKeys=team&tagKeys=none", path), ""), 200);
	assert_int_equal(ask(f, "GET", path, ""), 200);
	assert_string_equal(tag(f, "team"), "");
	assert_string_equal(tag(f, "stage"), "b c");
	/* The rest of the service is as it was. */
	assert_int_equal(ask(f, "GET", fmt("/services/%s", f->service), ""), 200);
	assert_string_equal(text(f, "name"), "cart");
}

static void tags_given_at_creation_are_listed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"abc\",\"tags\":{\"k\":\"v\"}}"),
			 201);
	keep_id(f, f->service);
	assert_int_equal(ask(f, "GET", fmt(ARN "service%%2F%s", f->service), ""), 200);
	assert_string_equal(tag(f, "k"), "v");
}

static void any_kind_with_an_arn_has_tags(void **state)
{
	struct fixture *f = *state;
	const char *paths[5];
	size_t i;

	build_all(f);
	paths[0] = fmt(ARN "service%%2F%s%%2Flistener%%2F%s", f->service, f->listener);
	assert_int_equal(ask(f, "POST", paths[0], "{\"tags\":{\"k\":\"v\"}}"), 200);
	paths[0] = fmt(ARN "servicenetwork%%2F%s", f->network);
	paths[1] = fmt(ARN "targetgroup%%2F%s", f->group);
	paths[2] = fmt(ARN "servicenetworkvpcassociation%%2F%s", f->vpc_assoc);
	paths[3] = fmt(ARN "servicenetworkserviceassociation%%2F%s", f->assoc);
	for (i = 0; i < 4; i++)
		assert_int_equal(ask(f, "POST", paths[i], "{\"tags\":{\"k\":\"v\"}}"), 200);
}

static void resources_are_found_by_a_tag(void **state)
{
	struct fixture *f = *state;

	build_all(f);
	assert_int_equal(ask(f, "POST", fmt(ARN "service%%2F%s", f->service),
			     "{\"tags\":{\"team\":\"a b\"}}"),
			 200);
	assert_int_equal(ask(f, "POST", fmt(ARN "targetgroup%%2F%s", f->group),
			     "{\"tags\":{\"team\":\"a b\",\"x\":\"y\"}}"),
			 200);
	assert_int_equal(ask(f, "POST", fmt(ARN "servicenetwork%%2F%s", f->network),
			     "{\"tags\":{\"team\":\"c\"}}"),
			 200);
	assert_int_equal(ask(f, "GET", "/lattice/v1/resources?tagKey=team&tagValue=a%20b", ""),
			 200);
	assert_int_equal(items(f), 2);
	assert_non_null(strstr(buf_str(&f->reply.body).p, "\"resourceType\":\"TARGET_GROUP\""));
	assert_int_equal(
		ask(f, "GET", "/lattice/v1/resources?tagKey=team&tagValue=a%20b&maxResults=1", ""),
		200);
	assert_int_equal(items(f), 1);
	assert_int_not_equal(strlen(text(f, "nextToken")), 0);
	assert_int_equal(ask(f, "GET", "/lattice/v1/resources?tagKey=team", ""), 400);
}

static void refuses_what_cannot_be_tagged(void **state)
{
	struct fixture *f = *state;
	const char *path;
	char body[2048];
	int i, n;

	build_all(f);
	path = fmt(ARN "service%%2F%s", f->service);
	assert_int_equal(ask(f, "GET", fmt("/tags/%s", f->service), ""), 400);
	assert_int_equal(ask(f, "GET", fmt(ARN "service%%2F%s", "svc-00000000000000000"), ""), 404);
	assert_int_equal(ask(f, "POST", path, "{}"), 400);
	assert_int_equal(ask(f, "POST", path, "{\"tags\":{\"aws:x\":\"y\"}}"), 400);
	assert_int_equal(ask(f, "POST", path, "{\"tags\":{\"\":\"y\"}}"), 400);
	assert_int_equal(ask(f, "DELETE", path, ""), 400);
	assert_non_null(strstr(text(f, "message"), "tagKeys"));
	n = snprintf(body, sizeof(body), "{\"tags\":{");
	for (i = 0; i < 51; i++)
		n += snprintf(body + n, sizeof(body) - (size_t)n, "%s\"k%d\":\"\"", i ? "," : "",
			      i);
	snprintf(body + n, sizeof(body) - (size_t)n, "}}");
	assert_int_equal(ask(f, "POST", path, body), 400);
	assert_int_equal(ask(f, "GET", path, ""), 200);
	assert_string_equal(tag(f, "k0"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(tags_are_added_changed_and_removed), CASE(tags_given_at_creation_are_listed),
		CASE(any_kind_with_an_arn_has_tags),	  CASE(resources_are_found_by_a_tag),
		CASE(refuses_what_cannot_be_tagged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
