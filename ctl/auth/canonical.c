/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS's rules, as its signers follow them. The path is encoded once more than it came, byte by
 * byte, so that an escape's % becomes %25. Query parameters are decoded, encoded by one rule and
 * sorted. A header's lines are joined by commas, and runs of white space in them are one space.
 */
#include "auth/canonical.h"

#include "http/chars.h"

#include <stdlib.h>

/* A parameter in canonical form, in the buffer that is being written. */
struct param {
	struct str name, value;
};

/* Encoding makes three bytes of one at most. */
enum { GROWTH = 3 };

static char *encode(char *to, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";

	if (char_is((char)c, CHAR_UNRESERVED)) {
		*to++ = (char)c;
		return to;
	}
	*to++ = '%';
	*to++ = digits[c >> 4];
	*to++ = digits[c & 15];
	return to;
}

static void write_path(struct str path, struct buf *to)
{
	char *start = buf_reserve(to, GROWTH * path.n);
	char *p = start;
	size_t i;

	for (i = 0; start && i < path.n; i++) {
		if (path.p[i] == '/')
			*p++ = '/';
		else
			p = encode(p, (unsigned char)path.p[i]);
	}
	if (start)
		buf_commit(to, (size_t)(p - start));
}

static bool is_dots(struct str segment)
{
	return str_eq(segment, STR(".")) || str_eq(segment, STR(".."));
}

/* Has @path no empty segment but a last one, and none of dots? */
bool canonical_is_normal(struct str path)
{
	struct str_cut c = str_cut(path, '/');

	while (c.found) {
		c = str_cut(c.tail, '/');
		if (is_dots(c.head) || (!c.head.n && c.found))
			return false;
	}
	return true;
}

/* Append @path without empty and dot segments; ".." takes the segment before it along. */
void canonical_write_normal(struct str path, struct buf *to)
{
	struct str_cut c = str_cut(path, '/');
	size_t held = buf_len(to);
	bool ends = false; /* in a slash */

	while (c.found) {
		c = str_cut(c.tail, '/');
		ends = !c.head.n;
		if (str_eq(c.head, STR(".."))) {
			while (buf_len(to) > held && to->p[--to->end] != '/')
				;
		} else if (c.head.n && !is_dots(c.head)) {
			buf_add_char(to, '/');
			buf_add(to, c.head);
		}
	}
	if (ends || buf_len(to) == held)
		buf_add_char(to, '/');
}

/* Write @text, decoded and encoded anew, at @to, where there is room for it. */
static struct str recode(struct str text, char **to)
{
	struct str s = { *to, 0 };
	char *p = *to;
	size_t i;

	for (i = 0; i < text.n; i++) {
		int byte = char_escape(text, i);

		p = encode(p, (unsigned char)(byte < 0 ? text.p[i] : byte));
		i += byte < 0 ? 0 : 2;
	}
	s.n = (size_t)(p - *to);
	*to = p;
	return s;
}

static int cmp_param(const void *a, const void *b)
{
	const struct param *x = a, *y = b;
	int order = str_cmp(x->name, y->name);

	return order ? order : str_cmp(x->value, y->value);
}

/*
 * Take @query apart into at most CANONICAL_PARAMS_MAX of @params. False: there are more. One
 * signature is left out: it cannot cover itself, but anything else of its name.
 */
static bool read_params(const struct canonical *c, char *room, struct param *params, size_t *count)
{
	struct str_cut cut = { .tail = c->query, .found = true };
	bool has_signature = !c->is_presigned;

	while (cut.found) {
		struct str_cut pair;
		struct param p;

		cut = str_cut(cut.tail, '&');
		if (!cut.head.n)
			continue;
		pair = str_cut(cut.head, '=');
		p.name = recode(pair.head, &room);
		p.value = recode(pair.tail, &room);
		if (!has_signature && str_eq(p.name, STR("X-Amz-Signature"))) {
			has_signature = true;
			continue;
		}
		if (*count == CANONICAL_PARAMS_MAX)
			return false;
		params[(*count)++] = p;
	}
	return true;
}

static enum canonical_outcome write_query(const struct canonical *c, struct buf *to)
{
	struct param params[CANONICAL_PARAMS_MAX];
	size_t i, count = 0;
	char *room;

