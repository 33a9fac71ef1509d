/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes may stand where in HTTP and in URIs, as one table, so that a scan is one loop. */
#ifndef LATTICE_HTTP_CHARS_H
#define LATTICE_HTTP_CHARS_H

#include "base/str.h"

#include <stdint.h>

enum char_class {
	CHAR_TOKEN = 1,	      /* RFC 9110 section 5.6.2: methods, field names */
	CHAR_VALUE = 2,	      /* inside a field value: visible, space, tab, 0x80 to 0xff */
	CHAR_PATH = 4,	      /* in a path as it stands; '%' is judged with what follows it */
	CHAR_QUERY = 8,	      /* in a query as it stands */
	CHAR_HOST = 16,	      /* in a name that DNS can hold, or an IPv4 address */
	CHAR_UNRESERVED = 32, /* RFC 3986 section 2.3: never needs an escape */
	CHAR_LOWER = 64	      /* of CHAR_TOKEN all but upper-case letters */
};

extern const uint8_t chars_table[256];

static inline bool char_is(char c, enum char_class class)
{
	return chars_table[(unsigned char)c] & class;
}

/* The value of a hexadecimal digit, or -1. */
static inline int char_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The byte that the escape at @i of @s stands for (RFC 3986 section 2.1); -1: none is there. */
static inline int char_escape(struct str s, size_t i)
{
	int high, low;

	if (s.p[i] != '%' || s.n - i < 3)
		return -1;
	high = char_hex(s.p[i + 1]);
	low = char_hex(s.p[i + 2]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

#endif
