/* SPDX-License-Identifier: Apache-2.0 */
/* Strict: no white space, no missing padding, no bits that a decoder would drop. */
#include "base/base64.h"

#include <errno.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Append @bytes as text. */
void base64_write(struct buf *b, struct str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t n = bytes.n, out = (n + 2) / 3 * 4;
	char *to = n ? buf_reserve(b, out) : NULL;

	if (!to)
		return;
	for (; n >= 3; n -= 3, p += 3) {
		*to++ = alphabet[p[0] >> 2];
		*to++ = alphabet[(p[0] & 3) << 4 | p[1] >> 4];
		*to++ = alphabet[(p[1] & 15) << 2 | p[2] >> 6];
		*to++ = alphabet[p[2] & 63];
	}
	if (n) {
		unsigned second = n == 2 ? p[1] : 0;

		*to++ = alphabet[p[0] >> 2];
		*to++ = alphabet[(p[0] & 3U) << 4 | second >> 4];
		*to++ = n == 2 ? alphabet[(second & 15) << 2] : '=';
		*to++ = '=';
	}
	buf_commit(b, out);
}

/* The value of a digit, or -1. */
static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/*
 * The bytes that @text stands for in @ret, which has room for base64_bytes_max(). 0, or -EINVAL
 * when it stands for none.
 */
int base64_read(struct str text, char *ret, size_t *ret_n)
{
	size_t padding = 0, i, n = 0;
	uint32_t bits = 0;

	if (text.n % 4)
		return -EINVAL;
	while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=')
		padding++;
	for (i = 0; i < text.n - padding; i++) {
		int d = digit(text.p[i]);

		if (d < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)d;
		if (i % 4 == 1)
			ret[n++] = (char)(bits >> 4);
		else if (i % 4 == 2)
			ret[n++] = (char)(bits >> 2);
		else if (i % 4 == 3)
			ret[n++] = (char)bits;
	}
	if ((padding == 1 && bits & 3) || (padding == 2 && bits & 15))
		return -EINVAL;
	*ret_n = n;
	return 0;
}
