/* SPDX-License-Identifier: Apache-2.0 */
/* SigV4A's keys: ECDSA on P-256, derived from an access key. */
#ifndef LATTICE_AUTH_SIGV4A_KEY_H
#define LATTICE_AUTH_SIGV4A_KEY_H

#include "base/str.h"

#include <openssl/types.h>

EVP_PKEY *sigv4a_public_key(struct str id, struct str secret);
bool sigv4a_verify(EVP_PKEY *key, struct str text, struct str signature);

#endif
