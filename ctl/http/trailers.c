/* SPDX-License-Identifier: Apache-2.0 */
/* Trailer fields: which may be passed on, and as lines of text. */
#include "http/trailers.h"

#include "base/array.h"
#include "http/h1_write.h"

/* May the field called @name stand behind a body that we pass on? */
bool trailers_allow(struct str name)
{
	static const struct str prefixes[] = { { ":", 1 },	   { "content-", 8 },
					       { "if-", 3 },	   { "proxy-", 6 },
					       { "x-amzn-", 7 },   { "x-forwarded-", 12 },
					       { "content_", 8 },  { "transfer_", 9 },
					       { "transfer-", 9 }, { "x-lattice-", 10 } };
	static const struct str names[] = {
		{ "host", 4 },
		{ "te", 2 },
		{ "trailer", 7 },
		{ "connection", 10 },
		{ "upgrade", 7 },
		{ "keep-alive", 10 },
		{ "expect", 6 },
		{ "range", 5 },
		{ "max-forwards", 12 },
		{ "cache-control", 13 },
		{ "pragma", 6 },
		{ "authorization", 13 },
		{ "cookie", 6 },
		{ "set-cookie", 10 },
		{ "www-authenticate", 16 },
		{ "age", 3 },
		{ "date", 4 },
		{ "expires", 7 },
		{ "location", 8 },
		{ "retry-after", 11 },
		{ "vary", 4 },
		{ "http2-settings", 14 },
		{ "forwarded", 9 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (str_eq_nocase(str_first(name, prefixes[i].n), prefixes[i]))
			return false;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq_nocase(name, names[i]))
			return false;
	}
	return true;
}

/* Append the field if it is allowed and there is room. */
void trailers_add(struct buf *to, struct str name, struct str value)
{
	if (!to->max)
		buf_init(to, TRAILER_BYTES_MAX);
	if (trailers_allow(name) && buf_len(to) + name.n + value.n + 4 <= TRAILER_BYTES_MAX)
		h1_write_header(to, name, value);
}

/*
 * The next field at the front of @text, well-formed lines of a trailer, whatever its name; false
 * at the end. Its strings are borrowed from @text.
 */
bool trailers_next(struct str *text, struct http_header *ret)
{
	struct str_cut line = str_cut(*text, '\n');
	struct str_cut field = str_cut(line.head, ':');
	struct str value = field.tail;

	*text = line.tail;
	if (!line.found || !field.found)
		return false;
	while (value.n && (value.p[0] == ' ' || value.p[0] == '\t'))
		value = str_skip(value, 1);
	while (value.n && strchr(" \t\r", value.p[value.n - 1]))
		value.n--;
	*ret = (struct http_header){ field.head, value };
	return true;
}
