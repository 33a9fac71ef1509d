/* SPDX-License-Identifier: Apache-2.0 */
/* Which known word a mistyped one was meant to be: offer each, keep those that are accepted. */
#ifndef LATTICE_LATTICECTL_SUGGEST_H
#define LATTICE_LATTICECTL_SUGGEST_H

#include <stdbool.h>

struct suggestion {
	const char *wanted;
	const char *best; /* the nearest so far; NULL when none is near */
	unsigned distance;
};

/* Returns whether @word is nearer than all before it, and near enough to be named. */
bool suggest_try(struct suggestion *s, const char *word);

#endif
