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

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * Levenshtein's, three rows at a time, without regard to case; two letters in the wrong order are
 * one mistake.
 */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned rows[3][WORD_MAX + 1];

	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			row[j] = min3(above[j] + 1, row[j - 1] + 1,
				      above[j - 1] + !same(a[i - 1], b[j - 1]));
			if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) &&
			    same(a[i - 2], b[j - 1]) && two[j - 2] + 1 < row[j])
				row[j] = two[j - 2] + 1;
		}
	}
	return rows[na % 3][nb];
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
