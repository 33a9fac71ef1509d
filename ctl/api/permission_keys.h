/* SPDX-License-Identifier: Apache-2.0 */
/* What a call of AWS's operations says of itself, by the condition keys of auth/call_keys.def. */
#ifndef LATTICE_API_PERMISSION_KEYS_H
#define LATTICE_API_PERMISSION_KEYS_H

#include "api/permission_scope.h"
#include "auth/context.h"

int permission_read_tags(struct call *c, const struct cJSON *tags, const struct principal_tag **ret,
			 size_t *ret_count);
int permission_read_keys(struct call *c, struct str operation, struct auth_call *to);
void permission_read_record(const struct permission_resource *r, struct auth_call *to);

#endif
