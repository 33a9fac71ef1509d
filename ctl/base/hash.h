/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash of text for tables in memory, eight bytes a step. Nothing is secret in it: whoever
 * chooses what is put into a table can make its chains long.
 */
#ifndef LATTICE_BASE_HASH_H
#define LATTICE_BASE_HASH_H

#include "base/str.h"
#include "base/word.h"

/*
 * A product leaves what stands high in a word up there: with its bytes turned round and multiplied
 * again all of it is spread.
 */
static inline uint64_t hash_mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	hash = __builtin_bswap64(hash) * UINT64_C(0xd6e8feb86659fd93);
	return hash ^ hash >> 32;
}

/* Any of its bits may be used. The last word of a long text overlaps the one before it. */
static inline uint64_t hash_str(struct str s)
{
	uint64_t hash = s.n, last = 0;
	size_t i;

	for (i = 0; i + WORD_BYTES <= s.n; i += WORD_BYTES)
		hash = hash_mix(hash, word_load(s.p + i));
	if (i == s.n)
		return hash;
	if (i)
		return hash_mix(hash, word_load(s.p + s.n - WORD_BYTES));
	while (i < s.n)
		last = last << 8 | (unsigned char)s.p[i++];
	return hash_mix(hash, last);
}

#endif
