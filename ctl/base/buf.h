/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing bytes with a maximum that is fixed at the start. Running out, of the maximum or of
 * memory, sets @failed and keeps it: write a whole message, then look once.
 */
#ifndef LATTICE_BASE_BUF_H
#define LATTICE_BASE_BUF_H

#include "base/str.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

struct reuse;

/* Bytes from p[start] to p[end] are held; all-zero but for max is a valid empty buffer. */
struct buf {
	char *p;
	size_t start, end, cap;
	size_t max;
	bool failed;
	bool wipes; /* secrets may pass: what is not held any more is wiped; set after buf_init() */
	struct reuse *reuse; /* where its memory comes from, or NULL: the heap; set likewise */
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_fini(struct buf *b);
void buf_clear(struct buf *b);
void buf_add_u64(struct buf *b, uint64_t v);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_add(struct buf *b, struct str s);
void buf_add_char(struct buf *b, char c);
char *buf_make_room(struct buf *b, size_t room);
void buf_consume(struct buf *b, size_t n);
void buf_swap(struct buf *a, struct buf *b);

static inline size_t buf_len(const struct buf *b)
{
	return b->end - b->start;
}

/* What is held, borrowed until the next call that changes @b. */
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p ? b->p + b->start : NULL, b->end - b->start };
}

/*
 * Room for @room bytes behind what is held, to be filled and then told with buf_commit().
 * NULL, and failed, when the maximum or memory does not allow it.
 */
static inline char *buf_reserve(struct buf *b, size_t room)
{
	if (b->cap - b->end < room || b->failed)
		return buf_make_room(b, room);
	return b->p + b->end;
}

/* The first @n bytes of the room reserved last are filled. */
static inline void buf_commit(struct buf *b, size_t n)
{
	assert(n <= b->cap - b->end);
	b->end += n;
}

#define buf_add_lit(b, lit) buf_add((b), STR(lit))

#endif
