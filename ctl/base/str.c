/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison without regard to case, eight bytes at once. */
#include "base/str.h"

#include "base/word.h"

static bool are_same(uint64_t a, uint64_t b)
{
	return a == b || word_lower(a) == word_lower(b);
}

/*
 * Are the @n bytes at @a and at @b equal but for the case of ASCII letters, whatever the locale?
 * The last word of a long text overlaps the one before it.
 */
bool str_same_nocase(const char *a, const char *b, size_t n)
{
	size_t i;

	if (n < WORD_BYTES) {
		for (i = 0; i < n; i++) {
			if (a[i] != b[i] && str_fold(a[i]) != str_fold(b[i]))
				return false;
		}
		return true;
	}
	for (i = 0; i + WORD_BYTES < n; i += WORD_BYTES) {
		if (!are_same(word_load(a + i), word_load(b + i)))
			return false;
	}
	return are_same(word_load(a + n - WORD_BYTES), word_load(b + n - WORD_BYTES));
}
