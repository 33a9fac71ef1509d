/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of a policy that are compared with those of a request: literal, with the wildcards "*"
 * (any run) and "?" (one character), and with variables "${key}" that the request fills. What a
 * variable brings is literal: a star in it is a star.
 */
#ifndef LATTICE_AUTH_GLOB_H
#define LATTICE_AUTH_GLOB_H

#include "auth/context.h"

enum glob_kind {
	GLOB_EXACT,
	GLOB_PREFIX, /* text, then anything */
	GLOB_ANY,
	GLOB_WILD,	/* text, with the bytes below */
	GLOB_VARIABLES, /* parts, to be put together first */
};

/* Wildcards in a text that was compiled; policies may not hold these bytes. */
enum { GLOB_BYTE_RUN = 1, GLOB_BYTE_ONE = 2 };

/* A piece of a text with variables: a piece of text, or what a key's value is. */
struct glob_part {
	bool is_variable, has_default;
	uint16_t key;
	struct str text; /* the text, or the default */
};

struct glob {
	enum glob_kind kind;
	struct str text;
	const struct glob_part *parts;
	size_t part_count;
};

/* How a text is read. */
struct glob_form {
	bool wildcards, variables;
	struct context_keys *keys; /* where variables are entered */
	struct arena *arena;
};

int glob_compile(const struct glob_form *f, struct str source, struct glob *ret,
		 const char **ret_why);
bool glob_matches(const struct glob *g, struct str s, struct context *c);
bool glob_text_matches(struct str pattern, struct str s);
bool glob_expand(const struct glob *g, struct context *c, struct str *ret);

#endif
