/* SPDX-License-Identifier: Apache-2.0 */
/* One query for all parents is far cheaper than one for each. */
#include "store/children.h"

#include <stdlib.h>

static int cmp_str(struct str a, struct str b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int cmp_children(const void *a, const void *b)
{
	const struct record *x = *(struct record *const *)a, *y = *(struct record *const *)b;
	int order = cmp_str(x->parent, y->parent);

	return order ? order : cmp_str(x->id, y->id);
}

/* Read all records of @kind into @a. */
int children_load(struct children *c, struct store *s, enum kind kind, struct arena *a,
		  struct fault *fault)
{
	struct store_query q = { .kind = kind };
	struct record *r;

	*c = (struct children){ 0 };
	if (store_list(s, &q, a, &r, fault) < 0)
		return -1;
	c->at = arena_new(a, struct record *, record_count(r) + 1);
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

		if (cmp_str(c->at[middle]->parent, parent) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < c->count && str_eq(c->at[end]->parent, parent); end++)
		;
	*ret_count = end - low;
	return end > low ? &c->at[low] : NULL;
}
