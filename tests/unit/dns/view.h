/* SPDX-License-Identifier: Apache-2.0 */
/* What a VPC of one network with one service sees, for tests. */
#ifndef LATTICE_TESTS_DNS_VIEW_H
#define LATTICE_TESTS_DNS_VIEW_H

#include "dns/zone.h"
#include "model/name.h"

#include <assert.h>

enum { VIEW_NETWORK = 1, VIEW_SERVICE = 1, VIEW_VPC = 1 };

/* The service is like @like, with its names. The view lives until snapshot_put(). */
static inline struct zone_view view_of(struct str zone, const struct snap_service *like)
{
	struct snapshot *s = snapshot_new(1, &pool_default);
	struct snap_service *service = part_new(sizeof(*service), 1 << 12);
	struct snap_network *n = part_new(sizeof(*n), 1 << 12);
	struct snap_vpc *v = part_new(sizeof(*v), 1 << 12);
	struct part part = service->part;
	int err;

	*service = *like;
	service->part = part;
	service->index = VIEW_SERVICE;
	n->members = arena_new(&n->part.arena, uint64_t, 1);
	n->members[0] = 1 << VIEW_SERVICE;
	n->word_count = 1;
	v->number = VIEW_VPC;
	v->network = VIEW_NETWORK;
	err = shelf_set(&s->services, VIEW_SERVICE, &service->part);
	err |= shelf_set(&s->networks, VIEW_NETWORK, &n->part);
	err |= shelf_set(&s->vpcs, VIEW_VPC, &v->part);
	err |= name_add(&s->names, like->dns_name, VIEW_SERVICE, false);
	err |= name_add(&s->names, like->domain, VIEW_SERVICE, true);
	assert(!err);
	return (struct zone_view){ zone, s, v };
}

#endif
