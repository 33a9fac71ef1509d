/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the broker has been told of each VPC, and what it answered: plane_vpcs_publish() brings the
 * broker from the last snapshot to the next one.
 */
#ifndef LATTICE_LATTICED_PLANE_VPCS_H
#define LATTICE_LATTICED_PLANE_VPCS_H

#include "latticed/plane_link.h"
#include "model/snapshot.h"

enum plane_vpc_state { PLANE_VPC_UNKNOWN, PLANE_VPC_PENDING, PLANE_VPC_ACTIVE, PLANE_VPC_MISSING };

struct plane_vpcs {
	struct plane_link *link;
	uint8_t state[LATTICE_VPCS_MAX];	     /* enum plane_vpc_state */
	int16_t error[LATTICE_VPCS_MAX];	     /* why a VPC is missing, -errno */
	bool is_behind[LATTICE_VPCS_MAX];	     /* the broker has another than that */
	uint64_t sent_generation[LATTICE_VPCS_MAX];  /* of the table that was sent last */
	uint64_t table_generation[LATTICE_VPCS_MAX]; /* in force in the namespace */
};

int plane_vpcs_publish(struct plane_vpcs *p, const struct snapshot *old,
		       const struct snapshot *next);
int plane_vpcs_answer(struct plane_vpcs *p, const struct snapshot *now, const struct link_msg *m);
struct str plane_vpcs_state(const struct plane_vpcs *p, uint32_t number, struct str *ret_reason);

#endif
