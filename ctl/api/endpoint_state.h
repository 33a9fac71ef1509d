/* SPDX-License-Identifier: Apache-2.0 */
/* Where an endpoint's name leads, for those who show one; and what its authorities may be. */
#ifndef LATTICE_API_ENDPOINT_STATE_H
#define LATTICE_API_ENDPOINT_STATE_H

#include "api/call.h"

enum { ENDPOINT_AUTHORITY_BYTES_MAX = 64 << 10 };

bool endpoint_is_authority(struct str s);

/* clang-format off */
#define FORM_AUTHORITY                                                                 \
	{ .name = "certificateAuthority", .type = FIELD_STRING,                        \
	  .max = ENDPOINT_AUTHORITY_BYTES_MAX, .matches = endpoint_is_authority,       \
	  .expected = "certificates in PEM" }
/* clang-format on */

void endpoint_state_put(struct call *c, struct str url, struct cJSON *into);

#endif
