/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers of the files that compile a snapshot. */
#include "store/build.h"

#include "base/array.h"
#include "base/json.h"

#include <cjson/cJSON.h>

int build_out_of_memory(const struct build *b)
{
	return fault_set(b->fault, FAULT_INTERNAL, "snapshot: out of memory");
}

int build_bad_record(const struct build *b, const struct record *r, const char *why)
{
	return fault_set(b->fault, FAULT_INTERNAL, "snapshot: record " STR_FMT ": %s",
			 STR_ARG(r->id), why);
}

/* @s kept in the part that is being made. */
struct str build_keep(struct build *b, struct str s)
{
	struct str copy = arena_copy(b->arena, s);

	if (!copy.p)
		b->failed = true;
	return copy;
}

/* The member @name of @body, or empty, kept in the part that is being made. */
struct str build_keep_member(struct build *b, const struct cJSON *body, const char *name)
{
	return build_keep(b, json_get_str(body, name));
}

bool build_is_active(const struct cJSON *body)
{
	return str_eq(json_get_str(body, "status"), STR("ACTIVE"));
}

static const struct children *bulk_of(const struct build *b, enum kind kind)
{
	const struct children *all[] = { &b->targets, &b->listeners, &b->rules, &b->instances,
					 &b->policies };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i]->kind == kind)
			return all[i];
	return NULL;
}

/*
 * The records of @kind below @parent, by id. When all is compiled they were all read at once, else
 * they are asked for; they live as long as the unit.
 */
int build_children(struct build *b, enum kind kind, struct str parent,
		   const struct record *const **ret, size_t *ret_count)
{
	const struct children *bulk = b->is_whole ? bulk_of(b, kind) : NULL;
	struct store_query q = { .kind = kind, .parent = parent };
	const struct record **at;
	struct record *r;

	*ret = NULL;
	*ret_count = 0;
	if (bulk) {
		*ret = (const struct record *const *)children_of(bulk, parent, ret_count);
		return 0;
	}
	if (store_list(b->store, &q, &b->reading, &r, b->fault) < 0)
		return -1;
	if (!r)
		return 0;
	at = arena_new(&b->reading, const struct record *, record_count(r));
	if (!at)
		return build_out_of_memory(b);
	*ret = at;
	for (; r; r = r->next)
		at[(*ret_count)++] = r;
	return 0;
}

/* Put @p, which moves there, or NULL at @place. */
int build_set(struct build *b, struct shelf *on, size_t place, struct part *p)
{
	return shelf_set(on, place, p) ? build_out_of_memory(b) : 0;
}

/* The place of what has @id; false: there is no such thing. */
bool build_find_place(const struct build *b, struct str id, uint32_t *ret)
{
	uint64_t place;

	if (!map_find(&b->kept->places, id, &place))
		return false;
	*ret = (uint32_t)place;
	return true;
}

int build_set_place(struct build *b, struct str id, uint64_t place)
{
	return map_set(&b->kept->places, id, place) ? build_out_of_memory(b) : 0;
}
