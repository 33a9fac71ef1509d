/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intrusive doubly linked lists: a link lives inside the object it chains. list_init() makes a
 * head or a link point at itself, so an unlinked object can be removed again without harm.
 */
#ifndef LATTICE_BASE_LIST_H
#define LATTICE_BASE_LIST_H

#include "base/array.h"

#include <stdbool.h>

struct list {
	struct list *prev, *next;
};

static inline void list_init(struct list *l)
{
	l->prev = l;
	l->next = l;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* Put @link, which is in no list, at the end of @head. */
static inline void list_add_tail(struct list *head, struct list *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

/* Put @link, which is in no list, at the front of @head. */
static inline void list_add(struct list *head, struct list *link)
{
	list_add_tail(head->next, link);
}

/* Take @link out of whatever list holds it; it points at itself afterwards. */
static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

/* Move everything in @from to the end of @to. */
static inline void list_splice_tail(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

#define list_entry(link, type, member) container_of(link, type, member)

#define list_each(pos, head) for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)

/* As list_each, and @pos may be removed in the body. */
#define list_each_safe(pos, after, head)                                   \
	for ((pos) = (head)->next, (after) = (pos)->next; (pos) != (head); \
	     (pos) = (after), (after) = (pos)->next)

#endif
