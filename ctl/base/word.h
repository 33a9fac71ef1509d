/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight bytes of text looked at as one number: what is asked of each byte is asked of all by a few
 * sums, none of which carries into the next byte.
 */
#ifndef LATTICE_BASE_WORD_H
#define LATTICE_BASE_WORD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { WORD_BYTES = 8 };

/* The byte @c eight times. */
#define WORD_OF(c) (UINT64_C(0x0101010101010101) * (uint8_t)(c))

static inline uint64_t word_load(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return w;
}

static inline void word_store(char *p, uint64_t w)
{
	memcpy(p, &w, sizeof(w));
}

/* The top bit of each byte of @w, all below 0x80, that is from @first to @last. */
static inline uint64_t word_between(uint64_t w, char first, char last)
{
	return (w + WORD_OF(0x80 - first)) & ~(w + WORD_OF(0x7f - last)) & WORD_OF(0x80);
}

/* @w with 'a' to 'z' for 'A' to 'Z'. */
static inline uint64_t word_lower(uint64_t w)
{
	uint64_t upper = word_between(w & WORD_OF(0x7f), 'A', 'Z') & ~w;

	return w | upper >> 2;
}

/* Is each byte a lower-case letter or a dash? */
static inline bool word_is_dashed(uint64_t w)
{
	uint64_t low = w & WORD_OF(0x7f);

	return (((word_between(low, 'a', 'z') | word_between(low, '-', '-')) & ~w) ==
		WORD_OF(0x80));
}

/* Is no byte a control byte? A tab is one. */
static inline bool word_is_printable(uint64_t w)
{
	uint64_t low = w & WORD_OF(0x7f);

	return ((word_between(low, 0, ' ' - 1) | word_between(low, 0x7f, 0x7f)) & ~w) == 0;
}

#endif
