/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wildcards and variables. A compiled text holds its wildcards as control bytes, so that a star
 * that was written "${*}" is an ordinary byte and matching needs no escapes.
 */
#include "auth/glob.h"

/* Pieces of one text: eight variables with texts around them. */
enum { PARTS_MAX = 17 };

/* A text being compiled. */
struct reader {
	const struct glob_form *form;
	struct str left;
	struct glob_part parts[PARTS_MAX];
	size_t count;
	char *to; /* room for all that is literal */
	size_t n;
	const char *why;
};

static struct glob_part *new_part(struct reader *r)
{
	if (r->count == PARTS_MAX) {
		r->why = "has more than 8 variables";
		return NULL;
	}
	return &r->parts[r->count++];
}

/* Add @c to the text that is being gathered. */
static void add_byte(struct reader *r, char c)
{
	struct glob_part *p = r->count ? &r->parts[r->count - 1] : NULL;

	if (!p || p->is_variable) {
		p = new_part(r);
		if (!p)
			return;
		*p = (struct glob_part){ .text = { r->to + r->n, 0 } };
	}
	r->to[r->n++] = c;
	p->text.n++;
}

/* The default of a variable: what stands between single quotes behind a comma. */
static void read_default(struct reader *r, struct str s, struct glob_part *p)
{
	s = str_trim(s);
	if (s.n < 2 || s.p[0] != '\'' || s.p[s.n - 1] != '\'') {
		r->why = "has a variable whose default is not in single quotes";
		return;
	}
	p->has_default = true;
	p->text = (struct str){ s.p + 1, s.n - 2 };
}

/* What "${" begins; @body is what stands before the brace that ends it. */
static void read_variable(struct reader *r, struct str body)
{
	struct str_cut c = str_cut(body, ',');
	struct glob_part *p;
	const char *why;

	if (body.n == 1 && memchr("*?$", body.p[0], 3)) {
		add_byte(r, body.p[0]);
		return;
	}
	p = new_part(r);
	if (!p)
		return;
	*p = (struct glob_part){ .is_variable = true };
	if (context_keys_add(r->form->keys, str_trim(c.head), &p->key, &why) < 0)
		r->why = "has a variable that is no condition key";
	else if (context_key_is_multivalued(&r->form->keys->at[p->key]))
		r->why = "has a variable that may have several values";
	else if (c.found)
		read_default(r, c.tail, p);
}

/* Read one byte of the text, or one variable. */
static void read_next(struct reader *r)
{
	char c = r->left.p[0];
	struct str_cut body;

	if (r->form->variables && str_starts(r->left, STR("${"))) {
		body = str_cut(str_skip(r->left, 2), '}');
		r->left = body.tail;
		if (body.found)
			read_variable(r, body.head);
		else
			r->why = "has a variable without an end";
		return;
	}
	r->left = str_skip(r->left, 1);
	if (c == GLOB_BYTE_RUN || c == GLOB_BYTE_ONE)
		r->why = "has a control byte";
	else if (r->form->wildcards && c == '*')
		add_byte(r, GLOB_BYTE_RUN);
	else if (r->form->wildcards && c == '?')
		add_byte(r, GLOB_BYTE_ONE);
	else
		add_byte(r, c);
}

static bool is_wild(struct str s)
{
	return s.n && (memchr(s.p, GLOB_BYTE_RUN, s.n) || memchr(s.p, GLOB_BYTE_ONE, s.n));
}

/* A text without variables. */
static struct glob whole(struct str text)
{
	if (!is_wild(text))
		return (struct glob){ .kind = GLOB_EXACT, .text = text };
	if (text.n == 1 && text.p[0] == GLOB_BYTE_RUN)
		return (struct glob){ .kind = GLOB_ANY, .text = text };
	if (text.p[text.n - 1] == GLOB_BYTE_RUN && !is_wild(str_first(text, text.n - 1)))
		return (struct glob){ .kind = GLOB_PREFIX, .text = str_first(text, text.n - 1) };
	return (struct glob){ .kind = GLOB_WILD, .text = text };
}

/*
 * Compile @source, which outlives @ret. Returns 0, or -1 with *@ret_why saying what is wrong with
 * it.
 */
int glob_compile(const struct glob_form *f, struct str source, struct glob *ret,
		 const char **ret_why)
{
	struct reader r = { .form = f, .left = source, .why = NULL };
	struct glob_part *parts;

	r.to = arena_new(f->arena, char, source.n + 1);
	while (r.to && r.left.n && !r.why)
		read_next(&r);
	if (!r.to)
		r.why = "finds no memory";
	if (r.why) {
		*ret_why = r.why;
		return -1;
	}
	if (!r.count || (r.count == 1 && !r.parts[0].is_variable)) {
		*ret = whole((struct str){ r.to, r.n });
		return 0;
	}
	parts = arena_new(f->arena, struct glob_part, r.count);
	if (!parts) {
		*ret_why = "finds no memory";
		return -1;
	}
	memcpy(parts, r.parts, r.count * sizeof(*parts));
	*ret = (struct glob){ .kind = GLOB_VARIABLES, .parts = parts, .part_count = r.count };
	return 0;
}

/*
 * Does all of @s match @pattern, a compiled text? Only the run that was met last is tried again:
 * what an earlier one could take, a later one can take too.
 */
bool glob_text_matches(struct str pattern, struct str s)
{
	size_t p = 0, i = 0, run = SIZE_MAX, from = 0;

	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == GLOB_BYTE_RUN) {
			run = p++;
			from = i;
		} else if (p < pattern.n &&
			   (pattern.p[p] == GLOB_BYTE_ONE || pattern.p[p] == s.p[i])) {
			p++;
			i++;
		} else if (run != SIZE_MAX) {
			p = run + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == GLOB_BYTE_RUN)
		p++;
	return p == pattern.n;
}

/* What the variable @p stands for in this request; false: nothing. */
static bool resolve(const struct glob_part *p, struct context *c, struct str *ret)
{
	const struct context_values *v = context_get(c, p->key);

	if (v->count == 1)
		*ret = context_value(v, 0);
	else if (p->has_default)
		*ret = p->text;
	else
		return false;
	return !is_wild(*ret);
}

/* @g with its variables filled, in scratch; false: one of them has no value. */
bool glob_expand(const struct glob *g, struct context *c, struct str *ret)
{
	struct str piece[PARTS_MAX];
	size_t i, n = 0;
	char *to;

	for (i = 0; i < g->part_count; i++) {
		piece[i] = g->parts[i].text;
		if (g->parts[i].is_variable && !resolve(&g->parts[i], c, &piece[i]))
			return false;
		n += piece[i].n;
	}
	to = arena_new(c->scratch, char, n + 1);
	if (!to) {
		c->failed = true;
		return false;
	}
	*ret = (struct str){ to, n };
	for (i = 0; i < g->part_count; i++) {
		if (piece[i].n)
			memcpy(to, piece[i].p, piece[i].n);
		to += piece[i].n;
	}
	return true;
}

/* Does all of @s match? A variable without a value matches nothing. */
bool glob_matches(const struct glob *g, struct str s, struct context *c)
{
	struct str text;

	switch (g->kind) {
	case GLOB_EXACT:
		return str_eq(g->text, s);
	case GLOB_PREFIX:
		return str_starts(s, g->text);
	case GLOB_ANY:
		return true;
	case GLOB_WILD:
		return glob_text_matches(g->text, s);
	default: /* GLOB_VARIABLES */
		return glob_expand(g, c, &text) && glob_text_matches(text, s);
	}
}
