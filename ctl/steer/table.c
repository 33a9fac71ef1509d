/* SPDX-License-Identifier: Apache-2.0 */
/* A steering table that arrives in pieces. */
#include "steer/table.h"

#include <errno.h>
#include <stdlib.h>

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
	t->count = m->count;
	t->has_filter = m->has_filter;
	t->rule_count = m->rule_count;
	t->is_open = true;
	return 0;
}

/* Copy @count more. 0, or -EPROTO for more than was announced or before table_begin(). */
int table_add(struct table *t, const struct link_binding *bindings, uint32_t count)
{
	if (!t->is_open || count > t->count - t->filled)
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
