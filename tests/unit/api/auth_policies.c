/* SPDX-License-Identifier: Apache-2.0 */
/* Auth policies by the API, and as a snapshot has them. */
#include "api/auth_policies.c"

#include "conversation.h"

#define OPEN                                                                            \
	"{\\\"Statement\\\":{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":\\\"*\\\"," \
	"\\\"Action\\\":\\\"*\\\",\\\"Resource\\\":\\\"*\\\"}}"

static unsigned put_text(struct fixture *f, const char *of, const char *text)
{
	return ask(f, "PUT", fmt("/authpolicy/%s", of), fmt("{\"policy\":\"%s\"}", text));
}

static void keeps_and_shows_documents(void **state)
{
	struct fixture *f = *state;
	char id[64], arn[128];
	int changes;

	build_all(f);
	assert_int_equal(ask(f, "GET", fmt("/authpolicy/%s", f->service), ""), 200);
	assert_null(f->json->child);
	changes = f->changes;
	assert_int_equal(put_text(f, f->service, " " OPEN "\\n"), 200);
	assert_int_equal(f->changes, changes + 1);
	assert_string_equal(text(f, "state"), "Inactive");
	assert_string_equal(text(f, "resourceId"), f->service);
	keep_id(f, id);
	snprintf(arn, sizeof(arn), "%s", text(f, "arn"));
	assert_int_equal(
		ask(f, "PATCH", fmt("/services/%s", f->service), "{\"authType\":\"AWS_IAM\"}"),
		200);
	assert_string_equal(text(f, "authType"), "AWS_IAM");
	assert_int_equal(ask(f, "GET", fmt("/authpolicy/%s", f->service), ""), 200);
	assert_string_equal(text(f, "state"), "Active");
	assert_string_equal(
		text(f, "policy"),
		" {\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\","
		"\"Resource\":\"*\"}}\n");
	assert_true(strlen(text(f, "createdAt")) > 20);

	/* by its own id and ARN too, as stacks do */
	assert_int_equal(put_text(f, id, OPEN), 200);
	*strrchr(arn, '/') = '\0';
	assert_int_equal(ask(f, "GET", fmt("/authpolicy/%s%%2F%s", arn, id), ""), 200);
	assert_string_equal(text(f, "id"), id);
	assert_int_equal(ask(f, "DELETE", fmt("/authpolicy/%s", id), ""), 204);
	assert_int_equal(ask(f, "DELETE", fmt("/authpolicy/%s", f->service), ""), 204);
	assert_int_equal(ask(f, "GET", fmt("/authpolicy/%s", id), ""), 404);
}

static void refuses_what_would_not_be_understood(void **state)
{
	static char longest[AUTH_POLICY_BYTES_MAX + 64];
	struct fixture *f = *state;
	int n;

	build_all(f);
	assert_int_equal(put_text(f, f->network, "{}"), 400);
	assert_string_equal(json_get_str(f->json, "message").p,
			    "policy: document, Statement: must have 1 to 512 statements");
	assert_int_equal(put_text(f, f->network, ""), 400);
	assert_int_equal(put_text(f, "svc-0123456789abcdef0", OPEN), 404);
	assert_int_equal(put_text(f, "rcfg-0123456789abcdef0", OPEN), 404);
	assert_int_equal(put_text(f, f->vpc[0], OPEN), 400);
	assert_int_equal(put_text(f, "nobody", OPEN), 400);

	n = snprintf(longest, sizeof(longest), "{\"policy\":\"");
	memset(longest + n, ' ', AUTH_POLICY_BYTES_MAX + 1);
	memcpy(longest + n + AUTH_POLICY_BYTES_MAX + 1, "\"}", 3);
	assert_int_equal(ask(f, "PUT", fmt("/authpolicy/%s", f->network), longest), 400);
	assert_non_null(strstr(text(f, "message"), "10240"));
}

static void a_policy_with_tags_is_a_new_one(void **state)
{
	struct fixture *f = *state;
	const char *tagged = "{\"tags\":{\"lattice:stack\":\"x\"},\"policy\":\"" OPEN "\"}";

	build_all(f);
	assert_int_equal(ask(f, "PUT", fmt("/authpolicy/%s", f->network), tagged), 200);
	assert_int_equal(ask(f, "PUT", fmt("/authpolicy/%s", f->network), tagged), 409);
	assert_int_equal(ask(f, "GET", "/lattice/v1/resources?tagKey=lattice:stack&tagValue=x", ""),
			 200);
	assert_int_equal(items(f), 1);
}

static void snapshots_share_what_did_not_change(void **state)
{
	struct fixture *f = *state;
	struct compiler *c;
	const struct snap_service *service[3];
	const struct snap_network *network[3];
	struct snapshot *s[3];
	struct fault fault;
	int i;

	build_all(f);
	assert_int_equal(put_text(f, f->service, OPEN), 200);
	assert_int_equal(put_text(f, f->network, OPEN), 200);
	assert_int_equal(ask(f, "PUT", fmt("/lattice/v1/trialpolicy/%s", f->service),
			     "{\"policy\":\"" OPEN "\"}"),
			 200);
	c = compiler_new(f->s, &pool_default);
	for (i = 0; i < 3; i++) {
		if (i == 2)
			assert_int_equal(put_text(f, f->network, " " OPEN), 200);
		assert_int_equal(compiler_run(c, 1, &s[i], &fault), 0);
	}
	for (i = 0; i < 3; i++) {
		service[i] = snapshot_find_service(s[i], 1);
		network[i] = snapshot_find_network(s[i], 1);
	}
	assert_false(service[0]->auth.is_on);
	assert_non_null(service[0]->auth.policy);
	assert_non_null(service[0]->auth.trial);
	assert_non_null(network[0]->auth.policy);
	assert_null(network[0]->auth.trial);
	assert_ptr_equal(service[0], service[1]);
	assert_ptr_equal(network[0], network[1]);
	assert_ptr_equal(service[0], service[2]);
	assert_ptr_not_equal(network[0], network[2]);
	assert_true(snap_network_has(network[2], 1));
	compiler_free(c);
	for (i = 0; i < 3; i++)
		snapshot_put(s[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(keeps_and_shows_documents),
		CASE(refuses_what_would_not_be_understood),
		CASE(a_policy_with_tags_is_a_new_one),
		CASE(snapshots_share_what_did_not_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
