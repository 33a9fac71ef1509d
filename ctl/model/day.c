/* SPDX-License-Identifier: Apache-2.0 */
/* The Gregorian calendar, without libc's: that reads files of time zones. */
#include "model/day.h"

#include "base/num.h"

#include <stdio.h>

enum { YEAR_MIN = 1970, MONTHS = 12 };

static bool is_leap(uint32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static uint32_t days_of_year(uint32_t year)
{
	return is_leap(year) ? 366 : 365;
}

static uint32_t days_of_month(uint32_t year, uint32_t month)
{
	static const uint8_t days[MONTHS] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* The digits of @text from @at on, @n of them, as a number. */
static bool read_digits(struct str text, size_t at, size_t n, uint32_t *ret)
{
	return num_parse_u32(str_first(str_skip(text, at), n), ret) == 0;
}

/* False: @text is no day from 1970 on. */
bool day_parse(struct str text, uint32_t *ret)
{
	uint32_t year, month, day, i;

	if (text.n != DAY_TEXT_BYTES - 1 || text.p[4] != '-' || text.p[7] != '-' ||
	    !read_digits(text, 0, 4, &year) || !read_digits(text, 5, 2, &month) ||
	    !read_digits(text, 8, 2, &day))
		return false;
	if (year < YEAR_MIN || month < 1 || month > MONTHS || day < 1 ||
	    day > days_of_month(year, month))
		return false;
	*ret = day - 1;
	for (i = YEAR_MIN; i < year; i++)
		*ret += days_of_year(i);
	for (i = 1; i < month; i++)
		*ret += days_of_month(year, i);
	return true;
}

/* The year and month of @day; what is left of it are the days before it in the month. */
static void split(uint32_t *day, uint32_t *ret_year, uint32_t *ret_month)
{
	*ret_year = YEAR_MIN;
	*ret_month = 1;
	for (; *day >= days_of_year(*ret_year) && *ret_year < DAY_YEAR_MAX; ++*ret_year)
		*day -= days_of_year(*ret_year);
	for (; *ret_month < MONTHS && *day >= days_of_month(*ret_year, *ret_month); ++*ret_month)
		*day -= days_of_month(*ret_year, *ret_month);
}

/* @day in @text, which is returned; a day behind the year 9999 is its last one. */
struct str day_write(uint32_t day, char text[DAY_TEXT_BYTES])
{
	uint32_t year, month;

	split(&day, &year, &month);
	if (day >= days_of_month(year, month))
		day = days_of_month(year, month) - 1;
	snprintf(text, DAY_TEXT_BYTES, "%04u-%02u-%02u", year % 10000U, month % 100U,
		 (day + 1) % 100U);
	return str_of(text);
}

uint32_t day_first_of_month(uint32_t day)
{
	uint32_t before = day, year, month;

	split(&before, &year, &month);
	return day - before;
}
