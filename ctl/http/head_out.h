/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the fields of an outgoing head go, so that who writes them need not know the version of
 * HTTP: lines of text for HTTP/1, a list for HTTP/2. Names and values are the caller's to have
 * checked; those of a list are borrowed until the list has been used.
 */
#ifndef LATTICE_HTTP_HEAD_OUT_H
#define LATTICE_HTTP_HEAD_OUT_H

#include "base/arena.h"
#include "base/buf.h"
#include "http/h1_write.h"

/* A whole head as it came, and what a proxy may have to say besides. */
enum { HEAD_LIST_MAX = LATTICE_HEADERS_MAX + 28, HEAD_LIST_ROOM_BYTES = 1024 };

struct head_list {
	struct arena *arena; /* for values that are made up and find no room below */
	size_t count;
	bool failed; /* too many fields, or no memory */
	struct http_header at[HEAD_LIST_MAX];
	size_t used;
	char room[HEAD_LIST_ROOM_BYTES];
};

/* One of the two is not NULL. */
struct head_out {
	struct buf *text;
	struct head_list *list;
};

void head_out_u64(const struct head_out *o, struct str name, uint64_t value);
void head_out_joined(const struct head_out *o, struct str name, const struct str *parts, size_t n);
void head_list_init(struct head_list *l, struct arena *arena);
void head_list_add(struct head_list *l, struct str name, struct str value);

static inline void head_out_field(const struct head_out *o, struct str name, struct str value)
{
	if (o->text)
		h1_write_header(o->text, name, value);
	else
		head_list_add(o->list, name, value);
}

#endif
