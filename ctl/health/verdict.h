/* SPDX-License-Identifier: Apache-2.0 */
/* What a row of checks says of a target: thresholds and AWS's words for the outcome. */
#ifndef LATTICE_HEALTH_VERDICT_H
#define LATTICE_HEALTH_VERDICT_H

#include "model/snapshot.h"

enum health { HEALTH_INITIAL, HEALTH_HEALTHY, HEALTH_UNHEALTHY };

/* All-zero is a target that no check has looked at. */
struct verdict {
	enum health health;
	unsigned streak; /* checks in a row that speak against @health */
};

bool verdict_add(struct verdict *v, const struct snap_health_check *c, bool has_passed);

#endif
