/* SPDX-License-Identifier: Apache-2.0 */
/* Hexadecimal digits: written in lower case, and read in no other. */
#include "base/hex.h"

enum { DIGITS_MAX = 16 };

/* Write the last @digits digits of @v. Returns where the next byte is to be. */
char *hex_write(char *to, uint64_t v, unsigned digits)
{
	while (digits--)
		*to++ = "0123456789abcdef"[v >> 4 * digits & 15];
	return to;
}

static int value_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Are @s one to sixteen digits of lower case, and nothing else? @ret is untouched if not. */
bool hex_parse(struct str s, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i;

	if (!s.n || s.n > DIGITS_MAX)
		return false;
	for (i = 0; i < s.n; i++) {
		int digit = value_of(s.p[i]);

		if (digit < 0)
			return false;
		v = v << 4 | (uint64_t)digit;
	}
	*ret = v;
	return true;
}
