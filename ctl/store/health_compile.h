/* SPDX-License-Identifier: Apache-2.0 */
/* A target group's health check from its record into the snapshot. */
#ifndef LATTICE_STORE_HEALTH_COMPILE_H
#define LATTICE_STORE_HEALTH_COMPILE_H

#include "model/snapshot.h"

struct cJSON;

bool health_compile(struct arena *a, const struct cJSON *config, struct snap_health_check *ret);

#endif
