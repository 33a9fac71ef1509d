/* SPDX-License-Identifier: Apache-2.0 */
/* Lifetime of snapshots, and the look-ups that workers do in them. */
#include "model/snapshot.h"

#include <stdlib.h>

/* An empty snapshot with one reference, or NULL. */
struct snapshot *snapshot_new(uint64_t generation, const struct pool *pool)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	atomic_init(&s->refs, 1);
	s->generation = generation;
	s->pool = pool;
	return s;
}

/* Take one more reference. */
struct snapshot *snapshot_get(struct snapshot *s)
{
	/* Whoever calls holds a reference already, so nothing needs to be ordered. */
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

/* Drop a reference, from any thread; the last frees the snapshot. NULL is fine. */
void snapshot_put(struct snapshot *s)
{
	size_t i;

	/* Release: our reads come before the free; acquire: the free comes after all of them. */
	if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
		return;
	shelf_fini(&s->services);
	shelf_fini(&s->groups);
	shelf_fini(&s->networks);
	shelf_fini(&s->vpcs);
	shelf_fini(&s->names);
	for (i = 0; i < SNAPSHOT_LISTS; i++)
		part_put(s->lists[i]);
	free(s);
}

/* Each gives NULL for a place without a part. */

const struct snap_vpc *snapshot_find_vpc(const struct snapshot *s, uint32_t number)
{
	return shelf_at(&s->vpcs, number);
}

struct snap_target_group *snapshot_find_group(const struct snapshot *s, uint32_t index)
{
	return shelf_at(&s->groups, index);
}

const struct snap_service *snapshot_find_service(const struct snapshot *s, uint32_t number)
{
	return shelf_at(&s->services, number);
}

const struct snap_network *snapshot_find_network(const struct snapshot *s, uint32_t index)
{
	return shelf_at(&s->networks, index);
}

/* Is the service with @number in @n, which may be NULL? */
bool snap_network_has(const struct snap_network *n, uint32_t number)
{
	return n && number / 64 < n->word_count && n->members[number / 64] >> number % 64 & 1;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/*
 * All weights of @a are known: how often a turn comes round, @cycle turns of @unit each, and how
 * far apart neighbours in time are, about the golden ratio of it, without a divisor in common, so
 * that every turn of a cycle is taken once (balance/weighted.c).
 */
void snap_action_settle(struct snap_action *a)
{
	size_t i;

	for (i = 0; i < a->forward_count; i++)
		a->unit = common_divisor(a->forward[i].weight, a->unit);
	if (!a->unit)
		return;
	a->cycle = (uint32_t)(a->weight_sum / a->unit);
	a->stride = (uint32_t)((uint64_t)a->cycle * 618 / 1000) + 1;
	while (common_divisor(a->stride, a->cycle) != 1)
		a->stride++;
}

/* Is @host, without a port, a name of @s? Case does not matter, nor does DNS's last dot. */
bool snap_service_has_name(const struct snap_service *s, struct str host)
{
	if (str_ends(host, STR(".")))
		host.n--;
	return host.n && (str_eq_nocase(host, s->dns_name) || str_eq_nocase(host, s->domain));
}
