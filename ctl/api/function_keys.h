/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that calls of a function are signed with: in a request once, in the store sealed. */
#ifndef LATTICE_API_FUNCTION_KEYS_H
#define LATTICE_API_FUNCTION_KEYS_H

#include "api/call.h"

extern const struct field function_credentials_fields[];

#define FORM_CREDENTIALS                                     \
	{                                                    \
		.name = "credentials", .type = FIELD_OBJECT, \
		.members = function_credentials_fields       \
	}

int function_keys_put(struct call *c, struct str id, struct cJSON *body);

#endif
