/* SPDX-License-Identifier: Apache-2.0 */
/* What of the store's records reaches a snapshot, and what is refused. */
#include "store/compile.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char dir[64], path[96];
	struct store *s;
	struct fault fault;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/lattice-compile-XXXXXX");
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

	store_close(f->s);
	unlink(f->path);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void add(struct fixture *f, struct record r, uint32_t number)
{
	struct store_change c = {
		.action = STORE_INSERT, .record = &r, .number_min = number, .number_max = number
	};

	r.account = STR("123456789012");
	assert_int_equal(store_change(f->s, &c, &f->fault), 0);
}

static void link_to(struct fixture *f, struct str from, struct str to)
{
	struct store_change c = { .action = STORE_LINK, .id = from, .target = to };

	assert_int_equal(store_change(f->s, &c, &f->fault), 0);
}

#define RECORD(record_kind, record_id, text) \
	((struct record){ .kind = (record_kind), .id = STR(record_id), .body = STR(text) })

/* VPC vpc-b, associated with network sn-nn; service @id with a listener on port 80. */
static void add_network(struct fixture *f)
{
	add(f, RECORD(KIND_VPC, "vpc-b", "{\"netns\":\"/run/netns/blue\",\"arn\":\"a\"}"), 9);
	add(f, RECORD(KIND_VPC, "vpc-c", "{\"netns\":\"/run/netns/c\",\"arn\":\"a\"}"), 3);
	add(f, RECORD(KIND_SERVICE_NETWORK, "sn-nn", "{}"), 0);
	add(f,
	    RECORD(KIND_VPC_ASSOCIATION, "snva-x",
		   "{\"status\":\"ACTIVE\",\"vpcId\":\"vpc-b\",\"serviceNetworkId\":\"sn-nn\"}"),
	    0);
}

static void add_service(struct fixture *f, struct str id, const char *status, uint32_t number)
{
	struct record r = { .kind = KIND_SERVICE, .id = id }, l = { .kind = KIND_LISTENER };
	char body[128], listener_id[64];

	snprintf(body, sizeof(body), "{\"status\":\"%s\",\"arn\":\"x\"}", status);
	r.body = str_of(body);
	add(f, r, number);
	snprintf(listener_id, sizeof(listener_id), "listener-" STR_FMT, STR_ARG(id));
	l.id = str_of(listener_id);
	l.parent = id;
	l.body = STR("{\"protocol\":\"HTTP\",\"defaultAction\":"
		     "{\"fixedResponse\":{\"statusCode\":404}}}");
	add(f, l, 80);
}

static void associate(struct fixture *f, const char *id, struct str service)
{
	struct record r = { .kind = KIND_SERVICE_ASSOCIATION, .id = str_of(id) };
	char body[256];

	snprintf(body, sizeof(body), "{\"status\":\"ACTIVE\",\"serviceId\":\"" STR_FMT "\"}",
		 STR_ARG(service));
	r.body = str_of(body);
	add(f, r, 0);
	link_to(f, r.id, STR("sn-nn"));
	link_to(f, r.id, service);
}

static struct snapshot *compile(struct fixture *f)
{
	struct snapshot *s = NULL;

	assert_int_equal(store_end(f->s, true, &f->fault), 0);
	if (snapshot_compile(f->s, 1, &s, &f->fault) < 0)
		assert_null(s);
	return s;
}

static void an_empty_store_is_an_empty_snapshot(void **state)
{
	struct snapshot *s = compile(*state);

	assert_non_null(s);
	assert_int_equal(s->vpc_count, 0);
	assert_int_equal(s->service_count, 0);
	snapshot_put(s);
}

static void only_active_associated_services_are_bound(void **state)
{
	struct fixture *f = *state;
	const struct snap_vpc *v;
	struct snapshot *s;

	add_network(f);
	add_service(f, STR("svc-a"), "ACTIVE", 1);
	add_service(f, STR("svc-b"), "ACTIVE", 2);
	add_service(f, STR("svc-c"), "CREATE_FAILED", 3);
	associate(f, "snsa-b", STR("svc-b"));
	associate(f, "snsa-c", STR("svc-c"));
	s = compile(f);
	assert_non_null(s);
	assert_int_equal(s->service_count, 2);
	assert_int_equal(s->services[1].index, 1);
	assert_int_equal(s->vpcs[0].number, 3);
	v = snapshot_find_vpc(s, 9);
	assert_non_null(v);
	assert_int_equal(v->binding_count, 2);
	assert_true(str_eq(v->bindings[0].service->id, STR("svc-b")));
	assert_int_equal(v->bindings[0].addr.family, AF_INET);
	assert_int_equal(v->bindings[0].addr.port, 80);
	assert_int_equal(v->bindings[1].addr.family, AF_INET6);
	assert_int_equal(snapshot_find_vpc(s, 3)->binding_count, 0);
	snapshot_put(s);
}

