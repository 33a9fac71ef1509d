/* SPDX-License-Identifier: Apache-2.0 */
/* A small snapshot for tests; there is room for a second target in its group. */
#ifndef LATTICE_TESTS_PLAN_H
#define LATTICE_TESTS_PLAN_H

#include "model/snapshot.h"

enum { PLAN_VPC = 1, PLAN_TARGETS_MAX = 2 };

/* One service at @front, whose default action forwards to one group with @back in it. */
static inline struct snapshot *plan_snapshot(const struct sock_addr *front,
					     const struct sock_addr *back)
{
	struct snapshot *s = snapshot_new(1, 1 << 20);
	struct snap_listener *l = arena_new(&s->arena, struct snap_listener, 1);
	struct snap_forward *f = arena_new(&s->arena, struct snap_forward, 1);
	struct snap_target_group *g = arena_new(&s->arena, struct snap_target_group, 1);

	g->id = STR("tg-1");
	g->arn = STR("arn:tg-1");
	g->vpc_id = STR("vpc-1");
	g->targets = arena_new(&s->arena, struct snap_target, PLAN_TARGETS_MAX);
	g->targets[0].addr = *back;
	g->targets[0].vpc = PLAN_VPC;
	g->target_count = 1;
	s->groups = g;
	s->group_count = 1;
	*f = (struct snap_forward){ g, 1 };
	l->id = STR("listener-1");
	l->protocol = STR("HTTP");
	l->default_action = (struct snap_action){ SNAP_ACTION_FORWARD, 0, f, 1, 1 };
	s->services = arena_new(&s->arena, struct snap_service, 1);
	s->services[0].arn = STR("arn:svc-1");
	s->services[0].listeners = l;
	s->service_count = 1;
	s->vpcs = arena_new(&s->arena, struct snap_vpc, 1);
	s->vpcs[0].number = PLAN_VPC;
	s->vpcs[0].id = STR("vpc-1");
	s->vpcs[0].arn = STR("arn:vpc-1");
	s->vpcs[0].network_arn = STR("arn:sn-1");
	s->vpcs[0].bindings = arena_new(&s->arena, struct snap_binding, 1);
	s->vpcs[0].bindings[0] = (struct snap_binding){ *front, &s->services[0], l };
	s->vpcs[0].binding_count = 1;
	s->vpc_count = 1;
	return s;
}

#endif
