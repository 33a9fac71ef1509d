/* SPDX-License-Identifier: Apache-2.0 */
/* From the security groups of an association to the filter of its VPC. */
#ifndef LATTICE_STORE_COMPILE_FILTER_H
#define LATTICE_STORE_COMPILE_FILTER_H

#include "model/snapshot.h"
#include "store/children.h"

int filter_compile(struct children *groups, const struct cJSON *association, struct arena *a,
		   struct snap_vpc *v, struct fault *fault);

#endif
