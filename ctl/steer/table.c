/* SPDX-License-Identifier: Apache-2.0 */
/* A steering table that arrives in pieces. */
#include "steer/table.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Start over in @t with what @m announces. 0, -E2BIG or -ENOMEM; on failure @t is empty. */
int table_begin(struct table *t, const struct link_msg *m)
{
	table_fini(t);
	if (m->count > LATTICE_BINDINGS_MAX || m->rule_count > LATTICE_FILTER_RULES_MAX)
		return -E2BIG;
	if (m->count)
		t->bindings = calloc(m->count, sizeof(*t->bindings));
	if (m->rule_count)
		t->rules = calloc(m->rule_count, sizeof(*t->rules));
	if ((m->count && !t->bindings) || (m->rule_count && !t->rules)) {
		table_fini(t);
		return -ENOMEM;
	}
	t->generation = m->generation;
	t->base = m->base;
	t->count = m->count;
	t->has_filter = m->has_filter;
	t->rule_count = m->rule_count;
	t->is_open = true;
	return 0;
}

/*
 * Copy @count more. 0, or -EPROTO for more than was announced, before table_begin(), or to take
 * away what a whole table cannot hold.
 */
int table_add(struct table *t, const struct link_binding *bindings, uint32_t count)
{
	uint32_t i;

	if (!t->is_open || count > t->count - t->filled)
		return -EPROTO;
	for (i = 0; i < count && !t->base; i++)
		if (bindings[i].service == LINK_SERVICE_NONE)
			return -EPROTO;
	if (count)
		memcpy(t->bindings + t->filled, bindings, count * sizeof(*bindings));
	t->filled += count;
	return 0;
}

/* Copy @count rules more, behind those before. 0 or -EPROTO as table_add(). */
int table_add_rules(struct table *t, const struct ingress *rules, uint32_t count)
{
	if (!t->is_open || count > t->rule_count - t->rules_filled)
		return -EPROTO;
	if (count)
		memcpy(t->rules + t->rules_filled, rules, count * sizeof(*rules));
	t->rules_filled += count;
	return 0;
}

/* Has all of @generation arrived? */
bool table_is_whole(const struct table *t, uint64_t generation)
{
	return t->is_open && t->generation == generation && t->filled == t->count &&
	       t->rules_filled == t->rule_count;
}

static int cmp_binding(const void *a, const void *b)
{
	const struct sock_addr *x = &((const struct link_binding *)a)->addr;
	const struct sock_addr *y = &((const struct link_binding *)b)->addr;
	int order;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	order = memcmp(&x->v6, &y->v6, x->family == AF_INET ? sizeof(x->v4) : sizeof(x->v6));
	return order ? order : x->port - y->port;
}

/* Put the bindings of @t in order; of those with one address and port the first stays. */
void table_sort(struct table *t)
{
	uint32_t i, n = 0;

	if (!t->count)
		return;
	qsort(t->bindings, t->count, sizeof(*t->bindings), cmp_binding);
	for (i = 1; i < t->count; i++)
		if (cmp_binding(&t->bindings[n], &t->bindings[i]))
			t->bindings[++n] = t->bindings[i];
	t->count = n + 1;
	t->filled = t->count;
}

static int copy_rules(struct table *to, const struct table *from)
{
	to->has_filter = from->has_filter;
	if (!from->rule_count)
		return 0;
	to->rules = calloc(from->rule_count, sizeof(*to->rules));
	if (!to->rules)
		return -ENOMEM;
	memcpy(to->rules, from->rules, from->rule_count * sizeof(*to->rules));
	to->rule_count = from->rule_count;
	to->rules_filled = from->rule_count;
	return 0;
}

/*
 * What @change, in order, makes of @old, into the empty @ret. What takes away nothing leaves
 * @change. 0, -ESTALE when it is for another table than @old, -E2BIG or -ENOMEM; then @ret is
 * empty.
 */
int table_change(struct table *change, const struct table *old, struct table *ret)
{
	uint32_t i = 0, k, kept = 0;
	int err;

	if (change->base != old->generation)
		return -ESTALE;
	err = copy_rules(ret, old);
	ret->bindings = calloc(old->count + change->count + 1, sizeof(*ret->bindings));
	if (err || !ret->bindings) {
		table_fini(ret);
		return -ENOMEM;
	}
	ret->generation = change->generation;
	for (k = 0; k < change->count; k++) {
		const struct link_binding c = change->bindings[k];
		bool is_there;

		while (i < old->count && cmp_binding(&old->bindings[i], &c) < 0)
			ret->bindings[ret->count++] = old->bindings[i++];
		is_there = i < old->count && cmp_binding(&old->bindings[i], &c) == 0;
		i += is_there;
		if (c.service != LINK_SERVICE_NONE)
			ret->bindings[ret->count++] = c;
		if (is_there || c.service != LINK_SERVICE_NONE)
			change->bindings[kept++] = c;
	}
	while (i < old->count)
		ret->bindings[ret->count++] = old->bindings[i++];
	change->count = kept;
	ret->filled = ret->count;
	if (ret->count <= LATTICE_BINDINGS_MAX)
		return 0;
	table_fini(ret);
	return -E2BIG;
}

/* @from becomes @to, whose old content goes, and is then empty. */
void table_move(struct table *to, struct table *from)
{
	table_fini(to);
	*to = *from;
	*from = (struct table){ 0 };
}

void table_fini(struct table *t)
{
	free(t->bindings);
	free(t->rules);
	*t = (struct table){ 0 };
}
