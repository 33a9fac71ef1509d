/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL's own functions for SHA-256 rather than its EVP interface: a copy of a state is then an
 * assignment, where EVP_MD_CTX_copy_ex() and EVP_MAC_dup() allocate (three times the whole cost of
 * a signature). They are deprecated in OpenSSL 3 and stay in it; only this file uses them.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "auth/sha256.h"

#include <endian.h>
#include <stdint.h>

/* @b in each byte of a word. */
#define BYTES(b) (UINT64_MAX / 0xff * (b))

enum { BLOCK_BYTES = SHA256_CBLOCK };

/* The digest of @text. */
void sha256(struct str text, unsigned char to[SHA256_BYTES])
{
	SHA256_CTX c;

	SHA256_Init(&c);
	SHA256_Update(&c, text.p, text.n);
	SHA256_Final(to, &c);
}

/* @digest in lower-case hexadecimal, without a terminator. */
void sha256_write_hex(const unsigned char digest[SHA256_BYTES], char to[SHA256_HEX])
{
	size_t i;

	for (i = 0; i < SHA256_BYTES; i += sizeof(uint32_t)) {
		uint32_t word;
		uint64_t v;

		/* Eight digits at once, each in a byte: 240 instructions, one by one 390. */
		memcpy(&word, digest + i, sizeof(word));
		v = be32toh(word);
		v = (v | v << 16) & 0x0000ffff0000ffff;
		v = (v | v << 8) & 0x00ff00ff00ff00ff;
		v = (v | v << 4) & 0x0f0f0f0f0f0f0f0f;
		/* Above 9 the sum has bit 4: from there "a" is 39 further than "0" and 10. */
		v += BYTES(0x30) + ((v + BYTES(6)) >> 4 & BYTES(1)) * ('a' - '0' - 10);
		v = htobe64(v);
		memcpy(to + 2 * i, &v, sizeof(v));
	}
}

static void absorb(SHA256_CTX *c, const unsigned char block[BLOCK_BYTES], unsigned char pad)
{
	unsigned char padded[BLOCK_BYTES];
	size_t i;

	for (i = 0; i < BLOCK_BYTES; i++)
		padded[i] = block[i] ^ pad;
	SHA256_Init(c);
	SHA256_Update(c, padded, sizeof(padded));
	explicit_bzero(padded, sizeof(padded));
}

/* Absorb the @n bytes of @key (RFC 2104). The caller wipes @k in the end. */
void hmac_key_init(struct hmac_key *k, const void *key, size_t n)
{
	unsigned char block[BLOCK_BYTES] = { 0 };

	if (n > sizeof(block))
		sha256((struct str){ key, n }, block);
	else if (n)
		memcpy(block, key, n);
	absorb(&k->inner, block, 0x36);
	absorb(&k->outer, block, 0x5c);
	explicit_bzero(block, sizeof(block));
}

/* The code of @text under @k. */
void hmac(const struct hmac_key *k, struct str text, unsigned char to[SHA256_BYTES])
{
	SHA256_CTX c = k->inner;

	SHA256_Update(&c, text.p, text.n);
	SHA256_Final(to, &c);
	c = k->outer;
	SHA256_Update(&c, to, SHA256_BYTES);
	SHA256_Final(to, &c);
	explicit_bzero(&c, sizeof(c));
}
