// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table: open addressing with linear probing, at most half full, so that a look-up costs one or
 * two cache lines at any size. The seed makes collisions unpredictable to whoever picks addresses.
 */

#include "table.h"

#include "filter.h"
#include "service.h"

#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/ipv6.h>

/* An empty table with room for @count entries, or NULL. May sleep. */
struct lattice_table *lattice_table_alloc(u32 count)
{
	u32 slots = roundup_pow_of_two(max(2 * count, 2U));
	struct lattice_table *table;

	table = kvzalloc(struct_size(table, slots, slots), GFP_KERNEL_ACCOUNT);
	if (!table)
		return NULL;
	table->mask = slots - 1;
	table->seed = get_random_u32();
	return table;
}

/* No entry uses its service any more. */
static void put_services(struct lattice_net *ln, struct lattice_table *table)
{
	u32 i;

	for (i = 0; i <= table->mask; i++) {
		if (table->slots[i].port)
			lattice_service_put(ln, table->slots[i].service);
	}
}

/* Free a table that was never published; NULL is fine. Under update_lock. */
void lattice_table_free(struct lattice_net *ln, struct lattice_table *table)
{
	if (!table)
		return;
	put_services(ln, table);
	kvfree(table->filter);
	kvfree(table);
}

static u32 first_slot(const struct lattice_table *table, const struct in6_addr *addr, __be16 port)
{
	const __be32 *a = addr->s6_addr32;

	return jhash_3words((__force u32)(a[0] ^ a[1]) ^ (__force u32)port, (__force u32)a[2],
			    (__force u32)a[3], table->seed) &
	       table->mask;
}

static bool is_at(const struct lattice_entry *slot, const struct in6_addr *addr, __be16 port)
{
	return slot->port == port && ipv6_addr_equal(&slot->addr, addr);
}

/*
 * Add @entry, whose port is not 0; its use of the service moves to the table. -EEXIST when its
 * address and port are there, -E2BIG when full.
 */
int lattice_table_insert(struct lattice_table *table, const struct lattice_entry *entry)
{
	u32 i = first_slot(table, &entry->addr, entry->port);

	if (table->count > table->mask / 2)
		return -E2BIG;
	for (; table->slots[i].port; i = (i + 1) & table->mask) {
		if (is_at(&table->slots[i], &entry->addr, entry->port))
			return -EEXIST;
	}
	table->slots[i] = *entry;
	table->count++;
	return 0;
}

/* The entry of @addr and @port, or NULL. Valid until rcu_read_unlock(). */
const struct lattice_entry *lattice_table_find(const struct lattice_table *table,
					       const struct in6_addr *addr, __be16 port)
{
	u32 i = first_slot(table, addr, port);

	for (; table->slots[i].port; i = (i + 1) & table->mask) {
		if (is_at(&table->slots[i], addr, port))
			return &table->slots[i];
	}
	return NULL;
}

static void free_retired(struct rcu_head *rcu)
{
	struct lattice_table *table = container_of(rcu, struct lattice_table, rcu);

	kvfree(table->filter);
	kvfree(table);
}

/* Make @next (or NULL: none) the table every later packet sees. Ownership moves here. */
void lattice_table_publish(struct lattice_net *ln, struct lattice_table *next)
{
	struct lattice_table *old;

	lockdep_assert_held(&ln->update_lock);

	old = rcu_replace_pointer(ln->table, next, lockdep_is_held(&ln->update_lock));
	if (!old)
		return;
	put_services(ln, old);
	call_rcu(&old->rcu, free_retired);
}
