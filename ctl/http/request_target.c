/* SPDX-License-Identifier: Apache-2.0 */
/* The three forms of a request-target: origin, absolute and asterisk. Nothing is normalised. */
#include "http/request_target.h"

#include "http/authority.h"
#include "http/chars.h"

static struct request_target refused(const char *reason)
{
	return (struct request_target){ .reason = reason };
}

/*
 * How far @text is a path. It stops at the first byte that cannot be in one, and at an escape that
 * is malformed or hides a NUL: servers in C end the path there.
 */
static size_t path_length(struct str text)
{
	size_t n = 0;

	while (n < text.n) {
		if (char_is(text.p[n], CHAR_PATH))
			n++;
		else if (char_escape(text, n) > 0)
			n += 3;
		else
			break;
	}
	return n;
}

static const char *path_refusal(char c)
{
	switch (c) {
	case '%':
		return "malformed escape in the path";
	case '#':
		return "fragment in the target";
	case '\\':
		return "backslash in the path";
	default:
		return "byte in the target that may not be there";
	}
}

/* Split @text, which has no authority any more, into path and query. */
static struct request_target parse_path(struct str text)
{
	struct request_target t = { .path = str_first(text, path_length(text)) };
	struct str rest = str_skip(text, t.path.n);
	size_t i;

	if (!rest.n)
		return t;
	if (rest.p[0] != '?')
		return refused(path_refusal(rest.p[0]));
	t.has_query = true;
	t.query = str_skip(rest, 1);
	for (i = 0; i < t.query.n; i++) {
		if (!char_is(t.query.p[i], CHAR_QUERY))
			return refused(t.query.p[i] == '#'
					       ? "fragment in the target"
					       : "byte in the target that may not be there");
	}
	return t;
}

static struct str skip_scheme(struct str text)
{
	static const struct str schemes[] = { { "http://", 7 }, { "https://", 8 } };
	size_t i;

	for (i = 0; i < 2; i++) {
		if (str_eq_nocase(str_first(text, schemes[i].n), schemes[i]))
			return str_skip(text, schemes[i].n);
	}
	return (struct str){ 0 };
}

static struct request_target parse_absolute(struct str method, struct str text)
{
	struct str rest = skip_scheme(text);
	struct request_target t;
	struct str authority;
	const char *reason;
	size_t n = 0;

	if (!rest.n)
		return refused("target that is neither a path nor an http URI");
	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
		n++;
	authority = str_first(rest, n);
	reason = authority_parse(authority).reason;
	if (reason)
		return refused(reason);
	t = parse_path(str_skip(rest, n));
	if (t.reason)
		return t;
	t.authority = authority;
	if (!t.path.n) {
		bool is_asterisk = !t.has_query && str_eq(method, STR("OPTIONS"));

		t.path = is_asterisk ? STR("*") : STR("/");
	}
	return t;
}

/* What @text says when @method is asked of it; its strings are borrowed from @text. */
struct request_target request_target_parse(struct str method, struct str text)
{
	if (!text.n)
		return refused("empty target");
	if (text.p[0] == '/')
		return parse_path(text);
	if (str_eq(text, STR("*"))) {
		if (!str_eq(method, STR("OPTIONS")))
			return refused("target * with a method other than OPTIONS");
		return (struct request_target){ .path = text };
	}
	return parse_absolute(method, text);
}
