/* SPDX-License-Identifier: Apache-2.0 */
/* A small snapshot for tests; there is room for a second target in its group. */
#ifndef LATTICE_TESTS_PLAN_H
#define LATTICE_TESTS_PLAN_H

#include "model/snapshot.h"

enum { PLAN_VPC = 1, PLAN_TARGETS_MAX = 2, PLAN_SERVICE = 1, PLAN_GROUP = 1, PLAN_NETWORK = 1 };

/* 127.0.0.1 is that of number 1; addresses are in network order. */
static const uint8_t plan_loopback[4] = { 127, 0, 0, 0 };
static struct pool plan_pool = { .bits = 30, .bits6 = 64 };

static inline struct snap_target_group *plan_group(const struct sock_addr *back)
{
	struct snap_target_group *g = part_new(sizeof(*g), 1 << 20);

	g->index = PLAN_GROUP;
	g->serial = 1;
	g->id = STR("tg-1");
	g->arn = STR("arn:tg-1");
	g->vpc_id = STR("vpc-1");
	g->targets = arena_new(&g->part.arena, struct snap_target, PLAN_TARGETS_MAX);
	g->targets[0].addr = *back;
	g->targets[0].vpc = PLAN_VPC;
	g->target_count = 1;
	return g;
}

static inline struct snap_service *plan_service(uint16_t port)
{
	struct snap_service *s = part_new(sizeof(*s), 1 << 20);
	struct snap_listener *l = arena_new(&s->part.arena, struct snap_listener, 1);
	struct snap_forward *f = arena_new(&s->part.arena, struct snap_forward, 1);

	*f = (struct snap_forward){ PLAN_GROUP, 1 };
	l->id = STR("listener-1");
	l->protocol = STR("HTTP");
	l->port = port;
	l->default_action = (struct snap_action){
		.kind = SNAP_ACTION_FORWARD, .forward = f, .forward_count = 1, .weight_sum = 1
	};
	s->arn = STR("arn:svc-1");
	s->listeners = l;
	s->listener_count = 1;
	s->index = PLAN_SERVICE;
	return s;
}

/* One service at @front, whose default action forwards to one group with @back in it. */
static inline struct snapshot *plan_snapshot(const struct sock_addr *front,
					     const struct sock_addr *back)
{
	struct snapshot *s = snapshot_new(1, &plan_pool);
	struct snap_network *n = part_new(sizeof(*n), 1 << 20);
	struct snap_vpc *v = part_new(sizeof(*v), 1 << 20);
	int err;

	memcpy(&plan_pool.addr, plan_loopback, sizeof(plan_loopback));
	n->members = arena_new(&n->part.arena, uint64_t, 1);
	n->members[0] = 1 << PLAN_SERVICE;
	n->word_count = 1;
	v->number = PLAN_VPC;
	v->id = STR("vpc-1");
	v->arn = STR("arn:vpc-1");
	v->network = PLAN_NETWORK;
	v->network_arn = STR("arn:sn-1");
	err = shelf_set(&s->networks, PLAN_NETWORK, &n->part);
	err |= shelf_set(&s->vpcs, PLAN_VPC, &v->part);
	err |= shelf_set(&s->groups, PLAN_GROUP, &plan_group(back)->part);
	err |= shelf_set(&s->services, PLAN_SERVICE, &plan_service(front->port)->part);
	return err ? NULL : s;
}

#endif
