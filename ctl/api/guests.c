/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers are small, so whoever takes most is found by counting. */
#include "api/guests.h"

static const unsigned guests_max[GUEST_STANDINGS] = {
	[GUEST_ADMIN] = 64,    [GUEST_STRANGER] = 16, [GUEST_SCRAPER] = 16,
	[GUEST_UNSIGNED] = 32, [GUEST_SIGNER] = 64,
};

void guests_init(struct guests *g)
{
	int i;

	*g = (struct guests){ 0 };
	for (i = 0; i < GUEST_STANDINGS; i++)
		list_init(&g->by_standing[i]);
}

/* No more of @standing have room without another's going? */
bool guests_is_full(const struct guests *g, enum guest_standing standing)
{
	return g->counts[standing] >= guests_max[standing];
}

static unsigned crowd_size(const struct list *all, uint64_t crowd)
{
	const struct list *l;
	unsigned n = 0;

	list_each (l, all)
		n += list_entry(l, struct guest, link)->crowd == crowd;
	return n;
}

/* Who of @all was longest unseen in the largest crowd, @except left out. */
static struct guest *find_victim(const struct list *all, const struct guest *except)
{
	struct guest *victim = NULL;
	unsigned most = 0;
	struct list *l;

	list_each (l, all) {
		struct guest *g = list_entry(l, struct guest, link);
		unsigned n = crowd_size(all, g->crowd);

		if (g != except && n > most) {
			victim = g;
			most = n;
		}
	}
	return victim;
}

/*
 * Count @new, which is not counted, from now on. Returns who must go for it, whose connection the
 * caller ends (and calls guests_leave() for), or NULL.
 */
struct guest *guests_admit(struct guests *g, struct guest *new, enum guest_standing standing,
			   uint64_t crowd)
{
	struct list *all = &g->by_standing[standing];
	struct guest *victim;

	new->standing = standing;
	new->crowd = crowd;
	list_add_tail(all, &new->link);
	victim = guests_is_full(g, standing) ? find_victim(all, new) : NULL;
	g->counts[standing]++;
	return victim;
}

/* @seen has shown who it is. It may have been counted so before. Returns as guests_admit(). */
struct guest *guests_see(struct guests *g, struct guest *seen, enum guest_standing standing,
			 uint64_t crowd)
{
	guests_leave(g, seen);
	return guests_admit(g, seen, standing, crowd);
}

/* Count @gone no longer. */
void guests_leave(struct guests *g, struct guest *gone)
{
	list_remove(&gone->link);
	g->counts[gone->standing]--;
}
