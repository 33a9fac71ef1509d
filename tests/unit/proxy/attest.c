/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/proxy/attest.c: who is recognised, what waits for what, and what is kept. */
#include "proxy/attest.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { VPC = 3, UID = 1000 };

struct stage_set {
	struct worker worker;
	struct worker_hooks hooks;
	struct snapshot snapshot;
	struct snap_attestation rules[3];
	struct lease lease;
	struct snap_vpc vpc;
	struct snap_service service;
	struct client_ops ops;
	uint64_t asked[8];
	size_t asked_count;
	struct request *woken[8];
	size_t woken_count;
};

static struct stage_set *set;

static void note_cgroup(void *ctx, unsigned worker, uint64_t cgroup)
{
	(void)ctx;
	assert_int_equal(worker, 7);
	set->asked[set->asked_count++ % 8] = cgroup;
}

static void note_wake(struct request *r)
{
	set->woken[set->woken_count++] = r;
}

static int begin(void **state)
{
	(void)state;
	set = calloc(1, sizeof(*set));
	assert_non_null(set);
	set->hooks.need_cgroup = note_cgroup;
	set->worker.number = 7;
	set->worker.hooks = &set->hooks;
	attest_init(&set->worker.attest);
	set->ops.wake = note_wake;
	set->rules[0] = (struct snap_attestation){ .vpc = VPC,
						   .cgroup = STR("/web"),
						   .principal.arn = STR("arn:web"),
						   .principal.type = PRINCIPAL_USER };
	set->rules[1] = (struct snap_attestation){ .vpc = VPC,
						   .by_uid = true,
						   .uid = UID,
						   .principal.arn = STR("arn:uid"),
						   .principal.type = PRINCIPAL_USER };
	set->snapshot.identities.attestations = set->rules;
	set->snapshot.identities.attestation_count = 2;
	set->lease.snapshot = &set->snapshot;
	set->service.auth.is_on = true;
	return 0;
}

static int end(void **state)
{
	(void)state;
	attest_fini(&set->worker.attest);
	free(set);
	return 0;
}

/* A request of a process that the module told of; the caller frees it. */
static struct request *make(uint64_t cgroup, uint32_t uid)
{
	struct request *r = calloc(1, sizeof(*r));
	struct conn *c = calloc(1, sizeof(*c));

	assert_non_null(r);
	assert_non_null(c);
	*c = (struct conn){ .worker = &set->worker,
			    .vpc = VPC,
			    .peer_is_known = true,
			    .process = { true, uid, cgroup } };
	r->conn = c;
	r->lease = &set->lease;
	r->vpc = &set->vpc;
	r->service = &set->service;
	r->client.ops = &set->ops;
	return r;
}

static void drop_request(struct request *r)
{
	if (r->waits.next)
		list_remove(&r->waits);
	free(r->conn);
	free(r);
}

static bool is_taken_for(const struct request *r, const char *arn)
{
	return r->principal && str_eq(r->principal->arn, str_of(arn));
}

static void waits_for_the_path_once(void **state)
{
	struct request *a = make(10, 0), *b = make(10, 0), *c = make(11, UID);

	(void)state;
	assert_int_equal(stage_attest(a), STEP_WAIT);
	assert_int_equal(stage_attest(b), STEP_WAIT);
	assert_int_equal(stage_attest(a), STEP_WAIT); /* its client sent more */
	assert_int_equal(stage_attest(c), STEP_WAIT);
	assert_int_equal(set->asked_count, 2);
	attest_answer(&set->worker.attest, 10, strdup("/web/1"));
	assert_int_equal(set->woken_count, 2);
	assert_int_equal(stage_attest(a), STEP_NEXT);
	assert_true(is_taken_for(a, "arn:web"));
	assert_int_equal(stage_attest(b), STEP_NEXT);
	attest_answer(&set->worker.attest, 10, strdup("/other")); /* said already */
	attest_answer(&set->worker.attest, 99, strdup("/nobody/asked"));
	drop_request(b);
	b = make(10, 0);
	assert_int_equal(stage_attest(b), STEP_NEXT);
	assert_true(is_taken_for(b, "arn:web"));
	drop_request(c); /* it waits no more */
	attest_answer(&set->worker.attest, 11, strdup(""));
	assert_int_equal(set->woken_count, 2);
	assert_int_equal(set->asked_count, 2);
	drop_request(a);
	drop_request(b);
}

