/* SPDX-License-Identifier: Apache-2.0 */
/* One query for all parents is far cheaper than one for each. */
#include "store/children.h"

#include <stdlib.h>

/* Records of one kind that may be read. */
static const size_t children_bytes_max = (size_t)1 << 30;

static int cmp_children(const void *a, const void *b)
{
	const struct record *x = *(struct record *const *)a, *y = *(struct record *const *)b;
	int order = str_cmp(x->parent, y->parent);

	return order ? order : str_cmp(x->id, y->id);
}

void children_init(struct children *c, enum kind kind)
{
	*c = (struct children){ .kind = kind };
	arena_init(&c->arena, children_bytes_max);
}

void children_fini(struct children *c)
{
	arena_fini(&c->arena);
	c->at = NULL;
	c->count = 0;
}

/* Read them, once. 0, or -1 with the fault. */
int children_load(struct children *c, struct store *s, struct fault *fault)
{
	struct store_query q = { .kind = c->kind };
	struct record *r;

	if (store_list(s, &q, &c->arena, &r, fault) < 0)
		return -1;
	c->at = arena_new(&c->arena, struct record *, record_count(r) + 1);
	if (!c->at)
		return fault_set(fault, FAULT_INTERNAL, "out of memory");
	for (; r; r = r->next)
		c->at[c->count++] = r;
	qsort(c->at, c->count, sizeof(*c->at), cmp_children);
	return 0;
}

/* The first of the children of @parent and how many there are, by id; NULL and 0: none. */
struct record *const *children_of(const struct children *c, struct str parent, size_t *ret_count)
{
	size_t low = 0, high = c->count, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(c->at[middle]->parent, parent) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < c->count && str_eq(c->at[end]->parent, parent); end++)
		;
	*ret_count = end - low;
	return end > low ? &c->at[low] : NULL;
}

/* The child of @parent with @id, or NULL. */
struct record *const *children_find(const struct children *c, struct str parent, struct str id)
{
	size_t low = 0, high;
	struct record *const *all = children_of(c, parent, &high);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(all[middle]->id, id);

		if (order == 0)
			return &all[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
