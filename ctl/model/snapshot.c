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
	while (s->policy_count)
		policy_put(s->policies[--s->policy_count]);
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

static int cmp_addr(const struct sock_addr *x, const struct sock_addr *y)
{
	int order;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	order = memcmp(&x->v6, &y->v6, x->family == AF_INET ? sizeof(x->v4) : sizeof(x->v6));
	if (order)
		return order;
	return x->port < y->port ? -1 : x->port > y->port;
}

/* Order of bindings: family, address bytes, port, then by service. For qsort(). */
int snap_binding_cmp(const void *a, const void *b)
{
	const struct snap_binding *x = a, *y = b;
	int order = cmp_addr(&x->addr, &y->addr);

	if (order)
		return order;
	return x->service->index < y->service->index ? -1 : x->service->index > y->service->index;
}

/* Is @host, without a port, a name of @s? Case does not matter, nor does DNS's last dot. */
bool snap_service_has_name(const struct snap_service *s, struct str host)
{
	if (str_ends(host, STR(".")))
		host.n--;
	return host.n && (str_eq_nocase(host, s->dns_name) || str_eq_nocase(host, s->domain));
}

/* The first binding of @v that is not before @addr. */
static const struct snap_binding *lower_bound(const struct snap_vpc *v,
					      const struct sock_addr *addr)
{
	size_t low = 0, high = v->binding_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cmp_addr(&v->bindings[middle].addr, addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return v->bindings + low;
}

/*
 * What a client of @v that connected to @addr wants, or NULL. A service that is alone at its
 * address has it whatever @host the client names; others must be named.
 */
const struct snap_binding *snap_vpc_find_binding(const struct snap_vpc *v,
						 const struct sock_addr *addr, struct str host)
{
	const struct snap_binding *end = v->bindings + v->binding_count;
	const struct snap_binding *first = lower_bound(v, addr), *b;

	if (first == end || cmp_addr(&first->addr, addr))
		return NULL;
	if (first + 1 == end || cmp_addr(&first[1].addr, addr))
		return first;
	for (b = first; b < end && cmp_addr(&b->addr, addr) == 0; b++)
		if (snap_service_has_name(b->service, host))
			return b;
	return NULL;
}

static int cmp_str(struct str a, struct str b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* Order of names; of services with the same one, of their ids: the first of them is found. */
int snap_name_cmp(const void *a, const void *b)
{
	const struct snap_name *x = a, *y = b;
	int order = cmp_str(x->name, y->name);

	return order ? order : cmp_str(x->service->id, y->service->id);
}

/* What @name, in lower case and without a last dot, stands for to the clients of @v, or NULL. */
const struct snap_name *snap_vpc_find_name(const struct snap_vpc *v, struct str name)
{
	size_t low = 0, high = v->name_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cmp_str(v->names[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < v->name_count && str_eq(v->names[low].name, name) ? &v->names[low] : NULL;
}
