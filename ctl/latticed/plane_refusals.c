/* SPDX-License-Identifier: Apache-2.0 */
/* A list with an end: the oldest goes when a new one finds no room. */
#include "latticed/plane_refusals.h"

void plane_refusals_init(struct plane_refusals *p)
{
	list_init(&p->all);
	p->count = 0;
}

void plane_refusals_fini(struct plane_refusals *p)
{
	while (!list_empty(&p->all))
		refusal_free(list_entry(p->all.next, struct refusal, link));
	p->count = 0;
}

/* Keep @f, which is the caller's no more. */
void plane_refusals_take(struct plane_refusals *p, struct refusal *f)
{
	list_add(&p->all, &f->link);
	if (++p->count <= PLANE_REFUSALS_MAX)
		return;
	refusal_free(list_entry(p->all.prev, struct refusal, link));
	p->count--;
}

/* The newest request @id that was refused, or NULL; until another is taken. */
const struct refusal *plane_refusals_find(const struct plane_refusals *p, struct str id)
{
	struct list *pos;

	list_each (pos, &p->all) {
		const struct refusal *f = list_entry(pos, struct refusal, link);

		if (str_eq(f->id, id))
			return f;
	}
	return NULL;
}
