/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What snapshots share. A part is one immutable piece with its own memory, counted; a shelf is an
 * array of them, of which a copy costs little: shelf_copy(), then shelf_set() for what differs.
 * Shelves of old snapshots may be read and dropped by other threads meanwhile.
 */
#ifndef LATTICE_MODEL_PART_H
#define LATTICE_MODEL_PART_H

#include "base/arena.h"

#include <stdatomic.h>
#include <stdint.h>

/* Embedded first in each kind of part. */
struct part {
	atomic_uint refs;
	struct arena arena; /* of everything that hangs on it */
};

void *part_new(size_t size, size_t limit_bytes) __attribute__((warn_unused_result));
void part_get(struct part *p);
void part_put(struct part *p);

enum { SHELF_ROW = 64 };

struct shelf_row {
	atomic_uint refs;
	struct part *at[SHELF_ROW];
};

/* All-zero is an empty shelf. Places without a part hold NULL. */
struct shelf {
	struct shelf_row **rows; /* NULL: a row without parts */
	size_t row_count;
};

int shelf_copy(struct shelf *to, const struct shelf *from) __attribute__((warn_unused_result));
int shelf_set(struct shelf *s, size_t place, struct part *p) __attribute__((warn_unused_result));
void shelf_fini(struct shelf *s);
bool shelf_differ(const struct shelf *a, const struct shelf *b, size_t *at);

/* Behind the last place that may hold a part. */
static inline size_t shelf_end(const struct shelf *s)
{
	return s->row_count * SHELF_ROW;
}

/* The part at @place, borrowed, or NULL. */
static inline void *shelf_at(const struct shelf *s, size_t place)
{
	const struct shelf_row *row = place < shelf_end(s) ? s->rows[place / SHELF_ROW] : NULL;

	return row ? row->at[place % SHELF_ROW] : NULL;
}

#endif
