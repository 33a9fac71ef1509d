/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an ARN, in order; all borrowed from it. */
#include "model/function_arn.h"

static bool is_word(struct str s, const char *besides)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !strchr(besides, c))
			return false;
	}
	return s.n > 0;
}

bool function_name_is_valid(struct str name)
{
	return name.n <= FUNCTION_NAME_BYTES_MAX && is_word(name, "-_");
}

bool function_arn_parse(struct str text, struct function_arn *ret)
{
	struct str parts[8];
	struct str_cut c = { .tail = text, .found = true };
	size_t n = 0;

	if (text.n > FUNCTION_ARN_BYTES_MAX || memchr(text.p ? text.p : "", 0, text.n))
		return false;
	while (c.found && n < 8) {
		c = str_cut(c.tail, ':');
		parts[n++] = c.head;
	}
	if (c.found || n < 7 || !str_eq(parts[0], STR("arn")) || !is_word(parts[1], "-") ||
	    !str_eq(parts[2], STR("lambda")) || !is_word(parts[3], "-") || !is_word(parts[4], "") ||
	    !str_eq(parts[5], STR("function")) || !function_name_is_valid(parts[6]) ||
	    (n == 8 && !is_word(parts[7], "-_$")))
		return false;
	ret->region = parts[3];
	ret->name = parts[6];
	ret->unqualified = str_first(text, (size_t)(parts[6].p + parts[6].n - text.p));
	return true;
}
