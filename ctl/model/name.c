/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table whose chains are parts: a snapshot shares those that it does not change with the
 * one before. Services of different networks may have the same custom name.
 */
#include "model/name.h"

#include <errno.h>

enum { CHAINS = 1024 };

/* Memory of one chain. */
enum { CHAIN_BYTES_MAX = 1 << 24 };

struct chain {
	struct part part;
	struct snap_name *at; /* by service */
	size_t count;
};

static struct str without_dot(struct str name)
{
	if (str_ends(name, STR(".")))
		name.n--;
	return name;
}

static size_t place_of(struct str name)
{
	uint32_t hash = UINT32_C(2166136261);
	size_t i;

	for (i = 0; i < name.n; i++)
		hash = (hash ^ str_fold(name.p[i])) * UINT32_C(16777619);
	return (hash ^ hash >> 16) % CHAINS;
}

/* A chain like @old, which may be NULL, without @service's @name and with room for one more. */
static struct chain *copy_chain(const struct chain *old, struct str name, uint32_t service)
{
	struct chain *c = part_new(sizeof(*c), CHAIN_BYTES_MAX);
	size_t i;

	if (!c)
		return NULL;
	c->at = arena_new(&c->part.arena, struct snap_name, (old ? old->count : 0) + 1);
	for (i = 0; c->at && old && i < old->count; i++) {
		struct snap_name *to = &c->at[c->count];

		if (old->at[i].service == service && str_eq_nocase(old->at[i].name, name))
			continue;
		*to = old->at[i];
		to->name = arena_copy(&c->part.arena, to->name);
		if (!to->name.p)
			break;
		c->count++;
	}
	if (!c->at || (old && i < old->count)) {
		part_put(&c->part);
		return NULL;
	}
	return c;
}

/* Put a name at its place in @c, which has room. False without memory. */
static bool insert(struct chain *c, struct str name, uint32_t service, bool is_alias)
{
	char *lower = arena_new(&c->part.arena, char, name.n + 1);
	size_t i;

	if (!lower)
		return false;
	for (i = 0; i < name.n; i++)
		lower[i] = (char)str_fold(name.p[i]);
	for (i = c->count; i && c->at[i - 1].service > service; i--)
		c->at[i] = c->at[i - 1];
	c->at[i] = (struct snap_name){ { lower, name.n }, service, is_alias };
	c->count++;
	return true;
}

/* The service is called @name, too; an empty name is none. 0 or -ENOMEM. */
int name_add(struct shelf *names, struct str name, uint32_t service, bool is_alias)
{
	size_t place = place_of(without_dot(name));
	struct chain *c;

	name = without_dot(name);
	if (!name.n)
		return 0;
	c = copy_chain(shelf_at(names, place), name, service);
	if (!c)
		return -ENOMEM;
	if (!insert(c, name, service, is_alias)) {
		part_put(&c->part);
		return -ENOMEM;
	}
	return shelf_set(names, place, &c->part);
}

/* The service is not called @name any more. 0 or -ENOMEM. */
int name_remove(struct shelf *names, struct str name, uint32_t service)
{
	size_t place = place_of(without_dot(name));
	const struct chain *old = shelf_at(names, place);
	struct chain *c;

	if (!old || !name.n)
		return 0;
	c = copy_chain(old, without_dot(name), service);
	return c ? shelf_set(names, place, &c->part) : -ENOMEM;
}

/* What @name stands for to the clients of @v, or NULL. The lowest number has a name that is twice
 * there. */
const struct snap_name *name_find(const struct snapshot *s, const struct snap_vpc *v,
				  struct str name)
{
	const struct snap_network *n = snapshot_find_network(s, v->network);
	const struct chain *c = shelf_at(&s->names, place_of(name));
	size_t i;

	for (i = 0; c && n && i < c->count; i++)
		if (str_eq(c->at[i].name, name) && snap_network_has(n, c->at[i].service) &&
		    snapshot_find_service(s, c->at[i].service))
			return &c->at[i];
	return NULL;
}
