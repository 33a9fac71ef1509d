/* SPDX-License-Identifier: Apache-2.0 */
/* Leases: a worker's current snapshot, and older ones while requests still use them. */
#include "proxy/lease.h"

#include <assert.h>
#include <stdlib.h>

/* The current lease on @s, whose reference it takes over; NULL (and @s untouched) without memory.
 */
struct lease *lease_new(struct snapshot *s)
{
	struct lease *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->snapshot = s;
	l->current = true;
	return l;
}

static void release_unused(struct lease *l)
{
	if (l->pins || l->current)
		return;
	snapshot_put(l->snapshot);
	free(l);
}

/* A request begins with @l. */
struct lease *lease_pin(struct lease *l)
{
	l->pins++;
	return l;
}

/* A request that began with @l is over. */
void lease_unpin(struct lease *l)
{
	assert(l->pins > 0);
	l->pins--;
	release_unused(l);
}

/* A newer snapshot took the place of @l; NULL is fine. */
void lease_retire(struct lease *l)
{
	if (!l)
		return;
	l->current = false;
	release_unused(l);
}
