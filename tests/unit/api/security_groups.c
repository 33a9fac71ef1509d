/* SPDX-License-Identifier: Apache-2.0 */
/* Security groups: their rules, their VPC, and what of them reaches a snapshot. */
#include "api/security_groups.c"

#include "conversation.h"

static void make(struct fixture *f, const char *name, const char *vpc, const char *rules,
		 char id[64])
{
	assert_int_equal(ask(f, "POST", "/lattice/v1/securitygroups",
			     fmt("{\"name\":\"%s\",\"vpcIdentifier\":\"%s\",\"ingress\":[%s]}",
				 name, vpc, rules)),
			 201);
	keep_id(f, id);
}

static unsigned use(struct fixture *f, const char *list)
{
	return ask(f, "PATCH", fmt("/servicenetworkvpcassociations/%s", f->vpc_assoc),
		   fmt("{\"securityGroupIds\":[%s]}", list));
}

static const char *one(const char *id)
{
	return fmt("\"%s\"", id);
}

static void one_port_is_a_range(void **state)
{
	struct fixture *f = *state;
	const cJSON *rules;
	char id[64];

	build_all(f);
	make(f, "web", f->vpc[0],
	     "{\"cidr\":\"10.0.0.0/8\"},{\"cidr\":\"::/0\",\"fromPort\":80},"
	     "{\"cidr\":\"::/0\",\"toPort\":81}",
	     id);
	rules = cJSON_GetObjectItemCaseSensitive(f->json, "ingress");
	assert_int_equal(port_of(cJSON_GetArrayItem(rules, 0), "fromPort", 0), 1);
	assert_int_equal(port_of(cJSON_GetArrayItem(rules, 0), "toPort", 0), 65535);
	assert_int_equal(port_of(cJSON_GetArrayItem(rules, 1), "toPort", 0), 80);
	assert_int_equal(port_of(cJSON_GetArrayItem(rules, 2), "fromPort", 0), 81);
}

static void refuses_what_would_not_be_honoured(void **state)
{
	static const char *const wrong[][2] = {
		{ "{\"cidr\":\"10.0.0.1/8\"}", "ingress[0].cidr" },
		{ "{\"fromPort\":80}", "ingress[0].cidr" },
		{ "{\"cidr\":\"::/0\",\"fromPort\":0}", "ingress[0].fromPort" },
		{ "{\"cidr\":\"::/0\",\"fromPort\":2,\"toPort\":1}", "ingress[0].toPort" },
		{ "{\"cidr\":\"::/0\",\"protocol\":\"udp\"}", "ingress[0].protocol" },
	};
	struct fixture *f = *state;
	const cJSON *field;
	size_t i;

	build_all(f);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
			ask(f, "POST", "/lattice/v1/securitygroups",
			    fmt("{\"name\":\"x\",\"vpcIdentifier\":\"%s\",\"ingress\":[%s]}",
				f->vpc[0], wrong[i][0])),
			400);
		field = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(f->json, "fieldList"),
					   0);
		assert_string_equal(json_get_str(field, "name").p, wrong[i][1]);
	}
}

static void only_the_groups_of_the_vpc_serve(void **state)
{
	struct fixture *f = *state;
	char blue[64], green[64];

	build_all(f);
	make(f, "web", f->vpc[0], "", blue);
	make(f, "web", f->vpc[1], "", green);
	assert_int_equal(use(f, one(green)), 400);
	assert_int_equal(use(f, "\"sg-00000000000000000\""), 404);
	assert_int_equal(use(f, ""), 400);
	assert_int_equal(use(f, fmt("\"%s\",\"%s\"", blue, blue)), 400);
	assert_int_equal(use(f, one(blue)), 200);
	assert_int_equal(ask(f, "DELETE", fmt("/lattice/v1/securitygroups/%s", blue), ""), 409);
	assert_int_equal(ask(f, "DELETE", fmt("/lattice/v1/securitygroups/%s", green), ""), 204);
	/* The association keeps its other links. */
	assert_int_equal(ask(f, "DELETE", fmt("/servicenetworks/%s", f->network), ""), 409);
}

static void rules_of_all_groups_reach_the_snapshot(void **state)
{
	struct fixture *f = *state;
	const struct snap_vpc *v = NULL;
	struct snapshot *s;
	char web[64], none[64];
	uint32_t number;
	size_t i;

	build_all(f);
	make(f, "web", f->vpc[0], "{\"cidr\":\"10.0.0.0/8\",\"fromPort\":80,\"toPort\":90}", web);
	make(f, "none", f->vpc[0], "", none);
	f->changes = 0;
	assert_int_equal(use(f, fmt("\"%s\",\"%s\"", none, web)), 200);
	assert_int_equal(f->changes, 1);
	assert_int_equal(snapshot_compile(f->s, 1, &s, &(struct fault){ 0 }), 0);
	for (i = 0; i < shelf_end(&s->vpcs); i++) {
		const struct snap_vpc *each = shelf_at(&s->vpcs, i);

		if (each && str_eq(each->id, str_of(f->vpc[0])))
			v = each;
		else if (each)
			assert_false(each->has_filter);
	}
	assert_true(v && v->has_filter);
	assert_int_equal(v->rule_count, 1);
	assert_int_equal(v->rules[0].source.bits, 8);
	assert_int_equal(v->rules[0].port_max, 90);
	number = v->number;
	snapshot_put(s);
	assert_int_equal(use(f, one(none)), 200);
	assert_int_equal(snapshot_compile(f->s, 1, &s, &(struct fault){ 0 }), 0);
	v = snapshot_find_vpc(s, number);
	assert_true(v->has_filter && !v->rule_count);
	snapshot_put(s);
}

static void a_missing_group_fails_closed(void **state)
{
	struct fixture *f = *state;
	struct store_change unlink_it = { .action = STORE_UNLINK };
	struct store_change relink = { .action = STORE_LINK };
	struct store_change remove = { .action = STORE_DELETE };
	struct fault fault = { 0 };
	struct snapshot *s;
	char id[64];

	build_all(f);
	make(f, "web", f->vpc[0], "", id);
	assert_int_equal(use(f, one(id)), 200);
	unlink_it.id = str_of(f->vpc_assoc);
	relink.id = str_of(f->vpc_assoc);
	relink.target = str_of(f->vpc[0]);
	remove.id = str_of(id);
	assert_int_equal(store_begin(f->s, true, &fault), 0);
	assert_int_equal(store_change(f->s, &unlink_it, &fault), 0);
	assert_int_equal(store_change(f->s, &relink, &fault), 0);
	assert_int_equal(store_change(f->s, &remove, &fault), 0);
	assert_int_equal(store_end(f->s, true, &fault), 0);
	assert_int_equal(snapshot_compile(f->s, 1, &s, &fault), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_port_is_a_range),
		CASE(refuses_what_would_not_be_honoured),
		CASE(only_the_groups_of_the_vpc_serve),
		CASE(rules_of_all_groups_reach_the_snapshot),
		CASE(a_missing_group_fails_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
