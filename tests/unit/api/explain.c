/* SPDX-License-Identifier: Apache-2.0 */
/* Explanations by the API, on a snapshot of what it was told. */
#include "api/explain.c"

#include "conversation.h"

static struct snapshot *in_force;

static const struct snapshot *give_snapshot(void *ctx)
{
	(void)ctx;
	return in_force;
}

static const struct refusal *give_refusal(void *ctx, struct str id)
{
	static struct refusal f = { .id = { "why", 3 },
				    .reason = { "InvalidSignatureException: no", 29 },
				    .canonical_request = { "GET\n/", 5 },
				    .string_to_sign = { "AWS4", 4 } };

	(void)ctx;
	return str_eq(id, f.id) ? &f : NULL;
}

static void explain(struct fixture *f, unsigned status, const char *more)
{
	assert_int_equal(ask(f, "POST", "/lattice/v1/explain",
			     fmt("{\"serviceIdentifier\":\"%s\"%s}", f->service, more)),
			 status);
}

static void begin(struct fixture *f)
{
	struct fault fault;

	build_all(f);
	ask(f, "PATCH", fmt("/services/%s", f->service), "{\"authType\":\"AWS_IAM\"}");
	assert_int_equal(ask(f, "PUT", fmt("/authpolicy/%s", f->service),
			     "{\"policy\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\","
			     "\\\"NotPrincipal\\\":\\\"*\\\"}]}\"}"),
			 400);
	assert_int_equal(
		ask(f, "PUT", fmt("/authpolicy/%s", f->service),
		    "{\"policy\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\","
		    "\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":\\\"*\\\",\\\"NotResource\\\":"
		    "\\\"*/x\\\",\\\"Condition\\\":{\\\"IpAddress\\\":{\\\"aws:SourceIp\\\":"
		    "\\\"10.0.0.0/8\\\"}}}]}\"}"),
		200);
	assert_int_equal(snapshot_compile(f->s, 1, &in_force, &fault), 0);
	f->hooks.snapshot = give_snapshot;
	f->hooks.refusal = give_refusal;
}

static const cJSON *statement(const struct fixture *f)
{
	const cJSON *list = cJSON_GetObjectItem(f->json, "policies");

	return cJSON_GetArrayItem(
		cJSON_GetObjectItem(cJSON_GetArrayItem(list, AUTH_SERVICE), "statements"), 0);
}

static void says_what_does_not_match(void **state)
{
	struct fixture *f = *state;

	begin(f);
	explain(f, 200, ",\"sourceIp\":\"10.1.1.1\"");
	assert_string_equal(text(f, "verdict"), "ALLOWED");
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(statement(f), "matches")));
	explain(f, 200, "");
	assert_string_equal(text(f, "verdict"), "DENIED");
	assert_string_equal(text(f, "deniedReason"), "Service");
	assert_true(str_eq(json_get_str(statement(f), "element"), STR("Condition")));
	explain(f, 200, ",\"path\":\"/x?a=b\",\"sourceIp\":\"10.1.1.1\"");
	assert_true(str_eq(json_get_str(statement(f), "element"), STR("NotResource")));
	snapshot_put(in_force);
}

static void refuses_what_makes_no_sense(void **state)
{
	struct fixture *f = *state;

	begin(f);
	explain(f, 400, ",\"path\":\"x\"");
	explain(f, 400, ",\"sourceIp\":\"x\"");
	explain(f, 400, ",\"principalArn\":\"bob\"");
	explain(f, 400, ",\"port\":81");
	explain(f, 404, ",\"principalArn\":\"arn:aws:iam::123456789012:user/bob\"");
	explain(f, 400, fmt(",\"vpcIdentifier\":\"%s\"", f->vpc[1]));
	explain(f, 200, fmt(",\"vpcIdentifier\":\"%s\"", f->vpc[0]));
	snapshot_put(in_force);
	in_force = NULL;
	explain(f, 500, "");
}

static void shows_what_should_have_been_signed(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_int_equal(ask(f, "GET", "/lattice/v1/refusals/nothing", ""), 404);
	assert_int_equal(ask(f, "GET", "/lattice/v1/refusals/why", ""), 200);
	assert_string_equal(text(f, "message"), "InvalidSignatureException: no");
	assert_string_equal(text(f, "canonicalRequest"), "GET\n/");
	assert_string_equal(text(f, "stringToSign"), "AWS4");
	snapshot_put(in_force);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(says_what_does_not_match),
		CASE(refuses_what_makes_no_sense),
		CASE(shows_what_should_have_been_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
