/* SPDX-License-Identifier: Apache-2.0 */
/* Strict decimal numbers: the only way text becomes an integer in this tree, and a quick way back.
 */
#include "base/num.h"

#include <errno.h>

static int parse_up_to(struct str s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i;

	if (!s.n)
		return -EINVAL;
	for (i = 0; i < s.n; i++) {
		unsigned digit = (unsigned)(unsigned char)s.p[i] - '0';

		if (digit > 9)
			return -EINVAL;
		if (v > (max - digit) / 10)
			return -ERANGE;
		v = v * 10 + digit;
	}
	*ret = v;
	return 0;
}

int num_parse_u64(struct str s, uint64_t *ret)
{
	return parse_up_to(s, UINT64_MAX, ret);
}

int num_parse_u32(struct str s, uint32_t *ret)
{
	uint64_t v;
	int err = parse_up_to(s, UINT32_MAX, &v);

	if (!err)
		*ret = (uint32_t)v;
	return err;
}

int num_parse_u16(struct str s, uint16_t *ret)
{
	uint64_t v;
	int err = parse_up_to(s, UINT16_MAX, &v);

	if (!err)
		*ret = (uint16_t)v;
	return err;
}

/* Write @v at @to, where there is room for NUM_DIGITS_MAX. Returns where the next is to be. */
char *num_write(char *to, uint64_t v)
{
	uint64_t beyond = 10;
	char *end = to + 1, *at;

	for (; v >= beyond && end < to + NUM_DIGITS_MAX; end++)
		beyond *= 10;
	at = end;
	do {
		*--at = (char)('0' + v % 10);
		v /= 10;
	} while (at > to);
	return end;
}
