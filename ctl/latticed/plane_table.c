/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry is an address and port with the first service there: several that share an address are
 * one entry.
 */
#include "latticed/plane_table.h"

#include "model/binding.h"

#include <errno.h>
#include <stdlib.h>

static int add(struct plane_table *t, const struct sock_addr *addr, uint32_t service)
{
	if (t->count == t->room) {
		size_t room = t->room ? 2 * t->room : 64;
		struct link_binding *at = realloc(t->at, room * sizeof(*at));

		if (!at)
			return -ENOMEM;
		t->at = at;
		t->room = room;
	}
	t->at[t->count++] = (struct link_binding){ *addr, service };
	return 0;
}

/* The first service of @network at @addr, or that there is none. */
static uint32_t owner_of(const struct snapshot *s, uint32_t network, const struct sock_addr *addr)
{
	struct binding b = { 0 };

	if (!binding_next(s, snapshot_find_network(s, network), addr, &b))
		return LINK_SERVICE_NONE;
	return b.service->index;
}

static int add_service(struct plane_table *t, const struct snapshot *s, uint32_t network,
		       const struct snap_service *service)
{
	size_t i, k;
	int err = 0;

	for (i = 0; i < service->listener_count; i++) {
		struct sock_addr both[] = { service->addr4, service->addr6 };

		for (k = 0; !err && k < 2; k++) {
			both[k].port = service->listeners[i].port;
			if (owner_of(s, network, &both[k]) == service->index)
				err = add(t, &both[k], service->index);
		}
	}
	return err;
}

/* Add all entries of @network to @t. 0 or -ENOMEM. */
int plane_table_all(struct plane_table *t, const struct snapshot *s, uint32_t network)
{
	const struct snap_network *n = snapshot_find_network(s, network);
	size_t i;
	int err = 0;

	for (i = 0; n && !err && i < n->word_count * 64; i++) {
		const struct snap_service *service =
			snap_network_has(n, (uint32_t)i) ? shelf_at(&s->services, i) : NULL;

		if (service)
			err = add_service(t, s, network, service);
	}
	return err;
}

struct change {
	const struct snapshot *old, *next;
	uint32_t network;
};

/* Add what differs at the addresses and ports of @service, which may be NULL. */
static int add_changes(struct plane_table *t, const struct change *c,
		       const struct snap_service *service)
{
	size_t i, k;
	int err = 0;

	for (i = 0; service && i < service->listener_count; i++) {
		struct sock_addr both[] = { service->addr4, service->addr6 };

		for (k = 0; !err && k < 2; k++) {
			uint32_t before, now;

			both[k].port = service->listeners[i].port;
			before = owner_of(c->old, c->network, &both[k]);
			now = owner_of(c->next, c->network, &both[k]);
			if (before != now)
				err = add(t, &both[k], now);
		}
	}
	return err;
}

static int add_both(struct plane_table *t, const struct change *c, size_t number)
{
	int err = add_changes(t, c, shelf_at(&c->old->services, number));

	return err ? err : add_changes(t, c, shelf_at(&c->next->services, number));
}

static uint64_t word_at(const struct snap_network *n, size_t i)
{
	return n && i < n->word_count ? n->members[i] : 0;
}

/*
 * Add to @t what differs between @old and @next for VPCs that are in @network before and after;
 * an entry may be there twice, and one that is gone has LINK_SERVICE_NONE. 0 or -ENOMEM.
 */
int plane_table_changes(struct plane_table *t, const struct snapshot *old,
			const struct snapshot *next, uint32_t network)
{
	const struct change c = { old, next, network };
	const struct snap_network *was = snapshot_find_network(old, network);
	const struct snap_network *is = snapshot_find_network(next, network);
	size_t i, words = is ? is->word_count : 0;
	int err = 0;

	for (i = 0; !err && shelf_differ(&old->services, &next->services, &i); i++)
		if (snap_network_has(was, (uint32_t)i) || snap_network_has(is, (uint32_t)i))
			err = add_both(t, &c, i);
	if (was == is)
		return err;
	if (was && was->word_count > words)
		words = was->word_count;
	for (i = 0; !err && i < words; i++) {
		uint64_t bits = word_at(was, i) ^ word_at(is, i);

		for (; bits && !err; bits &= bits - 1)
			err = add_both(t, &c, i * 64 + (size_t)__builtin_ctzll(bits));
	}
	return err;
}
