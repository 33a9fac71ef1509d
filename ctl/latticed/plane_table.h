/* SPDX-License-Identifier: Apache-2.0 */
/* The steering table of a network's VPCs: all entries, or those that differ between snapshots. */
#ifndef LATTICE_LATTICED_PLANE_TABLE_H
#define LATTICE_LATTICED_PLANE_TABLE_H

#include "model/snapshot.h"
#include "steer/link.h"

/* All-zero is empty; free() @at. */
struct plane_table {
	struct link_binding *at;
	size_t count, room;
};

int plane_table_all(struct plane_table *t, const struct snapshot *s, uint32_t network);
int plane_table_changes(struct plane_table *t, const struct snapshot *old,
			const struct snapshot *next, uint32_t network);

#endif
