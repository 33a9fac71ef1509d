/* SPDX-License-Identifier: Apache-2.0 */
/* What of the store's records reaches a snapshot, and what is refused. */
#include "store/compile.c"

#include "base/buf.h"
#include "model/binding.h"

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
	link_to(f, STR("snva-x"), STR("vpc-b"));
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

	snprintf(body, sizeof(body),
		 "{\"status\":\"ACTIVE\",\"serviceNetworkId\":\"sn-nn\","
		 "\"serviceId\":\"" STR_FMT "\"}",
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
	assert_int_equal(shelf_end(&s->vpcs), 0);
	assert_int_equal(shelf_end(&s->services), 0);
	snapshot_put(s);
}

/* The id of what a client of VPC number @vpc finds at @ip, port 80; empty: nothing. */
static struct str found(const struct snapshot *s, uint32_t vpc, const char *ip)
{
	struct sock_addr addr;
	struct binding b;

	assert_int_equal(sock_addr_parse(str_of(ip), &addr), 0);
	addr.port = 80;
	if (!binding_find(s, snapshot_find_vpc(s, vpc), &addr, STR(""), &b))
		return STR("");
	return b.service->id;
}

static void only_active_associated_services_are_bound(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s;

	add_network(f);
	add_service(f, STR("svc-a"), "ACTIVE", 1);
	add_service(f, STR("svc-b"), "ACTIVE", 2);
	add_service(f, STR("svc-c"), "CREATE_FAILED", 3);
	associate(f, "snsa-b", STR("svc-b"));
	associate(f, "snsa-c", STR("svc-c"));
	s = compile(f);
	assert_non_null(s);
	assert_int_equal(snapshot_find_service(s, 2)->index, 2);
	assert_null(snapshot_find_service(s, 3));
	assert_true(str_eq(found(s, 9, "169.254.171.2"), STR("svc-b")));
	assert_true(str_eq(found(s, 9, "fd00:ec2:80::a9fe:ab02"), STR("svc-b")));
	assert_int_equal(found(s, 9, "169.254.171.1").n, 0);
	assert_int_equal(found(s, 9, "169.254.171.3").n, 0);
	assert_int_equal(found(s, 3, "169.254.171.2").n, 0);
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
	assert_int_equal(snapshot_find_service(s, 1)->listeners[0].rule_count, 2);
	r = snapshot_find_service(s, 1)->listeners[0].rules;
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
	l = snapshot_find_service(s, 1)->listeners;
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
	const struct snap_forward *forward;
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
	forward = snapshot_find_service(s, 1)->listeners[0].default_action.forward;
	assert_int_not_equal(forward[0].group, forward[1].group);
	assert_true(str_eq(snapshot_find_group(s, forward[0].group)->id, STR("tg-aa")));
	assert_true(str_eq(snapshot_find_group(s, forward[1].group)->id, STR("tg-bb")));
	snapshot_put(s);
}

/* Random changes, after which compiling what changed must come to the same as compiling all. */

enum { SERVICES = 5, GROUPS = 4, ROUNDS = 400 };

static void write_action(struct buf *b, const struct snapshot *s, const struct snap_action *a)
{
	size_t i;

	buf_addf(b, " %u", a->status);
	for (i = 0; i < a->forward_count; i++) {
		const struct snap_target_group *g = snapshot_find_group(s, a->forward[i].group);

		buf_addf(b, ">" STR_FMT, STR_ARG(g->id));
	}
}

static void write_service(struct buf *b, const struct snapshot *s, const struct snap_service *v)
{
	size_t i, k;

	buf_addf(b, "\n" STR_FMT " %u", STR_ARG(v->id), v->index);
	for (i = 0; i < v->listener_count; i++) {
		const struct snap_listener *l = &v->listeners[i];

		buf_addf(b, "\n :%u", l->port);
		write_action(b, s, &l->default_action);
		for (k = 0; k < l->rule_count; k++) {
			buf_addf(b, "\n  %u", l->rules[k].priority);
			write_action(b, s, &l->rules[k].action);
		}
	}
}

static int cmp_group_id(const void *a, const void *b)
{
	const struct snap_target_group *x = *(struct snap_target_group *const *)a;
	const struct snap_target_group *y = *(struct snap_target_group *const *)b;

	return memcmp(x->id.p, y->id.p, x->id.n);
}

static void write_groups(struct buf *b, const struct snapshot *s)
{
	struct snap_target_group *at[GROUPS];
	size_t i, count = 0;

	for (i = 0; i < shelf_end(&s->groups); i++)
		if (shelf_at(&s->groups, i))
			at[count++] = shelf_at(&s->groups, i);
	qsort(at, count, sizeof(*at), cmp_group_id);
	for (i = 0; i < count; i++)
		buf_addf(b, "\n" STR_FMT " %zu %d", STR_ARG(at[i]->id), at[i]->target_count,
			 at[i]->is_used);
}

