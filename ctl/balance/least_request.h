/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The target of a group with the fewest requests under way, of those that are in; those with
 * equally few take turns. least_request_begin() chooses and counts, least_request_end() counts
 * down. Belongs to one worker, which knows of its own requests only.
 */
#ifndef LATTICE_BALANCE_LEAST_REQUEST_H
#define LATTICE_BALANCE_LEAST_REQUEST_H

#include "balance/round_robin.h"

/* All-zero is without requests. */
struct least_request {
	uint64_t serial; /* the counts are of this version of the group's targets */
	size_t count;
	struct least_count *at; /* in the order of the targets */
};

/* What a request counts as; all-zero: nothing. */
struct least_ticket {
	bool is_counted;
	uint32_t place;
	struct sock_addr addr;
};

struct snap_target *least_request_begin(struct least_request *l, struct round_robin *turns,
					const struct snap_target_group *g,
					struct least_ticket *ret);
void least_request_end(struct least_request *l, struct least_ticket *t);
void least_request_fini(struct least_request *l);

#endif
