/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 and HMAC-SHA-256 in values that can be copied: a key's two states are computed once
 * (hmac_key_init), and each message then costs three blocks and no allocation.
 */
#ifndef LATTICE_AUTH_SHA256_H
#define LATTICE_AUTH_SHA256_H

#include "base/str.h"

#include <openssl/sha.h>

enum { SHA256_BYTES = 32, SHA256_HEX = 64 };

/* A key, absorbed. It is as secret as the key itself. */
struct hmac_key {
	SHA256_CTX inner, outer;
};

void sha256(struct str text, unsigned char to[SHA256_BYTES]);
void sha256_write_hex(const unsigned char digest[SHA256_BYTES], char to[SHA256_HEX]);
void hmac_key_init(struct hmac_key *k, const void *key, size_t n);
void hmac(const struct hmac_key *k, struct str text, unsigned char to[SHA256_BYTES]);

#endif
