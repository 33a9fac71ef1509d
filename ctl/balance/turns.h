/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose turn it is, of everything that a worker's requests choose between: turns_grow() with each
 * snapshot, turns_action() for a group of an action, turns_begin() for a target of a group and
 * turns_end() when the request has left it. All-zero is empty. It outlives snapshots.
 */
#ifndef LATTICE_BALANCE_TURNS_H
#define LATTICE_BALANCE_TURNS_H

#include "balance/least_request.h"

struct turns {
	struct group_turns *groups; /* by index */
	size_t group_count;
	struct action_turns *services; /* by number */
	size_t service_count;
};

/* A target that a request has been given; all-zero: none. */
struct turns_ticket {
	uint32_t group;
	struct least_ticket least;
};

bool turns_grow(struct turns *t, const struct snapshot *s);
const struct snap_forward *turns_action(struct turns *t, const struct snap_service *s,
					const struct snap_action *a);
struct snap_target *turns_begin(struct turns *t, const struct snap_target_group *g,
				struct turns_ticket *ret);
void turns_end(struct turns *t, struct turns_ticket *ticket);
void turns_fini(struct turns *t);

#endif
