/* SPDX-License-Identifier: Apache-2.0 */
/* ISO 8601's basic format, which signers put into X-Amz-Date, and HTTP's own, for Date. */
#include "auth/timestamp.h"

#include <stdio.h>

enum { BASIC_BYTES = 16, HTTP_BYTES = 29 };

struct date {
	unsigned year, month, day, hour, minute, second;
};

/* The number in the @n digits at @p, or UINT32_MAX. */
static unsigned digits(const char *p, size_t n)
{
	unsigned v = 0;

	for (; n; n--, p++) {
		if (*p < '0' || *p > '9')
			return UINT32_MAX;
		v = 10 * v + (unsigned)(*p - '0');
	}
	return v;
}

/* YYYYMMDDTHHMMSSZ */
static bool read_basic(struct str s, struct date *d)
{
	if (s.n != BASIC_BYTES || s.p[8] != 'T' || s.p[15] != 'Z')
		return false;
	*d = (struct date){ digits(s.p, 4),	digits(s.p + 4, 2),  digits(s.p + 6, 2),
			    digits(s.p + 9, 2), digits(s.p + 11, 2), digits(s.p + 13, 2) };
	return true;
}

static unsigned month_of(const char *p)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	unsigned i;

	for (i = 0; i < 12; i++) {
		if (memcmp(names + 3 * i, p, 3) == 0)
			return i + 1;
	}
	return UINT32_MAX;
}

/* Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110 section 5.6.7) */
static bool read_http(struct str s, struct date *d)
{
	if (s.n != HTTP_BYTES || memcmp(s.p + 3, ", ", 2) || s.p[7] != ' ' || s.p[11] != ' ' ||
	    s.p[16] != ' ' || s.p[19] != ':' || s.p[22] != ':' || memcmp(s.p + 25, " GMT", 4))
		return false;
	*d = (struct date){ digits(s.p + 12, 4), month_of(s.p + 8),   digits(s.p + 5, 2),
			    digits(s.p + 17, 2), digits(s.p + 20, 2), digits(s.p + 23, 2) };
	return true;
}

static bool is_valid(const struct date *d)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);

	if (d->year < 1970 || d->year > 9999 || d->month < 1 || d->month > 12)
		return false;
	if (d->day < 1 || d->day > days[d->month - 1] + (unsigned)(leap && d->month == 2))
		return false;
	return d->hour < 24 && d->minute < 60 && d->second < 60;
}

/* Days since 1970: years begin in March, so that the day that leap years add comes last. */
static uint64_t days_since_epoch(const struct date *d)
{
	uint64_t year = d->month <= 2 ? d->year - 1 : d->year;
	uint64_t of_year = (153 * ((d->month + 9) % 12) + 2) / 5 + d->day - 1;

	return 365 * year + year / 4 - year / 100 + year / 400 + of_year - 719468;
}

/*
 * Read @text in either form. *@ret_s gets seconds since 1970, @basic the first form, without a
 * terminator. False: it is neither, and nothing was written.
 */
bool timestamp_parse(struct str text, char basic[16], uint64_t *ret_s)
{
	char out[BASIC_BYTES + 1];
	struct date d;
	bool is_basic = read_basic(text, &d);

	if ((!is_basic && !read_http(text, &d)) || !is_valid(&d))
		return false;
	if (is_basic) {
		memcpy(basic, text.p, BASIC_BYTES);
	} else {
		snprintf(out, sizeof(out), "%04u%02u%02uT%02u%02u%02uZ", d.year % 10000,
			 d.month % 100, d.day % 100, d.hour % 100, d.minute % 100, d.second % 100);
		memcpy(basic, out, BASIC_BYTES);
	}
	*ret_s = days_since_epoch(&d) * 86400 + d.hour * 3600 + d.minute * 60 + d.second;
	return true;
}
