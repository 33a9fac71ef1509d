/* SPDX-License-Identifier: Apache-2.0 */
/* The requests that were refused last, so that an administrator can ask why. */
#ifndef LATTICE_LATTICED_PLANE_REFUSALS_H
#define LATTICE_LATTICED_PLANE_REFUSALS_H

#include "proxy/refusal.h"

enum { PLANE_REFUSALS_MAX = 512 };

/* owner: control thread */
struct plane_refusals {
	struct list all; /* the newest first */
	size_t count;
};

void plane_refusals_init(struct plane_refusals *p);
void plane_refusals_fini(struct plane_refusals *p);
void plane_refusals_take(struct plane_refusals *p, struct refusal *f);
const struct refusal *plane_refusals_find(const struct plane_refusals *p, struct str id);

#endif
