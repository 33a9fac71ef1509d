/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which names there are for whom: what a VPC's clients may know, from the snapshot. The zone is the
 * one that all generated names end with.
 */
#ifndef LATTICE_DNS_ZONE_H
#define LATTICE_DNS_ZONE_H

#include "model/snapshot.h"

enum zone_find {
	ZONE_FOREIGN, /* not ours: ask others */
	ZONE_SERVICE, /* a service's generated name */
	ZONE_ALIAS,   /* a service's custom name */
	ZONE_APEX,    /* the zone itself */
	ZONE_EMPTY,   /* nothing here, but there are names below */
	ZONE_MISSING, /* ours, and no such name for this VPC */
};

/* Who asks, and what there is. */
struct zone_view {
	struct str zone; /* that generated names end with, in lower case */
	const struct snapshot *snapshot;
	const struct snap_vpc *v; /* NULL: a VPC that nothing is known of */
};

enum zone_find zone_find(const struct zone_view *view, struct str name,
			 const struct snap_service **ret);

#endif
