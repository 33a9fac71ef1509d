/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts in rows: a copy of a shelf shares its rows, and who changes a place copies that row first.
 * So the cost of a new snapshot is that of the changes, and a pointer for 64 parts.
 */
#include "model/part.h"

#include <errno.h>
#include <stdlib.h>

/* A zeroed part of @size bytes with one reference, whose arena may take @limit_bytes; or NULL. */
void *part_new(size_t size, size_t limit_bytes)
{
	struct part *p = calloc(1, size);

	if (!p)
		return NULL;
	atomic_init(&p->refs, 1);
	arena_init(&p->arena, limit_bytes);
	return p;
}

/* Take one more reference. */
void part_get(struct part *p)
{
	/* Whoever calls holds a reference already, so nothing needs to be ordered. */
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
}

/* Drop a reference, from any thread; the last frees @p. NULL is fine. */
void part_put(struct part *p)
{
	/* Release: our reads come before the free; acquire: the free comes after all of them. */
	if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
		return;
	arena_fini(&p->arena);
	free(p);
}

static void row_put(struct shelf_row *row)
{
	size_t i;

	/* As in part_put(). */
	if (!row || atomic_fetch_sub_explicit(&row->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (i = 0; i < SHELF_ROW; i++)
		part_put(row->at[i]);
	free(row);
}

/* A row of our own like @from, which may be NULL. */
static struct shelf_row *row_copy(const struct shelf_row *from)
{
	struct shelf_row *row = calloc(1, sizeof(*row));
	size_t i;

	if (!row)
		return NULL;
	atomic_init(&row->refs, 1);
	for (i = 0; from && i < SHELF_ROW; i++) {
		row->at[i] = from->at[i];
		if (row->at[i])
			part_get(row->at[i]);
	}
	return row;
}

/* The empty @to becomes like @from. 0 or -ENOMEM, and then it is empty still. */
int shelf_copy(struct shelf *to, const struct shelf *from)
{
	size_t i;

	if (!from->row_count)
		return 0;
	to->rows = calloc(from->row_count, sizeof(struct shelf_row *));
	if (!to->rows)
		return -ENOMEM;
	to->row_count = from->row_count;
	for (i = 0; i < to->row_count; i++) {
		to->rows[i] = from->rows[i];
		if (to->rows[i])
			atomic_fetch_add_explicit(&to->rows[i]->refs, 1, memory_order_relaxed);
	}
	return 0;
}

static int grow(struct shelf *s, size_t row_count)
{
	struct shelf_row **rows = realloc(s->rows, row_count * sizeof(struct shelf_row *));

	if (!rows)
		return -ENOMEM;
	memset(rows + s->row_count, 0, (row_count - s->row_count) * sizeof(struct shelf_row *));
	s->rows = rows;
	s->row_count = row_count;
	return 0;
}

/* Put @p, whose reference moves here, or NULL at @place. On failure (-ENOMEM) it is dropped. */
int shelf_set(struct shelf *s, size_t place, struct part *p)
{
	size_t at = place / SHELF_ROW;
	struct shelf_row *row;

	if (at >= s->row_count) {
		if (!p)
			return 0;
		if (grow(s, at + 1) < 0)
			goto err_part;
	}
	row = s->rows[at];
	if (!row || atomic_load_explicit(&row->refs, memory_order_acquire) != 1) {
		row = row_copy(row);
		if (!row)
			goto err_part;
		row_put(s->rows[at]);
		s->rows[at] = row;
	}
	part_put(row->at[place % SHELF_ROW]);
	row->at[place % SHELF_ROW] = p;
	return 0;

err_part:
	part_put(p);
	return -ENOMEM;
}

void shelf_fini(struct shelf *s)
{
	size_t i;

	for (i = 0; i < s->row_count; i++)
		row_put(s->rows[i]);
	free(s->rows);
	*s = (struct shelf){ 0 };
}

static const struct shelf_row *row_at(const struct shelf *s, size_t at)
{
	return at < s->row_count ? s->rows[at] : NULL;
}

/* Move *@at, where to begin, to the next place with another part in @a than in @b; false: none. */
bool shelf_differ(const struct shelf *a, const struct shelf *b, size_t *at)
{
	size_t end = shelf_end(a) > shelf_end(b) ? shelf_end(a) : shelf_end(b);

	while (*at < end) {
		if (row_at(a, *at / SHELF_ROW) == row_at(b, *at / SHELF_ROW)) {
			*at = (*at / SHELF_ROW + 1) * SHELF_ROW;
			continue;
		}
		if (shelf_at(a, *at) != shelf_at(b, *at))
			return true;
		++*at;
	}
	return false;
}
