/* SPDX-License-Identifier: Apache-2.0 */
/* Identities, keys and attestation rules on their way from records into a snapshot. */
#include "store/compile_identity.c"

#include "store/compile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define A "111122223333"

struct fixture {
	char dir[64], path[96];
	struct store *s;
	struct snapshot *snapshot;
	struct fault fault;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/lattice-identity-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/lattice.db", f->dir);
	assert_int_equal(store_open_sqlite(f->path, &f->s, &f->fault), 0);
	assert_int_equal(store_begin(f->s, true, &f->fault), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	snapshot_put(f->snapshot);
	store_close(f->s);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void add(struct fixture *f, enum kind kind, const char *id, const char *parent,
		const char *body)
{
	struct record r = { .kind = kind,
			    .id = str_of(id),
			    .account = STR(A),
			    .parent = str_of(parent),
			    .body = str_of(body),
			    .created_ms = 5000,
			    .updated_ms = 5000 };
	struct store_change c = { .action = STORE_INSERT, .record = &r };

	if (kind == KIND_VPC)
		c.number_min = c.number_max = 7;
	assert_int_equal(store_change(f->s, &c, &f->fault), 0);
}

static const struct snap_identities *compile(struct fixture *f)
{
	assert_int_equal(store_end(f->s, true, &f->fault), 0);
	if (snapshot_compile(f->s, 1, &f->snapshot, &f->fault) < 0)
		return NULL;
	return &f->snapshot->identities;
}

static void add_web(struct fixture *f)
{
	add(f, KIND_IDENTITY, "identity-2", NULL,
	    "{\"arn\":\"arn:aws:iam::" A ":role/x/web\",\"userId\":\"AROAX\","
	    "\"tags\":{\"team\":\"red\",\"env\":\"\"},\"organizationId\":\"o-1\","
	    "\"organizationPaths\":[\"o-1/r-1/\"],\"policy\":\"{}\"}");
}

static void an_identity_keeps_all_that_was_said_of_it(void **state)
{
	struct fixture *f = *state;
	const struct snap_identities *s;
	const struct principal *p;

	add_web(f);
	add(f, KIND_IDENTITY, "identity-1", NULL,
	    "{\"arn\":\"arn:aws:sts::" A ":assumed-role/web/s1\"}");
	s = compile(f);
	assert_non_null(s);
	assert_int_equal(s->count, 2);
	p = &identities_find(s, STR("arn:aws:iam::" A ":role/x/web"))->principal;
	assert_int_equal(p->type, PRINCIPAL_ASSUMED_ROLE);
	assert_true(str_eq(p->iam_arn, p->arn));
	assert_true(str_eq(p->account, STR(A)));
	assert_true(str_eq(p->org_id, STR("o-1")));
	assert_int_equal(p->org_path_count, 1);
	assert_true(str_eq(p->org_paths[0], STR("o-1/r-1/")));
	assert_int_equal(p->tag_count, 2);
	assert_true(str_eq(p->tags[0].key, STR("env")));
	assert_true(str_eq(principal_find_tag(p, STR("TEAM"))->value, STR("red")));
	assert_true(str_eq(p->policy_text, STR("{}")));
	assert_true(str_eq(p->identity_text,
			   STR("Principal=arn:aws:iam::" A ":role/x/web; PrincipalOrgID=o-1; "
			       "PrincipalOrgPaths=o-1/r-1/; SessionName=; Type=AWS_IAM")));
	assert_true(str_eq(p->tags_text,
			   STR("principal=arn:aws:iam::" A ":role/x/web;principalorgid=o-1;"
			       "principalorgpath=o-1/r-1/;env=;team=red")));
	p = &identities_find(s, STR("arn:aws:sts::" A ":assumed-role/web/s1"))->principal;
	assert_true(str_eq(p->iam_arn, STR("arn:aws:iam::" A ":role/web")));
	assert_true(str_eq(p->session, STR("s1")));
	assert_int_equal(p->policy_text.n, 0);
}

static void keys_are_whom_they_belong_to(void **state)
{
	struct fixture *f = *state;
	const struct snap_identities *s;
	const struct access_key *k;

	add_web(f);
	add(f, KIND_ACCESS_KEY, "AKIA1", "identity-2", "{\"status\":\"Active\",\"sealed\":\"x\"}");
	add(f, KIND_ACCESS_KEY, "AKIA2", "identity-2", "{\"status\":\"Inactive\"}");
	add(f, KIND_ACCESS_KEY, "ASIA1", "identity-2",
	    "{\"status\":\"Active\",\"sessionName\":\"build\",\"tokenHash\":\"ff\","
	    "\"expiresMs\":9000}");
	s = compile(f);
	assert_non_null(s);
	k = identities_find_key(s, STR("AKIA1"));
	assert_true(k->is_active);
	assert_true(str_eq(k->sealed, STR("x")));
	assert_true(str_eq(k->principal.arn, STR("arn:aws:iam::" A ":role/x/web")));
	assert_true(str_eq(k->principal.access_key_id, STR("AKIA1")));
	assert_int_equal(k->principal.issued_ms, 0);
	assert_false(identities_find_key(s, STR("AKIA2"))->is_active);
	k = identities_find_key(s, STR("ASIA1"));
	assert_int_equal(k->expires_ms, 9000);
	assert_int_equal(k->principal.issued_ms, 5000);
	assert_true(str_eq(k->principal.arn, STR("arn:aws:sts::" A ":assumed-role/web/build")));
	assert_true(str_eq(k->principal.iam_arn, STR("arn:aws:iam::" A ":role/x/web")));
	assert_true(str_eq(k->principal.user_id, STR("AROAX:build")));
	assert_int_equal(k->principal.tag_count, 2);
	assert_true(str_starts(k->principal.identity_text,
			       STR("Principal=arn:aws:sts::" A ":assumed-role/web/build; ")));
	assert_true(str_starts(k->principal.tags_text,
			       STR("principal=arn:aws:sts::" A ":assumed-role/web/build;")));
}

static void attestation_rules_find_their_vpc(void **state)
{
	struct fixture *f = *state;
	const struct snap_identities *s;
	const struct principal *p;

	add_web(f);
	add(f, KIND_VPC, "vpc-a", NULL, "{\"netns\":\"/run/netns/a\",\"arn\":\"a\"}");
	add(f, KIND_ATTESTATION, "attest-1", "identity-2", "{\"vpcId\":\"vpc-a\",\"uid\":0}");
	add(f, KIND_ATTESTATION, "attest-2", "identity-2",
	    "{\"vpcId\":\"vpc-a\",\"cgroup\":\"/web\"}");
	s = compile(f);
	assert_non_null(s);
	assert_int_equal(s->attestation_count, 2);
	p = identities_attest_uid(s, 7, 0);
	assert_true(p->is_attested);
	assert_true(str_eq(p->name, STR("web")));
	assert_non_null(identities_attest_cgroup(s, 7, STR("/web/1")));
	assert_null(identities_attest_uid(s, 7, 1));
}

static void a_record_that_makes_no_sense_is_named(void **state)
{
	static const struct {
		enum kind kind;
		const char *id, *parent, *body;
	} cases[] = {
		{ KIND_IDENTITY, "identity-bad", NULL, "{\"arn\":\"arn:aws:iam::x:root\"}" },
		{ KIND_ACCESS_KEY, "AKIAbad", NULL, "{}" },
		{ KIND_ATTESTATION, "attest-bad", NULL, "{\"vpcId\":\"vpc-a\",\"uid\":0}" },
		{ KIND_ATTESTATION, "attest-bad", "identity-2",
		  "{\"vpcId\":\"vpc-gone\",\"uid\":0}" },
		{ KIND_ATTESTATION, "attest-bad", "identity-2",
		  "{\"vpcId\":\"vpc-a\",\"cgroup\":\"web\"}" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture *f;

		setup(state);
		f = *state;
		add_web(f);
		add(f, KIND_VPC, "vpc-a", NULL, "{\"netns\":\"/run/netns/a\",\"arn\":\"a\"}");
		add(f, cases[i].kind, cases[i].id, cases[i].parent, cases[i].body);
		assert_null(compile(f));
		assert_non_null(strstr(f->fault.message, cases[i].id));
		teardown(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_identity_keeps_all_that_was_said_of_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(keys_are_whom_they_belong_to, setup, teardown),
		cmocka_unit_test_setup_teardown(attestation_rules_find_their_vpc, setup, teardown),
		cmocka_unit_test(a_record_that_makes_no_sense_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