static void vpcs_of_one_network_share_their_bindings(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s;

	add_network(f);
	add(f,
	    RECORD(KIND_VPC_ASSOCIATION, "snva-y",
		   "{\"status\":\"ACTIVE\",\"vpcId\":\"vpc-c\",\"serviceNetworkId\":\"sn-nn\"}"),
	    0);
	add_service(f, STR("svc-a"), "ACTIVE", 1);
	associate(f, "snsa-a", STR("svc-a"));
	s = compile(f);
	assert_non_null(s);
	assert_int_equal(s->vpcs[0].binding_count, 2);
	assert_int_equal(s->vpcs[1].binding_count, 2);
	assert_ptr_equal(s->vpcs[0].bindings, s->vpcs[1].bindings);
	snapshot_put(s);
}

static void a_record_that_makes_no_sense_is_named(void **state)
{
	struct fixture *f = *state;
	struct record l = RECORD(KIND_LISTENER, "listener-z",
				 "{\"defaultAction\":{\"forward\":{\"targetGroups\":"
				 "[{\"targetGroupIdentifier\":\"tg-gone\"}]}}}");

	add(f, RECORD(KIND_SERVICE, "svc-z", "{\"status\":\"ACTIVE\"}"), 1);
	l.parent = STR("svc-z");
	add(f, l, 80);
	assert_null(compile(f));
	assert_int_equal(f->fault.code, FAULT_INTERNAL);
	assert_non_null(strstr(f->fault.message, "listener-z"));
}

static void add_rule(struct fixture *f, const char *id, uint32_t priority, const char *body)
{
	struct record r = { .kind = KIND_RULE, .id = str_of(id), .parent = STR("listener-svc-a") };

	r.body = str_of(body);
	add(f, r, priority);
}

static void rules_come_by_priority_with_all_they_match(void **state)
{
	struct fixture *f = *state;
	const struct snap_rule *r;
	struct snapshot *s;

	add_service(f, STR("svc-a"), "ACTIVE", 1);
	add_rule(f, "rule-a", 20,
		 "{\"match\":{\"httpMatch\":{\"method\":\"GET\",\"pathMatch\":{\"match\":"
		 "{\"prefix\":\"/V1\"}},\"headerMatches\":[{\"name\":\"X-Env\",\"match\":"
		 "{\"contains\":\"Test\"},\"caseSensitive\":true}]}},"
		 "\"action\":{\"fixedResponse\":{\"statusCode\":500}}}");
	add_rule(f, "rule-b", 10,
		 "{\"match\":{\"httpMatch\":{\"pathMatch\":{\"match\":{\"exact\":\"/x\"},"
		 "\"caseSensitive\":true}}},"
		 "\"action\":{\"fixedResponse\":{\"statusCode\":404}}}");
	s = compile(f);
	assert_non_null(s);
	assert_int_equal(s->services[0].listeners[0].rule_count, 2);
	r = s->services[0].listeners[0].rules;
	assert_int_equal(r[0].priority, 10);
	assert_int_equal(r[0].path.kind, SNAP_MATCH_EXACT);
	assert_true(r[0].path.case_sensitive);
	assert_int_equal(r[0].method.n, 0);
	assert_int_equal(r[0].action.status, 404);
	assert_true(str_eq(r[1].id, STR("rule-a")));
	assert_true(str_eq(r[1].method, STR("GET")));
	assert_int_equal(r[1].path.kind, SNAP_MATCH_PREFIX);
	assert_false(r[1].path.case_sensitive);
	assert_true(str_eq(r[1].path.value, STR("/V1")));
	assert_int_equal(r[1].header_count, 1);
	assert_true(str_eq(r[1].headers[0].name, STR("x-env")));
	assert_int_equal(r[1].headers[0].match.kind, SNAP_MATCH_CONTAINS);
	assert_true(r[1].headers[0].match.case_sensitive);
	assert_true(str_eq(r[1].headers[0].match.value, STR("Test")));
	snapshot_put(s);
}

