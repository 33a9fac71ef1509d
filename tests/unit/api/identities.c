/* SPDX-License-Identifier: Apache-2.0 */
/* Identities, their keys and attestation rules over the API, and what a secret leaves behind. */
#include "api/identities.c"

#include "auth/vault.h"
#include "conversation.h"

#define WEB	"arn:aws:iam::111122223333:role/web"
#define WEB_URI "/lattice/v1/identities/arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fweb"

static struct vault *vault;

static int open_world(void **state)
{
	static const unsigned char key[VAULT_KEY_BYTES] = "key";
	struct fixture *f;

	setup(state);
	f = *state;
	vault = vault_new(key);
	f->on.vault = vault;
	return 0;
}

static int close_world(void **state)
{
	vault_close(vault);
	return teardown(state);
}

static unsigned add_web(struct fixture *f)
{
	return ask(f, "POST", "/lattice/v1/identities",
		   "{\"arn\":\"" WEB "\",\"organizationId\":\"o-abc\","
		   "\"organizationPaths\":[\"o-abc/r-1/\"],\"tags\":{\"team\":\"red\"}}");
}

static struct snapshot *compile(struct fixture *f)
{
	struct snapshot *s = NULL;
	struct fault fault;

	assert_int_equal(snapshot_compile(f->s, 1, &s, &fault), 0);
	return s;
}

static void an_identity_may_invoke_unless_told_otherwise(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s;

	assert_int_equal(add_web(f), 201);
	assert_string_equal(text(f, "policy"), default_policy);
	assert_int_equal(f->changes, 1);
	assert_int_equal(add_web(f), 409);
	assert_int_equal(ask(f, "GET", WEB_URI, ""), 200);
	assert_string_equal(text(f, "organizationId"), "o-abc");
	s = compile(f);
	assert_non_null(identities_find(&s->identities, STR(WEB))->principal.policy);
	snapshot_put(s);
	assert_int_equal(ask(f, "PATCH", WEB_URI, "{\"policy\":\"\"}"), 200);
	s = compile(f);
	assert_null(identities_find(&s->identities, STR(WEB))->principal.policy);
	snapshot_put(s);
	assert_int_equal(ask(f, "PATCH", WEB_URI, "{\"policy\":\"{\\\"Statement\\\":1}\"}"), 400);
	assert_int_equal(ask(f, "PATCH", WEB_URI, "{}"), 400);
	assert_int_equal(ask(f, "GET", "/lattice/v1/identities", ""), 200);
	assert_int_equal(items(f), 1);
	assert_int_equal(ask(f, "DELETE", WEB_URI, ""), 204);
	assert_int_equal(ask(f, "GET", WEB_URI, ""), 404);
	assert_int_equal(ask(f, "GET", "/lattice/v1/identities/x", ""), 400);
}

