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

/* How many digits @v has; two at least. */
static size_t digits(uint64_t v)
{
	uint64_t beyond = 100;
	size_t n = 2;

	for (; v >= beyond && n < NUM_DIGITS_MAX; n++)
		beyond *= 10;
	return n;
}

/* Write @v at @to, where there is room for NUM_DIGITS_MAX. Returns where the next is to be. */
char *num_write(char *to, uint64_t v)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char *end, *at;

	if (v < 10) {
		*to = (char)('0' + v);
		return to + 1;
	}
	end = to + digits(v);
	at = end;
	for (; v >= 100; v /= 100)
		memcpy(at -= 2, pairs + v % 100 * 2, 2);
	if (v >= 10)
		memcpy(to, pairs + v * 2, 2);
	else
		*to = (char)('0' + v);
	return end;
}