static void takes_the_user_where_no_cgroup_is_mapped(void **state)
{
	struct request *a = make(10, UID), *b = make(0, UID), *c = make(10, 5);

	(void)state;
	assert_int_equal(stage_attest(a), STEP_WAIT);
	attest_answer(&set->worker.attest, 10, strdup("/webber"));
	assert_int_equal(stage_attest(a), STEP_NEXT);
	assert_true(is_taken_for(a, "arn:uid"));
	assert_int_equal(stage_attest(b), STEP_NEXT);
	assert_true(is_taken_for(b, "arn:uid"));
	assert_int_equal(stage_attest(c), STEP_NEXT);
	assert_null(c->principal);
	drop_request(a);
	drop_request(b);
	drop_request(c);
}

static void asks_nothing_where_nothing_depends_on_it(void **state)
{
	static const struct principal signer = { .type = PRINCIPAL_USER, .arn = { "arn:s", 5 } };
	struct request *signs = make(10, UID), *remote = make(10, UID), *elsewhere;

	(void)state;
	signs->principal = &signer;
	assert_int_equal(stage_attest(signs), STEP_NEXT);
	assert_true(is_taken_for(signs, "arn:s"));
	remote->conn->process.is_local = false;
	assert_int_equal(stage_attest(remote), STEP_NEXT);
	assert_null(remote->principal);
	elsewhere = make(10, UID);
	elsewhere->conn->vpc = VPC + 1;
	assert_int_equal(stage_attest(elsewhere), STEP_NEXT);
	assert_null(elsewhere->principal);
	assert_int_equal(set->asked_count, 0);
	drop_request(signs);
	drop_request(remote);
	drop_request(elsewhere);
}

/* What is met first goes first; what requests wait for stays. */
static void keeps_so_many_cgroups(void **state)
{
	struct request *first = make(1, 0);
	struct attest *a = &set->worker.attest;
	uint64_t id;

	(void)state;
	assert_int_equal(stage_attest(first), STEP_WAIT);
	for (id = 2; id <= ATTEST_CGROUPS_MAX; id++) {
		assert_non_null(meet(&set->worker, id));
		attest_answer(a, id, strdup("/x"));
	}
	assert_int_equal(a->count, ATTEST_CGROUPS_MAX);
	assert_non_null(meet(&set->worker, id));
	assert_int_equal(a->count, ATTEST_CGROUPS_MAX);
	assert_non_null(find(a, 1));
	assert_null(find(a, 2));
	assert_non_null(find(a, 3));
	drop_request(first);
}

static void has_a_limit_of_cgroups_in_question(void **state)
{
	struct request *r = make(5000, UID);
	uint64_t id;

	(void)state;
	for (id = 1; id <= ATTEST_CGROUPS_MAX; id++)
		assert_non_null(meet(&set->worker, id));
	assert_int_equal(stage_attest(r), STEP_NEXT);
	assert_true(is_taken_for(r, "arn:uid"));
	drop_request(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(waits_for_the_path_once, begin, end),
		cmocka_unit_test_setup_teardown(takes_the_user_where_no_cgroup_is_mapped, begin,
						end),
		cmocka_unit_test_setup_teardown(asks_nothing_where_nothing_depends_on_it, begin,
						end),
		cmocka_unit_test_setup_teardown(keeps_so_many_cgroups, begin, end),
		cmocka_unit_test_setup_teardown(has_a_limit_of_cgroups_in_question, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
