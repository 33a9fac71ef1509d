/* SPDX-License-Identifier: Apache-2.0 */
/* The targets of a group in turn, those that are out left out. Belongs to one worker. */
#ifndef LATTICE_BALANCE_ROUND_ROBIN_H
#define LATTICE_BALANCE_ROUND_ROBIN_H

#include "model/snapshot.h"

/* All-zero is the first turn. */
struct round_robin {
	uint32_t ticket;
	uint64_t serial;  /* what follows holds for this version of the group */
	unsigned changes; /* while it has changed so often */
	size_t count;	  /* targets that take turns */
	uint32_t *places; /* in the group's targets; NULL: all of them */
};

void round_robin_look(struct round_robin *r, const struct snap_target_group *g);
struct snap_target *round_robin_next(struct round_robin *r, const struct snap_target_group *g);
void round_robin_fini(struct round_robin *r);

/* Which of the group's targets has turn @i, below count; after round_robin_look(). */
static inline uint32_t round_robin_place(const struct round_robin *r, size_t i)
{
	return r->places ? r->places[i] : (uint32_t)i;
}

#endif
