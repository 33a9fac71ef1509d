/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel counts in each VPC, as the broker reads it there: asked for every few seconds,
 * one VPC at a time, so that the line is never full of it. Belongs to the control thread.
 */
#ifndef LATTICE_LATTICED_PLANE_COUNTERS_H
#define LATTICE_LATTICED_PLANE_COUNTERS_H

#include "io/loop.h"
#include "latticed/plane_vpcs.h"

/* From the end of one round to the next: counters are at most about so old. */
enum { PLANE_COUNTERS_MS = 2000 };

struct plane_counters {
	/* set once */
	struct loop *loop;
	struct plane_link *link;
	const struct plane_vpcs *vpcs;

	struct timer round;
	uint32_t next; /* VPC to ask for in this round */
	struct steer_counters at[LATTICE_VPCS_MAX];
};

int plane_counters_start(struct plane_counters *p);
int plane_counters_take(struct plane_counters *p, const struct link_msg *m);
void plane_counters_vpc(struct plane_counters *p, const struct link_msg *m);

#endif