/* All that a snapshot says, as text; indexes do not matter. */
static void write_snapshot(struct buf *b, const struct snapshot *s)
{
	size_t i, k;

	buf_init(b, 1 << 20);
	for (i = 0; i < shelf_end(&s->services); i++)
		if (shelf_at(&s->services, i))
			write_service(b, s, shelf_at(&s->services, i));
	write_groups(b, s);
	for (i = 0; i < shelf_end(&s->vpcs); i++) {
		const struct snap_vpc *v = shelf_at(&s->vpcs, i);

		if (!v)
			continue;
		buf_addf(b, "\n" STR_FMT " in " STR_FMT ":", STR_ARG(v->id),
			 STR_ARG(v->network_id));
		for (k = 0; k <= SERVICES; k++)
			if (snap_network_has(snapshot_find_network(s, v->network), (uint32_t)k))
				buf_addf(b, " %zu", k);
	}
	assert_false(b->failed);
}

static uint32_t dice(uint32_t *rng, uint32_t sides)
{
	*rng = *rng * 1103515245 + 12345;
	return (*rng >> 8) % sides;
}

/* Insert @r, or delete what is there; what the store refuses is none of our business. */
static void toggle(struct fixture *f, struct record r, uint32_t number)
{
	struct store_change insert = {
		.action = STORE_INSERT, .record = &r, .number_min = number, .number_max = number
	};
	struct store_change gone = { .action = STORE_DELETE, .id = r.id };
	struct store_query q = { .id = r.id };
	struct fault ignored;
	size_t n;

	r.account = STR("123456789012");
	assert_int_equal(store_count(f->s, &q, &n, &ignored), 0);
	store_change(f->s, n ? &gone : &insert, &ignored);
}

static void set_action(char text[256], uint32_t *rng)
{
	if (dice(rng, 2))
		snprintf(text, 256, "{\"fixedResponse\":{\"statusCode\":%u}}", 400 + dice(rng, 9));
	else
		snprintf(text, 256,
			 "{\"forward\":{\"targetGroups\":[{\"targetGroupIdentifier\":\"tg-%u\"}]}}",
			 dice(rng, GROUPS));
}

static bool is_there(struct fixture *f, struct str id)
{
	struct store_query q = { .id = id };
	size_t n;

	assert_int_equal(store_count(f->s, &q, &n, &f->fault), 0);
	return n > 0;
}

/* Which groups an action names must exist, as the API sees to. */
static bool names_a_group_that_is_gone(struct fixture *f, const char *action)
{
	const char *at = strstr(action, "tg-");

	return at && !is_there(f, (struct str){ at, 4 });
}

static void change_listener(struct fixture *f, uint32_t *rng)
{
	char id[32], parent[32], body[512], action[256];
	struct record r = { .kind = KIND_LISTENER, .body = { body, 0 } };
	uint32_t n = dice(rng, SERVICES);
	bool is_rule = dice(rng, 2);

	snprintf(id, sizeof(id), "listener-%u", n);
	snprintf(parent, sizeof(parent), "svc-%u", n);
	set_action(action, rng);
	if (names_a_group_that_is_gone(f, action))
		return;
	snprintf(body, sizeof(body), "{\"protocol\":\"HTTP\",\"defaultAction\":%s}", action);
	if (is_rule) {
		memcpy(parent, id, sizeof(id));
		snprintf(id, sizeof(id), "rule-%u%u", n, dice(rng, 3));
		snprintf(body, sizeof(body),
			 "{\"match\":{\"httpMatch\":{\"method\":\"PUT\"}},\"action\":%s}", action);
		r.kind = KIND_RULE;
	}
	r.id = str_of(id);
	r.parent = str_of(parent);
	r.body = str_of(body);
	toggle(f, r, 1 + dice(rng, 100));
	if (strstr(action, "tg-")) {
		struct store_change link = { .action = STORE_LINK,
					     .id = r.id,
					     .target = { strstr(action, "tg-"), 4 } };

		store_change(f->s, &link, &f->fault); /* a deleted one has none */
	}
}

