/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Round robin over a list of the targets that are in, made anew only when the standing of one has
 * changed: a request costs the same however many are out, and each that is in gets its even share.
 */
#include "balance/round_robin.h"

#include <stdlib.h>

static bool is_out(const struct snap_target_group *g, size_t i)
{
	return atomic_load_explicit(&g->targets[i].is_out, memory_order_relaxed);
}

/* All take turns when all are in, when all are out (fail open), and without memory for a list. */
static void make_list(struct round_robin *r, const struct snap_target_group *g)
{
	size_t i;

	free(r->places);
	r->places = NULL;
	r->count = 0;
	for (i = 0; i < g->target_count; i++)
		r->count += !is_out(g, i);
	if (r->count && r->count < g->target_count)
		r->places = calloc(g->target_count, sizeof(*r->places));
	if (!r->places) {
		r->count = g->target_count;
		return;
	}
	r->count = 0;
	for (i = 0; i < g->target_count; i++) {
		if (!is_out(g, i))
			r->places[r->count++] = (uint32_t)i;
	}
	/* The last that was in went out between the two rounds. */
	if (!r->count) {
		free(r->places);
		r->places = NULL;
		r->count = g->target_count;
	}
}

/* Bring @r up to date with @g. */
void round_robin_look(struct round_robin *r, const struct snap_target_group *g)
{
	unsigned changes = atomic_load_explicit(&g->changes, memory_order_acquire);

	if (r->serial == g->serial && r->changes == changes)
		return;
	r->serial = g->serial;
	r->changes = changes;
	make_list(r, g);
}

/* The target whose turn it is; NULL when the group has none. */
struct snap_target *round_robin_next(struct round_robin *r, const struct snap_target_group *g)
{
	round_robin_look(r, g);
	if (!r->count)
		return NULL;
	return &g->targets[round_robin_place(r, r->ticket++ % r->count)];
}

/* Free what is kept; @r is all-zero afterwards. */
void round_robin_fini(struct round_robin *r)
{
	free(r->places);
	*r = (struct round_robin){ 0 };
}
