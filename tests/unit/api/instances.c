/* SPDX-License-Identifier: Apache-2.0 */
/* Instances, and target groups that hold them. */
#include "api/instances.c"

#include "conversation.h"

static unsigned make(struct fixture *f, const char *name, const char *vpc, const char *address)
{
	return ask(f, "POST", "/lattice/v1/instances",
		   fmt("{\"name\":\"%s\",\"vpcIdentifier\":\"%s\",\"address\":\"%s\"}", name, vpc,
		       address));
}

static void make_group(struct fixture *f, const char *type, char id[64])
{
	assert_int_equal(ask(f, "POST", "/targetgroups",
			     fmt("{\"name\":\"of-%s\",\"type\":\"%s\",\"config\":"
				 "{\"port\":8080,\"vpcIdentifier\":\"%s\"}}",
				 strcmp(type, "ALB") ? "vms" : "lbs", type, f->vpc[1])),
			 201);
	keep_id(f, id);
}

/* How many of the targets were taken. */
static int enter(struct fixture *f, const char *group, const char *targets)
{
	assert_int_equal(ask(f, "POST", fmt("/targetgroups/%s/registertargets", group),
			     fmt("{\"targets\":[%s]}", targets)),
			 200);
	return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(f->json, "successful"));
}

static const char *target(const char *id)
{
	return fmt("{\"id\":\"%s\"}", id);
}

static void an_address_is_one_instance_of_a_vpc(void **state)
{
	struct fixture *f = *state;
	char id[64];

	build_all(f);
	assert_int_equal(make(f, "a", f->vpc[0], "fd00::0:1"), 201);
	assert_string_equal(text(f, "address"), "fd00::1");
	keep_id(f, id);
	assert_int_equal(make(f, "b", f->vpc[0], "fd00::1"), 409);
	assert_int_equal(make(f, "b", f->vpc[1], "fd00::1"), 201);
	assert_int_equal(make(f, "a", f->vpc[0], "10.0.0.1"), 409);
	assert_int_equal(make(f, "b", f->vpc[0], "10.0.0.1"), 201);
	assert_int_equal(make(f, "c", f->vpc[0], "127.0.0.1"), 400);
	assert_int_equal(make(f, "c", f->vpc[0], "fd00:ec2:80::1"), 400);
	assert_int_equal(make(f, "i-c", f->vpc[0], "10.0.0.2"), 400);
	assert_int_equal(
		ask(f, "PATCH", fmt("/lattice/v1/instances/%s", id), "{\"address\":\"10.0.0.1\"}"),
		409);
	assert_int_equal(
		ask(f, "PATCH", fmt("/lattice/v1/instances/%s", id), "{\"address\":\"fd00::1\"}"),
		200);
}

static void a_group_holds_what_its_type_says(void **state)
{
	struct fixture *f = *state;
	char mine[64], others[64], vms[64], lbs[64];

	build_all(f);
	make(f, "web", f->vpc[1], "10.0.0.2");
	keep_id(f, mine);
	make(f, "web", f->vpc[0], "10.0.0.2");
	keep_id(f, others);
	make_group(f, "INSTANCE", vms);
	make_group(f, "ALB", lbs);
	assert_int_equal(enter(f, vms, target("10.0.0.2")), 0);
	assert_int_equal(enter(f, vms, target("web")), 0);
	assert_int_equal(enter(f, vms, target(others)), 0);
	assert_int_equal(enter(f, vms, target(mine)), 1);
	assert_int_equal(enter(f, f->group, target(mine)), 0);
	assert_int_equal(enter(f, lbs, target("arn:aws:x:loadbalancer/app/none/1")), 0);
	assert_int_equal(enter(f, lbs, target("arn:aws:x:loadbalancer/app/web/1")), 1);
	assert_int_equal(enter(f, lbs, target("web")), 1);
	assert_int_equal(enter(f, lbs, target("10.0.0.3")), 0);
	assert_int_equal(ask(f, "DELETE", fmt("/lattice/v1/instances/%s", mine), ""), 409);
	assert_int_equal(ask(f, "DELETE", fmt("/lattice/v1/instances/%s", others), ""), 204);
}

static void targets_are_where_their_instance_is(void **state)
{
	struct fixture *f = *state;
	const struct snap_target_group *g = NULL;
	struct compiler *c = compiler_new(f->s, &pool_default);
	struct snapshot *s;
	char id[64], vms[64];
	size_t i;

	build_all(f);
	make(f, "web", f->vpc[1], "10.0.0.2");
	keep_id(f, id);
	make_group(f, "INSTANCE", vms);
	assert_int_equal(enter(f, vms, target(id)), 1);
	f->changes = 0;
	assert_int_equal(compiler_run(c, 1, &s, &(struct fault){ 0 }), 0);
	snapshot_put(s);
	assert_int_equal(
		ask(f, "PATCH", fmt("/lattice/v1/instances/%s", id), "{\"address\":\"fd00::7\"}"),
		200);
	assert_int_equal(f->changes, 1);
	assert_int_equal(compiler_run(c, 2, &s, &(struct fault){ 0 }), 0);
	for (i = 0; i < shelf_end(&s->groups) && !(g && str_eq(g->id, str_of(vms))); i++)
		g = shelf_at(&s->groups, i);
	assert_true(g && g->target_count == 1);
	assert_int_equal(g->targets[0].addr.family, AF_INET6);
	assert_int_equal(g->targets[0].addr.port, 8080);
	snapshot_put(s);
	compiler_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_address_is_one_instance_of_a_vpc),
		CASE(a_group_holds_what_its_type_says),
		CASE(targets_are_where_their_instance_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
