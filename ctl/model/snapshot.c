/* SPDX-License-Identifier: Apache-2.0 */
/* Lifetime of snapshots, and the look-ups that workers do in them. */
#include "model/snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/socket.h>

/* An empty snapshot with one reference that may take @limit_bytes of memory, or NULL. */
struct snapshot *snapshot_new(uint64_t generation, size_t limit_bytes)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	atomic_init(&s->refs, 1);
	s->generation = generation;
	arena_init(&s->arena, limit_bytes);
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
	/* Release: our reads come before the free; acquire: the free comes after all of them. */
	if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
		return;
	arena_fini(&s->arena);
	free(s);
}

static int cmp_vpc_number(const void *key, const void *item)
{
	uint32_t number = *(const uint32_t *)key;
	const struct snap_vpc *v = item;

	return number < v->number ? -1 : number > v->number;
}

/* The VPC with @number, or NULL. */
const struct snap_vpc *snapshot_find_vpc(const struct snapshot *s, uint32_t number)
{
	if (!s->vpc_count)
		return NULL;
	return bsearch(&number, s->vpcs, s->vpc_count, sizeof(*s->vpcs), cmp_vpc_number);
}

/* Order of bindings: family, then address bytes, then port. For qsort() and bsearch(). */
int snap_binding_cmp(const void *a, const void *b)
{
	const struct sock_addr *x = &((const struct snap_binding *)a)->addr;
	const struct sock_addr *y = &((const struct snap_binding *)b)->addr;
	int order;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	order = memcmp(&x->v6, &y->v6, x->family == AF_INET ? sizeof(x->v4) : sizeof(x->v6));
	if (order)
		return order;
	return x->port < y->port ? -1 : x->port > y->port;
}

/* What a client of @v that connected to @addr wants, or NULL. */
const struct snap_binding *snap_vpc_find_binding(const struct snap_vpc *v,
						 const struct sock_addr *addr)
{
	struct snap_binding key = { .addr = *addr };

	if (!v->binding_count)
		return NULL;
	return bsearch(&key, v->bindings, v->binding_count, sizeof(key), snap_binding_cmp);
}
