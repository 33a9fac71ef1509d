/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of status codes from their text. */
#include "model/status_codes.h"

#include "base/num.h"

#include <errno.h>

static int parse_code(struct str text, uint16_t *ret)
{
	if (text.n != 3 || num_parse_u16(text, ret) < 0)
		return -EINVAL;
	return *ret >= STATUS_CODE_MIN && *ret <= STATUS_CODE_MAX ? 0 : -EINVAL;
}

/* Codes and ranges separated by commas. Returns 0, or -EINVAL and *@ret is then of no use. */
int status_codes_parse(struct str text, struct status_codes *ret)
{
	struct str_cut items = { .tail = text, .found = true };

	*ret = (struct status_codes){ { 0 } };
	while (items.found) {
		struct str_cut ends;
		uint16_t from, to;

		items = str_cut(items.tail, ',');
		ends = str_cut(items.head, '-');
		if (parse_code(ends.head, &from) < 0)
			return -EINVAL;
		to = from;
		if (ends.found && (parse_code(ends.tail, &to) < 0 || to < from))
			return -EINVAL;
		for (; from <= to; from++)
			ret->bits[from / 64] |= UINT64_C(1) << from % 64;
	}
	return 0;
}

bool status_codes_has(const struct status_codes *s, unsigned code)
{
	return code <= STATUS_CODE_MAX && s->bits[code / 64] >> code % 64 & 1;
}
