/* SPDX-License-Identifier: Apache-2.0 */
/* An access key as those who verify signatures see it. */
#ifndef LATTICE_AUTH_ACCESS_KEY_H
#define LATTICE_AUTH_ACCESS_KEY_H

#include "auth/principal.h"

/* AWS's have 40 characters. */
enum { ACCESS_KEY_SECRET_BYTES_MAX = 128 };

/* The secret is sealed (auth/vault.h): nothing here is in the clear. */
struct access_key {
	struct str id; /* never used again for another secret */
	bool is_active;
	uint64_t expires_ms;   /* wall clock; 0: never */
	struct str sealed;     /* the secret */
	struct str token_hash; /* of temporary keys: SHA-256 of the session token, in hexadecimal */
	struct principal principal;
};

#endif
