/* SPDX-License-Identifier: Apache-2.0 */
/* An entry for each group and each service there is; what few have is made when it is needed. */
#include "balance/turns.h"

#include "balance/weighted.h"

#include <stdlib.h>

struct group_turns {
	struct round_robin turns;
	struct least_request *least; /* NULL until the group asks for it */
};

/* A ticket for each action of a service. */
struct action_turns {
	uint32_t *tickets;
	uint32_t count;
};

/* Make *@at, of @count, hold @wanted zeroed entries of @size. False without memory. */
static bool grow(void **at, size_t *count, size_t wanted, size_t size)
{
	char *grown;

	if (wanted <= *count)
		return true;
	grown = realloc(*at, wanted * size);
	if (!grown)
		return false;
	memset(grown + *count * size, 0, (wanted - *count) * size);
	*at = grown;
	*count = wanted;
	return true;
}

/* There is room for all that @s has from now on; false without memory. */
bool turns_grow(struct turns *t, const struct snapshot *s)
{
	return grow((void **)&t->groups, &t->group_count, shelf_end(&s->groups),
		    sizeof(*t->groups)) &&
	       grow((void **)&t->services, &t->service_count, shelf_end(&s->services),
		    sizeof(*t->services));
}

/* The next ticket of @a, an action of @s. Without memory for tickets it is always the first. */
static uint32_t take_ticket(struct turns *t, const struct snap_service *s,
			    const struct snap_action *a)
{
	struct action_turns *turns = &t->services[s->index];
	uint32_t *grown;

	if (a->index >= turns->count) {
		grown = realloc(turns->tickets, s->action_count * sizeof(*grown));
		if (!grown)
			return 0;
		memset(grown + turns->count, 0, (s->action_count - turns->count) * sizeof(*grown));
		turns->tickets = grown;
		turns->count = s->action_count;
	}
	return turns->tickets[a->index]++;
}

/* The group that action @a of @s forwards to this time; NULL when all weights are zero. */
const struct snap_forward *turns_action(struct turns *t, const struct snap_service *s,
					const struct snap_action *a)
{
	return weighted_choose(a, a->forward_count > 1 ? take_ticket(t, s, a) : 0);
}

/* The target of @g for a request, until turns_end(@ret); NULL when the group has none. */
struct snap_target *turns_begin(struct turns *t, const struct snap_target_group *g,
				struct turns_ticket *ret)
{
	struct group_turns *turns = &t->groups[g->index];

	*ret = (struct turns_ticket){ .group = g->index };
	if (g->algorithm == SNAP_LEAST_REQUEST && !turns->least)
		turns->least = calloc(1, sizeof(*turns->least));
	if (g->algorithm == SNAP_LEAST_REQUEST && turns->least)
		return least_request_begin(turns->least, &turns->turns, g, &ret->least);
	return round_robin_next(&turns->turns, g);
}

/* The request has left the target that @ticket is for. */
void turns_end(struct turns *t, struct turns_ticket *ticket)
{
	if (ticket->least.is_counted)
		least_request_end(t->groups[ticket->group].least, &ticket->least);
}

void turns_fini(struct turns *t)
{
	size_t i;

	for (i = 0; i < t->group_count; i++) {
		round_robin_fini(&t->groups[i].turns);
		if (t->groups[i].least)
			least_request_fini(t->groups[i].least);
		free(t->groups[i].least);
	}
	for (i = 0; i < t->service_count; i++)
		free(t->services[i].tickets);
	free(t->groups);
	free(t->services);
	*t = (struct turns){ 0 };
}
