/* SPDX-License-Identifier: Apache-2.0 */
/* One query for all parents is far cheaper than one for each, and none is cheaper still. */
#include "store/children.h"

#include "base/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

/* Records of one kind that may be read, and up to how many their parsed bodies are kept. */
static const size_t children_bytes_max = (size_t)256 << 20;
enum { BODIES_MAX = 20000 };

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

void children_init(struct children *c, enum kind kind)
{
	*c = (struct children){ .kind = kind };
	arena_init(&c->arena, children_bytes_max);
}

static void forget(struct children *c)
{
	size_t i;

	for (i = 0; c->bodies && i < c->count; i++)
		cJSON_Delete(c->bodies[i]);
	cJSON_Delete(c->last);
	arena_fini(&c->arena);
	children_init(c, c->kind);
}

void children_fini(struct children *c)
{
	forget(c);
}

static int load(struct children *c, struct store *s, struct fault *fault)
{
	struct store_query q = { .kind = c->kind };
	struct record *r;

	if (store_list(s, &q, &c->arena, &r, fault) < 0)
		return -1;
	c->count = record_count(r);
	c->at = arena_new(&c->arena, struct record *, c->count + 1);
	if (c->count <= BODIES_MAX)
		c->bodies = arena_new(&c->arena, struct cJSON *, c->count + 1);
	if (!c->at || (c->count <= BODIES_MAX && !c->bodies)) {
		c->bodies = NULL;
		return fault_set(fault, FAULT_INTERNAL, "out of memory");
	}
	for (c->count = 0; r; r = r->next)
		c->at[c->count++] = r;
	qsort(c->at, c->count, sizeof(*c->at), cmp_children);
	return 0;
}

/* Read the records again if any may have changed. What was had from @c before is gone then. */
int children_refresh(struct children *c, struct store *s, struct fault *fault)
{
	uint64_t version = store_version(s, c->kind);

	if (c->is_loaded && c->version == version)
		return 0;
	forget(c);
	if (load(c, s, fault) < 0) {
		forget(c);
		return -1;
	}
	c->version = version;
	c->is_loaded = true;
	return 0;
}

/* The body of @child, which points into what children_of() gave; until the next call. */
const struct cJSON *children_body(struct children *c, struct record *const *child)
{
	struct cJSON **body = c->bodies ? &c->bodies[child - c->at] : &c->last;

	if (!c->bodies) {
		cJSON_Delete(c->last);
		c->last = NULL;
	}
	if (!*body)
		*body = json_parse((*child)->body);
	return *body;
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

/* The child of @parent with @id, or NULL. */
struct record *const *children_find(const struct children *c, struct str parent, struct str id)
{
	size_t low = 0, high;
	struct record *const *all = children_of(c, parent, &high);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = cmp_str(all[middle]->id, id);

		if (order == 0)
			return &all[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
