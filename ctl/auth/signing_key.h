/* SPDX-License-Identifier: Apache-2.0 */
/* The key of SigV4 for one day, region and service, that a secret access key stands behind. */
#ifndef LATTICE_AUTH_SIGNING_KEY_H
#define LATTICE_AUTH_SIGNING_KEY_H

#include "auth/sha256.h"

struct signing_scope {
	struct str date, region, service; /* the date as "20261126" */
};

bool signing_key_derive(struct str secret, const struct signing_scope *s, struct hmac_key *to)
	__attribute__((warn_unused_result));

#endif