	if (!c->query.n)
		return CANONICAL_DONE;
	/* What is recoded stands behind the place where it goes, in one piece of memory. */
	room = buf_reserve(to, 2 * (GROWTH * c->query.n + 1));
	if (!room)
		return CANONICAL_NO_MEMORY;
	if (!read_params(c, room + GROWTH * c->query.n + 1, params, &count))
		return CANONICAL_TOO_MANY;
	if (count > 1)
		qsort(params, count, sizeof(params[0]), cmp_param);
	for (i = 0; i < count; i++) {
		if (i)
			*room++ = '&';
		memcpy(room, params[i].name.p, params[i].name.n);
		room += params[i].name.n;
		*room++ = '=';
		memcpy(room, params[i].value.p, params[i].value.n);
		room += params[i].value.n;
	}
	buf_commit(to, (size_t)(room - (to->p + to->end)));
	return CANONICAL_DONE;
}

static bool has_space(struct str value)
{
	return value.n && (memchr(value.p, ' ', value.n) || memchr(value.p, '\t', value.n));
}

/* Write @value at @to, its runs of white space as single spaces, none around it. Most have none. */
static char *put_value(char *to, struct str value)
{
	char *start = to;
	bool gap = false;
	size_t i;

	if (!has_space(value))
		return str_put(to, value);
	for (i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == ' ' || c == '\t') {
			gap = true;
			continue;
		}
		if (gap && to != start)
			*to++ = ' ';
		gap = false;
		*to++ = c;
	}
	return to;
}

/* Append @before, which is a name or nothing, @mark and @value: room is asked for once. */
static void write_value(struct str before, char mark, struct str value, struct buf *to)
{
	char *start = buf_reserve(to, before.n + 1 + value.n), *p;

	if (!start)
		return;
	p = str_put(start, before);
	*p++ = mark;
	p = put_value(p, value);
	buf_commit(to, (size_t)(p - start));
}

/* The line of the header @name; false: there is no such header. */
static bool write_header(const struct canonical *c, struct str name, struct buf *to)
{
	bool is_host = c->host.n && str_eq(name, STR("host"));
	bool found = is_host;
	size_t i;

	if (is_host)
		write_value(name, ':', c->host, to);
	for (i = 0; !is_host && i < c->headers->count; i++) {
		const struct http_header *h = &c->headers->at[i];

		if (!str_eq_nocase(h->name, name))
			continue;
		if (found)
			write_value((struct str){ 0 }, ',', h->value, to);
		else
			write_value(name, ':', h->value, to);
		found = true;
	}
	buf_add_char(to, '\n');
	return found;
}

static void write_canonical_path(const struct canonical *c, struct buf *to)
{
	struct buf normal;

	if (!c->normalizes) {
		write_path(c->path, to);
		return;
	}
	buf_init(&normal, c->path.n + 1);
	canonical_write_normal(c->path, &normal);
	if (normal.failed)
		to->failed = true;
	else
		write_path(buf_str(&normal), to);
	buf_fini(&normal);
}

/*
 * Append the canonical request to @to. When a signed header is not in the request *@ret_missing
 * names it. After any failure @to holds nothing of use.
 */
enum canonical_outcome canonical_write(const struct canonical *c, struct buf *to,
				       struct str *ret_missing)
{
	struct str_cut names = { .tail = c->signed_headers, .found = true };
	enum canonical_outcome outcome;

	buf_add(to, c->method);
	buf_add_char(to, '\n');
	write_canonical_path(c, to);
	buf_add_char(to, '\n');
	outcome = write_query(c, to);
	if (outcome != CANONICAL_DONE)
		return outcome;
	buf_add_char(to, '\n');
	while (names.found) {
		names = str_cut(names.tail, ';');
		if (!write_header(c, names.head, to)) {
			*ret_missing = names.head;
			return CANONICAL_NO_HEADER;
		}
	}
	buf_add_char(to, '\n');
	buf_add(to, c->signed_headers);
	buf_add_char(to, '\n');
	buf_add(to, c->payload);
	return to->failed ? CANONICAL_NO_MEMORY : CANONICAL_DONE;
}
