/* SPDX-License-Identifier: Apache-2.0 */
/* What there is none of: lists are empty, nothing is found, and making one is refused in words. */
#include "api/absent.c"

#include "conversation.h"

static void lists_are_empty(void **state)
{
	static const char *const paths[] = {
		"/resourceconfigurations",
		"/resourcegateways",
		"/servicenetworkresourceassociations?includeChildren=true",
		"/resourceendpointassociations?resourceConfigurationIdentifier="
		"rcfg-0123456789abcdef0",
		"/domainverifications?maxResults=1",
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(ask(f, "GET", paths[i], ""), 200);
		assert_int_equal(items(f), 0);
		assert_true(cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(f->json, "items")));
	}
	build_all(f);
	assert_int_equal(
		ask(f, "GET",
		    fmt("/servicenetworkvpcendpointassociations?serviceNetworkIdentifier=%s",
			f->network),
		    ""),
		200);
	assert_int_equal(items(f), 0);
}

static void lists_check_what_they_are_asked(void **state)
{
	static const char *const paths[] = {
		"/servicenetworkresourceassociations?includeChildren=maybe",
		"/resourceendpointassociations",
		"/servicenetworkvpcendpointassociations",
		"/resourcegateways?maxResults=0",
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(ask(f, "GET", paths[i], ""), 400);
	assert_int_equal(ask(f, "GET",
			     "/servicenetworkvpcendpointassociations?serviceNetworkIdentifier="
			     "sn-0123456789abcdef0",
			     ""),
			 404);
}

static void nothing_is_found(void **state)
{
	static const struct {
		const char *method, *path, *type;
	} cases[] = {
		{ "GET", "/resourceconfigurations/rcfg-0123456789abcdef0",
		  "RESOURCE_CONFIGURATION" },
		{ "DELETE", "/resourcegateways/rgw-0123456789abcdef0", "RESOURCE_GATEWAY" },
		{ "GET", "/servicenetworkresourceassociations/snra-0123456789abcdef0",
		  "SERVICE_NETWORK_RESOURCE_ASSOCIATION" },
		{ "DELETE", "/resourceendpointassociations/rea-0123456789abcdef0",
		  "RESOURCE_ENDPOINT_ASSOCIATION" },
		{ "GET", "/domainverifications/dv-0123456789abcdef0", "DOMAIN_VERIFICATION" },
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ask(f, cases[i].method, cases[i].path, ""), 404);
		assert_string_equal(text(f, "resourceType"), cases[i].type);
	}
	assert_int_equal(ask(f, "GET", "/resourcegateways/rcfg-0123456789abcdef0", ""), 400);
}

static void making_one_is_refused_in_words(void **state)
{
	static const char *const paths[] = {
		"/resourceconfigurations",
		"/resourcegateways",
		"/servicenetworkresourceassociations",
		"/domainverifications",
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(ask(f, "POST", paths[i], "{\"name\":\"x\",\"any\":[1]}"), 400);
		assert_true(str_eq(f->reply.error, STR("ValidationException")));
		assert_non_null(strstr(text(f, "message"), "not supported yet"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(lists_are_empty),
		CASE(lists_check_what_they_are_asked),
		CASE(nothing_is_found),
		CASE(making_one_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
