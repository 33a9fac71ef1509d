/* SPDX-License-Identifier: Apache-2.0 */
/* Edit distance between short words. */
#include "latticectl/suggest.h"

#include <ctype.h>
#include <string.h>

/* Words longer than this are not compared; no command or operation is. */
enum { WORD_MAX = 63 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's, one row at a time, without regard to case. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned row[WORD_MAX + 1];

	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned above = row[j];
			bool same = tolower((unsigned char)a[i - 1]) ==
				    tolower((unsigned char)b[j - 1]);

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + !same);
			diagonal = above;
		}
	}
	return row[nb];
}

bool suggest_try(struct suggestion *s, const char *word)
{
	size_t na = strlen(s->wanted), nb = strlen(word);
	unsigned d;

	if (na > WORD_MAX || nb > WORD_MAX)
		return false;
	d = distance(s->wanted, na, word, nb);
	if (d > 1 + nb / 4 || (s->best && d >= s->distance))
		return false;
	s->best = word;
	s->distance = d;
	return true;
}
