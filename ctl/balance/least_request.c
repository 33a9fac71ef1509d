/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A count for each target. A new version of the group takes over the counts of targets that it
 * still has; a request that ends looks for its target at the place where it was first.
 */
#include "balance/least_request.h"

#include <stdlib.h>

struct least_count {
	struct sock_addr addr;
	uint32_t requests;
};

/* Where @addr is, looked for at @hint first; l->count: nowhere. */
static size_t find(const struct least_request *l, const struct sock_addr *addr, size_t hint)
{
	size_t i;

	if (hint < l->count && sock_addr_eq(&l->at[hint].addr, addr))
		return hint;
	for (i = 0; i < l->count; i++)
		if (sock_addr_eq(&l->at[i].addr, addr))
			return i;
	return l->count;
}

/* The counts become those of @g's targets. False without memory, and then nothing has changed. */
static bool follow(struct least_request *l, const struct snap_target_group *g)
{
	struct least_count *at = calloc(g->target_count + 1, sizeof(*at));
	size_t i, was;

	if (!at)
		return false;
	for (i = 0; i < g->target_count; i++) {
		at[i].addr = g->targets[i].addr;
		was = find(l, &at[i].addr, i);
		if (was < l->count)
			at[i].requests = l->at[was].requests;
	}
	free(l->at);
	*l = (struct least_request){ g->serial, g->target_count, at };
	return true;
}

/* The place of the least busy that is in; the search begins another one on each time. */
static uint32_t least_busy(const struct least_request *l, struct round_robin *turns)
{
	size_t first = turns->ticket++ % turns->count, i;
	uint32_t best = round_robin_place(turns, first);

	for (i = 1; i < turns->count && l->at[best].requests; i++) {
		uint32_t place = round_robin_place(turns, (first + i) % turns->count);

		if (l->at[place].requests < l->at[best].requests)
			best = place;
	}
	return best;
}

/*
 * The target for a request that begins, counted in *@ret, which least_request_end() takes back.
 * NULL when the group has none. Without memory for counts they take turns.
 */
struct snap_target *least_request_begin(struct least_request *l, struct round_robin *turns,
					const struct snap_target_group *g, struct least_ticket *ret)
{
	uint32_t place;

	*ret = (struct least_ticket){ 0 };
	if (l->serial != g->serial && !follow(l, g))
		return round_robin_next(turns, g);
	round_robin_look(turns, g);
	if (!turns->count)
		return NULL;
	place = least_busy(l, turns);
	l->at[place].requests++;
	*ret = (struct least_ticket){ true, place, g->targets[place].addr };
	return &g->targets[place];
}

/* The request of @t is over; @t is nothing afterwards. */
void least_request_end(struct least_request *l, struct least_ticket *t)
{
	size_t i = t->is_counted ? find(l, &t->addr, t->place) : l->count;

	/* A target that left its group and came back began anew. */
	if (i < l->count && l->at[i].requests)
		l->at[i].requests--;
	t->is_counted = false;
}

void least_request_fini(struct least_request *l)
{
	free(l->at);
	*l = (struct least_request){ 0 };
}
