/* SPDX-License-Identifier: Apache-2.0 */
/* A steering table that arrives in pieces. */
#include "steer/table.h"

#include <errno.h>
#include <stdlib.h>

/* Start over in @t. 0, -E2BIG or -ENOMEM; on failure @t is empty. */
int table_begin(struct table *t, uint64_t generation, uint32_t count)
{
	table_fini(t);
	if (count > LATTICE_BINDINGS_MAX)
		return -E2BIG;
	if (count) {
		t->bindings = calloc(count, sizeof(*t->bindings));
		if (!t->bindings)
			return -ENOMEM;
	}
	t->generation = generation;
	t->count = count;
	t->is_open = true;
	return 0;
}

/* Copy @count more. 0, or -EPROTO for more than was announced or before table_begin(). */
int table_add(struct table *t, const struct link_binding *bindings, uint32_t count)
{
	if (!t->is_open || count > t->count - t->filled)
		return -EPROTO;
	if (count)
		memcpy(t->bindings + t->filled, bindings, count * sizeof(*bindings));
	t->filled += count;
	return 0;
}

/* Has all of @generation arrived? */
bool table_is_whole(const struct table *t, uint64_t generation)
{
	return t->is_open && t->generation == generation && t->filled == t->count;
}

/* @from becomes @to, whose old bindings go, and is then empty. */
void table_move(struct table *to, struct table *from)
{
	table_fini(to);
	*to = *from;
	*from = (struct table){ 0 };
}

void table_fini(struct table *t)
{
	free(t->bindings);
	*t = (struct table){ 0 };
}
