/* SPDX-License-Identifier: Apache-2.0 */
/* Reading numbers, dates, truth, bytes and addresses, from policies and from requests alike. */
#include "auth/operand.h"

#include "base/num.h"

#include <sys/socket.h>

/* More digits would not be told apart. */
enum { DIGITS_MAX = 15 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Cut the digits that @s begins with. */
static struct str cut_digits(struct str *s)
{
	struct str digits = { s->p, 0 };

	while (digits.n < s->n && is_digit(s->p[digits.n]))
		digits.n++;
	*s = str_skip(*s, digits.n);
	return digits;
}

static double digits_value(struct str digits)
{
	double v = 0;
	size_t i;

	for (i = 0; i < digits.n; i++)
		v = v * 10 + (digits.p[i] - '0');
	return v;
}

/* An integer or a decimal, with a sign perhaps, of up to 15 digits. */
bool operand_read_number(struct str s, double *ret)
{
	bool is_negative = s.n && s.p[0] == '-';
	struct str whole, fraction = { 0 };
	double scale = 1, v;
	size_t i;

	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_skip(s, 1);
	whole = cut_digits(&s);
	if (s.n && s.p[0] == '.') {
		s = str_skip(s, 1);
		fraction = cut_digits(&s);
		if (!fraction.n)
			return false;
	}
	if (!whole.n || s.n || whole.n + fraction.n > DIGITS_MAX)
		return false;
	for (i = 0; i < fraction.n; i++)
		scale *= 10;
	/* One division of two exact numbers: equal texts and equal values give equal doubles. */
	v = (digits_value(whole) * scale + digits_value(fraction)) / scale;
	*ret = is_negative ? -v : v;
	return true;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar. */
static double days_before(int year, int month, int day)
{
	int y = month > 2 ? year : year - 1;
	int era = y / 400, of_era = y - era * 400;
	int of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097.0 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && is_leap ? 29 : days[month - 1];
}

/* @before, then @n digits whose value is from @min to @max; @ret is left alone when not. */
static bool cut_number(struct str *s, char before, size_t n, const int bounds[2], int *ret)
{
	struct str rest = before ? str_skip(*s, 1) : *s;
	struct str digits = str_first(rest, n);
	int v;

	if ((before && (!s->n || s->p[0] != before)) || cut_digits(&digits).n != n)
		return false;
	v = (int)digits_value(str_first(rest, n));
	if (v < bounds[0] || v > bounds[1])
		return false;
	*ret = v;
	*s = str_skip(rest, n);
	return true;
}

static const int hours[] = { 0, 23 }, sixty[] = { 0, 59 };

/* "Z", "+hh:mm" or "-hh:mm": seconds east. */
static bool cut_zone(struct str *s, double *ret_seconds)
{
	int h, m;

	if (s->n && s->p[0] == 'Z') {
		*ret_seconds = 0;
		*s = str_skip(*s, 1);
		return true;
	}
	if (!s->n || (s->p[0] != '+' && s->p[0] != '-'))
		return false;
	*ret_seconds = s->p[0] == '-' ? -60 : 60;
	if (!cut_number(s, s->p[0], 2, hours, &h) || !cut_number(s, ':', 2, sixty, &m))
		return false;
	*ret_seconds *= h * 60 + m;
	return true;
}

/* What follows the "T" of a date: "hh:mm[:ss[.fraction]]" and a zone. */
static bool read_time(struct str s, double *ret_seconds)
{
	int h, m, second = 0;
	double zone;

	if (!cut_number(&s, 'T', 2, hours, &h) || !cut_number(&s, ':', 2, sixty, &m))
		return false;
	if (s.n && s.p[0] == ':' && !cut_number(&s, ':', 2, sixty, &second))
		return false;
	if (s.n && s.p[0] == '.') {
		s = str_skip(s, 1);
		if (!cut_digits(&s).n)
			return false;
	}
	if (!cut_zone(&s, &zone) || s.n)
		return false;
	*ret_seconds = h * 3600 + m * 60 + second - zone;
	return true;
}

/* ISO 8601 as the W3C narrows it, "2026", "2026-11-26", "2026-11-26T12:00:00Z"; else seconds. */
bool operand_read_date(struct str s, double *ret_seconds)
{
	static const int years[] = { 1, 9999 }, months[] = { 1, 12 }, days[] = { 1, 31 };
	int year, month = 1, day = 1;
	struct str at = s;
	double time = 0;

	if (!cut_number(&at, 0, 4, years, &year) || (at.n && at.p[0] != '-'))
		return operand_read_number(s, ret_seconds);
	if (at.n && !cut_number(&at, '-', 2, months, &month))
		return false;
	if (at.n && !cut_number(&at, '-', 2, days, &day))
		return false;
	if (day > days_in(year, month) || (at.n && !read_time(at, &time)))
		return false;
	*ret_seconds = days_before(year, month, day) * 86400 + time;
	return true;
}

bool operand_read_bool(struct str s, bool *ret)
{
	*ret = str_eq_nocase(s, STR("true"));
	return *ret || str_eq_nocase(s, STR("false"));
}

/* The value of a digit of base64, or -1. */
static int base64_value(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = memchr(digits, c, 64);

	return at ? (int)(at - digits) : -1;
}

/* Base64 (RFC 4648 section 4) with its padding; the bytes are put at @to, three for each four. */
bool operand_read_base64(struct str s, unsigned char *to, struct str *ret)
{
	size_t pad = str_ends(s, STR("==")) ? 2 : str_ends(s, STR("="));
	unsigned bits = 0;
	size_t i, n = 0;

	if (s.n % 4)
		return false;
	for (i = 0; i < s.n; i++) {
		int v = i < s.n - pad ? base64_value(s.p[i]) : 0;

		if (v < 0)
			return false;
		bits = bits << 6 | (unsigned)v;
		if (i % 4 != 3)
			continue;
		to[n++] = (unsigned char)(bits >> 16);
		to[n++] = (unsigned char)(bits >> 8);
		to[n++] = (unsigned char)bits;
	}
	/* Bits that are no part of any byte must be zero: one text for the same bytes. */
	if (pad && bits & (pad == 1 ? 0xff : 0xffff))
		return false;
	*ret = (struct str){ (const char *)to, n - pad };
	return true;
}

/* "10.0.0.0/8", "fd00::/8", or an address alone. */
bool operand_read_net(struct str s, struct operand_net *ret)
{
	struct str_cut c = str_cut(s, '/');
	unsigned most;
	uint16_t bits;

	if (sock_addr_parse(c.head, &ret->addr) < 0)
		return false;
	most = ret->addr.family == AF_INET ? 32 : 128;
	ret->bits = most;
	if (!c.found)
		return true;
	if (num_parse_u16(c.tail, &bits) < 0 || bits > most)
		return false;
	ret->bits = bits;
	return true;
}

/* Is @a in @n? Never when the one is IPv4 and the other IPv6. */
bool operand_net_holds(const struct operand_net *n, const struct sock_addr *a)
{
	const unsigned char *x = (const unsigned char *)&n->addr.v6;
	const unsigned char *y = (const unsigned char *)&a->v6;
	unsigned whole = n->bits / 8, rest = n->bits % 8;

	if (n->addr.family != a->family || memcmp(x, y, whole) != 0)
		return false;
	return !rest || (x[whole] ^ y[whole]) >> (8 - rest) == 0;
}