static void change_something(struct fixture *f, uint32_t *rng)
{
	char id[32], parent[32], body[256];
	struct record r = { .body = STR("{\"status\":\"ACTIVE\",\"netns\":\"/n\",\"vpcIdentifier\":"
					"\"vpc-b\"}") };
	uint32_t n = dice(rng, SERVICES);

	switch (dice(rng, 8)) {
	case 0:
		snprintf(id, sizeof(id), "svc-%u", n);
		r.kind = KIND_SERVICE;
		r.id = str_of(id);
		toggle(f, r, n + 1);
		break;
	case 1:
		snprintf(id, sizeof(id), "tg-%u", n % GROUPS);
		r.kind = KIND_TARGET_GROUP;
		r.id = str_of(id);
		toggle(f, r, 0);
		break;
	case 2:
		snprintf(id, sizeof(id), "target-%u", n);
		snprintf(parent, sizeof(parent), "tg-%u", n % GROUPS);
		snprintf(body, sizeof(body), "10.0.0.%u:80", n + 1);
		r = (struct record){ .kind = KIND_TARGET,
				     .id = str_of(id),
				     .parent = str_of(parent),
				     .name = str_of(body),
				     .body = STR("{}") };
		toggle(f, r, 0);
		break;
	case 3:
		snprintf(id, sizeof(id), "snsa-%u", n);
		snprintf(body, sizeof(body),
			 "{\"status\":\"ACTIVE\",\"serviceNetworkId\":\"sn-nn\","
			 "\"serviceId\":\"svc-%u\"}",
			 n);
		snprintf(parent, sizeof(parent), "svc-%u", n);
		if (!is_there(f, str_of(parent)))
			break;
		r = (struct record){ .kind = KIND_SERVICE_ASSOCIATION,
				     .id = str_of(id),
				     .body = str_of(body) };
		toggle(f, r, 0);
		store_change(f->s,
			     &(struct store_change){
				     .action = STORE_LINK, .id = r.id, .target = str_of(parent) },
			     &f->fault);
		break;
	case 4:
		r = (struct record){ .kind = KIND_VPC_ASSOCIATION,
				     .id = STR("snva-x"),
				     .body = STR("{\"status\":\"ACTIVE\",\"vpcId\":\"vpc-b\","
						 "\"serviceNetworkId\":\"sn-nn\"}") };
		toggle(f, r, 0);
		store_change(f->s,
			     &(struct store_change){ .action = STORE_LINK,
						     .id = STR("snva-x"),
						     .target = STR("vpc-b") },
			     &f->fault);
		break;
	default:
		change_listener(f, rng);
	}
}

static void compiling_changes_comes_to_the_same_as_compiling_all(void **state)
{
	struct fixture *f = *state;
	struct compiler *c = compiler_new(f->s, &pool_default);
	uint32_t rng = 2026, i, k;

	assert_non_null(c);
	add_network(f);
	for (i = 0; i < ROUNDS; i++) {
		struct snapshot *some, *all;
		struct buf texts[2];

		for (k = dice(&rng, 4); k; k--)
			change_something(f, &rng);
		assert_int_equal(store_end(f->s, true, &f->fault), 0);
		assert_int_equal(compiler_run(c, i, &some, &f->fault), 0);
		assert_int_equal(snapshot_compile(f->s, i, &all, &f->fault), 0);
		write_snapshot(&texts[0], some);
		write_snapshot(&texts[1], all);
		buf_add_char(&texts[0], 0);
		buf_add_char(&texts[1], 0);
		assert_string_equal(buf_str(&texts[0]).p, buf_str(&texts[1]).p);
		buf_fini(&texts[0]);
		buf_fini(&texts[1]);
		snapshot_put(all);
		snapshot_put(some);
		assert_int_equal(store_begin(f->s, true, &f->fault), 0);
	}
	compiler_free(c);
}

static void what_did_not_change_is_shared(void **state)
{
	struct fixture *f = *state;
	struct compiler *c = compiler_new(f->s, &pool_default);
	struct snapshot *before, *after;

	add_service(f, STR("svc-a"), "ACTIVE", 1);
	add_service(f, STR("svc-b"), "ACTIVE", 2);
	assert_int_equal(store_end(f->s, true, &f->fault), 0);
	assert_int_equal(compiler_run(c, 1, &before, &f->fault), 0);
	assert_int_equal(store_begin(f->s, true, &f->fault), 0);
	add_rule(f, "rule-a", 5,
		 "{\"match\":{\"httpMatch\":{\"method\":\"PUT\"}},"
		 "\"action\":{\"fixedResponse\":{\"statusCode\":404}}}");
	assert_int_equal(store_end(f->s, true, &f->fault), 0);
	assert_int_equal(compiler_run(c, 2, &after, &f->fault), 0);
	assert_ptr_equal(snapshot_find_service(before, 2), snapshot_find_service(after, 2));
	assert_ptr_not_equal(snapshot_find_service(before, 1), snapshot_find_service(after, 1));
	snapshot_put(before);
	snapshot_put(after);
	compiler_free(c);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_empty_store_is_an_empty_snapshot),
		CASE(only_active_associated_services_are_bound),
		CASE(a_record_that_makes_no_sense_is_named),
		CASE(rules_come_by_priority_with_all_they_match),
		CASE(a_rule_that_matches_nothing_known_is_refused),
		CASE(what_is_kept_follows_every_change),
		CASE(each_target_group_has_an_index_of_its_own),
		CASE(what_did_not_change_is_shared),
		CASE(compiling_changes_comes_to_the_same_as_compiling_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
