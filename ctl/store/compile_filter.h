/* SPDX-License-Identifier: Apache-2.0 */
/* From the security groups of an association to the filter of its VPC. */
#ifndef LATTICE_STORE_COMPILE_FILTER_H
#define LATTICE_STORE_COMPILE_FILTER_H

#include "store/build.h"

int compile_filter(struct build *b, const struct cJSON *association, struct snap_vpc *v);

#endif
