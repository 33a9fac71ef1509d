/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings: a pointer and a length, passed by value, borrowed. The header that returns one says
 * whose memory it is. Nothing here assumes or adds a terminator.
 */
#ifndef LATTICE_BASE_STR_H
#define LATTICE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A borrowed run of bytes. Whoever made it says how long it lives. */
struct str {
	const char *p;
	size_t n;
};

#define STR(lit)   ((struct str){ (lit), sizeof(lit) - 1 })
#define STR_FMT	   "%.*s"
#define STR_ARG(s) (int)(s).n, (s).p

/* The bytes of the terminated @text, borrowed; a NULL is the empty string. */
static inline struct str str_of(const char *text)
{
	return (struct str){ text, text ? strlen(text) : 0 };
}

/* The order of bytes, a beginning before what it begins: below, at or above 0. */
static inline int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_same_nocase(const char *a, const char *b, size_t n);

/* Equal but for the case of ASCII letters. Most names that do not match differ at an end. */
static inline bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	if (a.n == 0)
		return true;
	return !(((a.p[0] ^ b.p[0]) | (a.p[a.n - 1] ^ b.p[a.n - 1])) & ~0x20) &&
	       str_same_nocase(a.p, b.p, a.n);
}

static inline bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n &&
	       (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

/* @s without its first @n bytes; all of it gone when it is shorter. */
static inline struct str str_skip(struct str s, size_t n)
{
	if (n > s.n)
		n = s.n;
	return (struct str){ s.p ? s.p + n : NULL, s.n - n };
}

/* The first @n bytes of @s, or all of it when it is shorter. */
static inline struct str str_first(struct str s, size_t n)
{
	return (struct str){ s.p, n < s.n ? n : s.n };
}

/* @s without the spaces and tabs at its ends. */
static inline struct str str_trim(struct str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_skip(s, 1);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* ASCII alone, whatever the locale. */
static inline unsigned char str_fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* Write @s at @to, where there is room. Returns where the next is to be. Many are constants. */
static inline __attribute__((always_inline)) char *str_put(char *to, struct str s)
{
	if (s.n)
		memcpy(to, s.p, s.n);
	return to + s.n;
}

struct str_cut {
	struct str head, tail;
	bool found;
};

/* Split @s at the first @sep. Without one, all of @s is the head. */
static inline struct str_cut str_cut(struct str s, char sep)
{
	const char *at = s.n ? memchr(s.p, sep, s.n) : NULL;
	size_t n;

	if (!at)
		return (struct str_cut){ .head = s };
	n = (size_t)(at - s.p);
	return (struct str_cut){ { s.p, n }, { at + 1, s.n - n - 1 }, true };
}

#endif
