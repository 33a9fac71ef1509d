/* SPDX-License-Identifier: Apache-2.0 */
/* What associations of VPCs do with security groups. */
#ifndef LATTICE_API_SECURITY_GROUP_H
#define LATTICE_API_SECURITY_GROUP_H

#include "api/call.h"

/* One of securityGroupIds, and how many there may be, which AWS fixes. */
extern const struct field security_group_item;
enum { SECURITY_GROUPS_PER_ASSOCIATION_MAX = 5 };

int security_groups_link(struct call *c, const struct record *association, const struct record *vpc,
			 const struct cJSON *ids);

#endif
