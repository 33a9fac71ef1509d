/* SPDX-License-Identifier: Apache-2.0 */
/* Well-formed byte sequences are those of table 3-7 of the Unicode standard. */
#include "base/utf8.h"

/* Bytes of the character that begins with @first, or 0; its second byte is from *@low to *@high. */
static size_t length(unsigned char first, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef) {
		if (first == 0xe0)
			*low = 0xa0;
		if (first == 0xed)
			*high = 0x9f;
		return 3;
	}
	if (first == 0xf0)
		*low = 0x90;
	if (first == 0xf4)
		*high = 0x8f;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

bool utf8_is_valid(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char low, high;
	size_t i = 0, n, k;

	while (i < s.n) {
		n = length(p[i], &low, &high);
		if (n == 0 || n > s.n - i)
			return false;
		for (k = 1; k < n; k++) {
			if (p[i + k] < low || p[i + k] > high)
				return false;
			low = 0x80;
			high = 0xbf;
		}
		i += n;
	}
	return true;
}
