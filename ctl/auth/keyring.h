/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys derived from secrets, kept: for SigV4 the signing key of a day and scope with its HMAC
 * states, for SigV4A a public key. One keyring serves one thread and one service in one region.
 * It is fed from sealed secrets, lives in memory that is kept out of core dumps, and forgets by
 * wiping.
 */
#ifndef LATTICE_AUTH_KEYRING_H
#define LATTICE_AUTH_KEYRING_H

#include "auth/access_key.h"
#include "auth/sha256.h"
#include "auth/vault.h"

#include <openssl/types.h>

struct keyring;

struct keyring *keyring_new(const struct vault *v, struct str region, struct str service);
void keyring_free(struct keyring *r);
const struct hmac_key *keyring_signing_key(struct keyring *r, const struct access_key *k,
					   struct str date);
EVP_PKEY *keyring_public_key(struct keyring *r, const struct access_key *k);

#endif
