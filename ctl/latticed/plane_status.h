/* SPDX-License-Identifier: Apache-2.0 */
/* What `latticectl status` is told of the plane and of each VPC. */
#ifndef LATTICE_LATTICED_PLANE_STATUS_H
#define LATTICE_LATTICED_PLANE_STATUS_H

#include "latticed/plane_vpcs.h"

struct cJSON;

void plane_status_steer(const char *steer, struct cJSON *into);
void plane_status_vpcs(const struct plane_vpcs *p, const struct snapshot *now, struct cJSON *into);

#endif