static void what_is_no_identity_is_refused(void **state)
{
	static const char *const bodies[] = {
		"{}",
		"{\"arn\":\"arn:aws:iam::111122223333:group/x\"}",
		"{\"arn\":\"" WEB "\",\"organizationId\":\"o-\"}",
		"{\"arn\":\"" WEB "\",\"organizationId\":\"x-abc\"}",
		"{\"arn\":\"" WEB "\",\"organizationId\":\"o-A\"}",
		"{\"arn\":\"" WEB "\",\"organizationPaths\":[\"o-abc\"]}",
		"{\"arn\":\"" WEB "\",\"organizationPaths\":[\"o-abc/r-1\"]}",
		"{\"arn\":\"" WEB "\",\"organizationPaths\":[\"o-abc/ /\"]}",
		"{\"arn\":\"" WEB "\",\"policy\":\"no JSON\"}",
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		assert_int_equal(ask(f, "POST", "/lattice/v1/identities", bodies[i]), 400);
}

/* No file of the store holds @needle. */
static void assert_not_stored(struct fixture *f, const char *needle)
{
	static const char *const ends[] = { "", "-wal" };
	static char bytes[4 << 20];
	size_t i, n;
	FILE *file;

	for (i = 0; i < 2; i++) {
		file = fopen(fmt("%s%s", f->path, ends[i]), "r");
		n = file ? fread(bytes, 1, sizeof(bytes), file) : 0;
		assert_null(memmem(bytes, n, needle, strlen(needle)));
		if (file)
			fclose(file);
	}
}

static void a_secret_is_shown_once_and_stored_sealed(void **state)
{
	struct fixture *f = *state;
	char id[32], secret[64];
	const struct access_key *k;
	struct snapshot *s;
	struct arena a;
	struct str plain;

	add_web(f);
	assert_int_equal(ask(f, "POST", WEB_URI "/keys", "{}"), 201);
	snprintf(id, sizeof(id), "%s", text(f, "accessKeyId"));
	snprintf(secret, sizeof(secret), "%s", text(f, "secretAccessKey"));
	assert_true(f->reply.body.wipes);
	assert_int_equal(strlen(id), 20);
	assert_int_equal(strlen(secret), 40);
	assert_memory_equal(id, "AKIA", 4);
	assert_not_stored(f, secret);
	s = compile(f);
	k = identities_find_key(&s->identities, str_of(id));
	assert_non_null(k);
	assert_true(str_eq(k->principal.arn, STR(WEB)));
	arena_init(&a, 65536);
	assert_int_equal(vault_unseal(vault, &a, k->id, k->sealed, &plain), 0);
	assert_true(str_eq(plain, str_of(secret)));
	arena_fini(&a);
	snapshot_put(s);
	assert_int_equal(ask(f, "GET", WEB_URI "/keys", ""), 200);
	assert_int_equal(items(f), 1);
	assert_null(memmem(buf_str(&f->reply.body).p, buf_len(&f->reply.body), "sealed", 6));
	assert_int_equal(
		ask(f, "PATCH", fmt("/lattice/v1/keys/%s", id), "{\"status\":\"Inactive\"}"), 200);
	s = compile(f);
	assert_false(identities_find_key(&s->identities, str_of(id))->is_active);
	snapshot_put(s);
	assert_int_equal(ask(f, "DELETE", fmt("/lattice/v1/keys/%s", id), ""), 204);
	assert_int_equal(ask(f, "DELETE", fmt("/lattice/v1/keys/%s", id), ""), 404);
	assert_int_equal(ask(f, "DELETE", "/lattice/v1/keys/AKIA", ""), 400);
	f->on.vault = NULL;
	assert_int_equal(ask(f, "POST", WEB_URI "/keys", "{}"), 500);
}

static void sessions_are_a_roles_and_end(void **state)
{
	struct fixture *f = *state;
	const struct access_key *k;
	struct snapshot *s;
	char token[160];

	add_web(f);
	assert_int_equal(ask(f, "POST", WEB_URI "/keys",
			     "{\"sessionName\":\"build\",\"durationSeconds\":900}"),
			 201);
	assert_memory_equal(text(f, "accessKeyId"), "ASIA", 4);
	snprintf(token, sizeof(token), "%s", text(f, "sessionToken"));
	assert_int_equal(strlen(token), 128);
	assert_not_stored(f, token);
	s = compile(f);
	k = identities_find_key(&s->identities, str_of(text(f, "accessKeyId")));
	assert_int_equal(k->token_hash.n, 64);
	assert_true(
		str_eq(k->principal.arn, STR("arn:aws:sts::111122223333:assumed-role/web/build")));
	snapshot_put(s);
	assert_int_equal(ask(f, "POST", WEB_URI "/keys", "{\"durationSeconds\":900}"), 400);
	assert_int_equal(ask(f, "POST", WEB_URI "/keys", "{\"sessionName\":\"a b\"}"), 400);
	assert_int_equal(ask(f, "POST", "/lattice/v1/identities",
			     "{\"arn\":\"arn:aws:iam::111122223333:user/ann\",\"policy\":\"\"}"),
			 201);
	assert_int_equal(ask(f, "POST", fmt("/lattice/v1/identities/%s/keys", text(f, "id")),
			     "{\"sessionName\":\"build\"}"),
			 400);
}

static void attestation_rules_are_one_for_each_and_go_with_their_vpc(void **state)
{
	struct fixture *f = *state;
	const char *const add = "/lattice/v1/attestations";
	char vpc[64];
	struct snapshot *s;

	add_web(f);
	assert_int_equal(ask(f, "POST", "/lattice/v1/vpcs", "{\"name\":\"blue\"}"), 201);
	keep_id(f, vpc);
#define RULE(what) fmt("{\"identityIdentifier\":\"" WEB "\",\"vpcIdentifier\":\"%s\"%s}", vpc, what)
	assert_int_equal(ask(f, "POST", add, RULE("")), 400);
	assert_int_equal(ask(f, "POST", add, RULE(",\"uid\":1,\"cgroup\":\"/a\"")), 400);
	assert_int_equal(ask(f, "POST", add, RULE(",\"cgroup\":\"a\"")), 400);
	assert_int_equal(ask(f, "POST", add, RULE(",\"uid\":4294967295")), 400);
	assert_int_equal(ask(f, "POST", add, RULE(",\"uid\":0")), 201);
	assert_int_equal(ask(f, "POST", add, RULE(",\"cgroup\":\"/a/b\"")), 201);
	assert_int_equal(ask(f, "POST", add, RULE(",\"cgroup\":\"/a/b\"")), 409);
	s = compile(f);
	assert_true(identities_attest_uid(&s->identities, 1, 0)->is_attested);
	assert_non_null(identities_attest_cgroup(&s->identities, 1, STR("/a/b/c")));
	snapshot_put(s);
	assert_int_equal(ask(f, "GET", add, ""), 200);
	assert_int_equal(items(f), 2);
	assert_int_equal(
		ask(f, "DELETE",
		    fmt("%s/%s", add,
			json_get_str(cJSON_GetArrayItem(cJSON_GetObjectItem(f->json, "items"), 0),
				     "id")
				.p),
		    ""),
		204);
	assert_int_equal(ask(f, "DELETE", "/lattice/v1/attestations/x", ""), 400);
	assert_int_equal(ask(f, "DELETE", fmt("/lattice/v1/vpcs/%s", vpc), ""), 204);
	assert_int_equal(ask(f, "GET", add, ""), 200);
	assert_int_equal(items(f), 0);
	snapshot_put(compile(f));
}

int main(void)
{
#define HERE(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		HERE(an_identity_may_invoke_unless_told_otherwise),
		HERE(what_is_no_identity_is_refused),
		HERE(a_secret_is_shown_once_and_stored_sealed),
		HERE(sessions_are_a_roles_and_end),
		HERE(attestation_rules_are_one_for_each_and_go_with_their_vpc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