static void a_rule_that_matches_nothing_known_is_refused(void **state)
{
	struct fixture *f = *state;

	add_service(f, STR("svc-a"), "ACTIVE", 1);
	add_rule(f, "rule-a", 1,
		 "{\"match\":{\"httpMatch\":{\"pathMatch\":{\"match\":{\"suffix\":\"/x\"}}}},"
		 "\"action\":{\"fixedResponse\":{\"statusCode\":404}}}");
	assert_null(compile(f));
	assert_non_null(strstr(f->fault.message, "rule-a"));
}

/* Compile with what is kept of the last time; the first rule's status, 0 without a rule. */
static unsigned status_by(struct fixture *f, struct compiler *c)
{
	struct snapshot *s = NULL;
	const struct snap_listener *l;
	unsigned status;

	assert_int_equal(store_end(f->s, true, &f->fault), 0);
	assert_int_equal(compiler_run(c, 1, &s, &f->fault), 0);
	l = s->services[0].listeners;
	status = l->rule_count ? l->rules[0].action.status : 0;
	snapshot_put(s);
	assert_int_equal(store_begin(f->s, true, &f->fault), 0);
	return status;
}

static void what_is_kept_follows_every_change(void **state)
{
	static const char body[] = "{\"match\":{\"httpMatch\":{\"method\":\"PUT\"}},"
				   "\"action\":{\"fixedResponse\":{\"statusCode\":%d}}}";
	struct fixture *f = *state;
	struct compiler *c = compiler_new(f->s, &pool_default);
	struct record r = { .kind = KIND_RULE, .id = STR("rule-a"), .number = 5 };
	struct store_change change = { .action = STORE_UPDATE, .record = &r };
	struct store_change gone = { .action = STORE_DELETE, .id = STR("rule-a") };
	char text[256];

	assert_non_null(c);
	add_service(f, STR("svc-a"), "ACTIVE", 1);
	assert_int_equal(status_by(f, c), 0);
	snprintf(text, sizeof(text), body, 404);
	add_rule(f, "rule-a", 5, text);
	assert_int_equal(status_by(f, c), 404);
	assert_int_equal(status_by(f, c), 404);
	snprintf(text, sizeof(text), body, 500);
	r.body = str_of(text);
	assert_int_equal(store_change(f->s, &change, &f->fault), 0);
	assert_int_equal(status_by(f, c), 500);
	assert_int_equal(store_change(f->s, &gone, &f->fault), 0);
	assert_int_equal(status_by(f, c), 0);
	compiler_free(c);
}

static void each_target_group_has_an_index_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s;
	struct record l = RECORD(KIND_LISTENER, "listener-z",
				 "{\"defaultAction\":{\"forward\":{\"targetGroups\":"
				 "[{\"targetGroupIdentifier\":\"tg-aa\",\"weight\":1},"
				 "{\"targetGroupIdentifier\":\"tg-bb\",\"weight\":2}]}}}");

	add(f, RECORD(KIND_TARGET_GROUP, "tg-aa", "{}"), 0);
	add(f, RECORD(KIND_TARGET_GROUP, "tg-bb", "{}"), 0);
	add(f, RECORD(KIND_SERVICE, "svc-z", "{\"status\":\"ACTIVE\"}"), 1);
	l.parent = STR("svc-z");
	add(f, l, 80);
	s = compile(f);
	assert_non_null(s);
	assert_int_equal(s->group_count, 2);
	assert_int_equal(s->services[0].listeners[0].default_action.forward[0].group->index, 0);
	assert_int_equal(s->services[0].listeners[0].default_action.forward[1].group->index, 1);
	snapshot_put(s);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_empty_store_is_an_empty_snapshot),
		CASE(only_active_associated_services_are_bound),
		CASE(vpcs_of_one_network_share_their_bindings),
		CASE(a_record_that_makes_no_sense_is_named),
		CASE(rules_come_by_priority_with_all_they_match),
		CASE(a_rule_that_matches_nothing_known_is_refused),
		CASE(what_is_kept_follows_every_change),
		CASE(each_target_group_has_an_index_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
