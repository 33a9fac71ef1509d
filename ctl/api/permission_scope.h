/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call of AWS's operations touches, as AWS's service authorization reference has it: the
 * ARNs on each of which its caller must be allowed to do it.
 */
#ifndef LATTICE_API_PERMISSION_SCOPE_H
#define LATTICE_API_PERMISSION_SCOPE_H

#include "api/call.h"

/* One of them. */
struct permission_resource {
	struct permission_resource *next;
	struct str arn;
	const struct cJSON *body; /* its record's; NULL: there is none */
};

bool permission_is_creation(struct str operation);
int permission_find(struct call *c, struct str identifier, struct permission_resource *ret);
int permission_scope(struct call *c, struct str operation, struct str uri,
		     struct permission_resource **ret);

#endif
