/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text: cJSON with limits for reading, a string escaper for writing. */
#include "base/json.h"

#include "base/utf8.h"

#include <cjson/cJSON.h>

/* Is @text nested no deeper than JSON_DEPTH_MAX? Counted before cJSON recurses. */
static bool depth_ok(struct str text)
{
	bool quoted = false;
	int depth = 0;
	size_t i;

	for (i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > JSON_DEPTH_MAX)
				return false;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return true;
}

/* Does only white space stand from @p to @end? */
static bool only_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p == end;
}

/*
 * The value that all of @text is, to be freed with cJSON_Delete(); NULL when it is not JSON, is
 * nested too deep, holds a NUL byte or is followed by anything but white space.
 */
struct cJSON *json_parse(struct str text)
{
	const char *end = NULL;
	cJSON *value;

	if (!text.n || memchr(text.p, 0, text.n) || !depth_ok(text))
		return NULL;
	value = cJSON_ParseWithLengthOpts(text.p, text.n, &end, false);
	if (value && !only_space(end, text.p + text.n)) {
		cJSON_Delete(value);
		return NULL;
	}
	return value;
}

/* @s as a JSON string with its quotes. Bytes that are no UTF-8 are the caller's to keep out. */
void json_write_str(struct buf *b, struct str s)
{
	size_t from = 0, i;

	buf_add_char(b, '"');
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		buf_add(b, (struct str){ s.p + from, i - from });
		from = i + 1;
		if (c >= ' ')
			buf_addf(b, "\\%c", c);
		else
			buf_addf(b, "\\u%04x", c);
	}
	buf_add(b, (struct str){ s.p + from, s.n - from });
	buf_add_char(b, '"');
}

/* @s as a JSON string; bytes that are no UTF-8 are taken for Latin-1. */
void json_write_bytes(struct buf *b, struct str s)
{
	size_t i;

	if (utf8_is_valid(s)) {
		json_write_str(b, s);
		return;
	}
	buf_add_char(b, '"');
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c == '"' || c == '\\' || c >= 0x7f)
			buf_addf(b, "\\u%04x", c);
		else
			buf_add_char(b, (char)c);
	}
	buf_add_char(b, '"');
}

/* The string member @name of @object, borrowed from it; empty (p NULL) when there is none. */
struct str json_get_str(const struct cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return str_of(cJSON_IsString(item) ? item->valuestring : NULL);
}
