// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table: open addressing with linear probing, at most half full, so that a look-up costs one or
 * two cache lines at any size. The seed makes collisions unpredictable to whoever picks addresses.
 */

#include "table.h"

#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>

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

/* Free a table that was never published; NULL is fine. */
void lattice_table_free(struct lattice_table *table)
{
	kvfree(table);
}

static u32 first_slot(const struct lattice_table *table, __be32 addr, __be16 port)
{
	return jhash_2words((__force u32)addr, (__force u32)port, table->seed) & table->mask;
}

/* Add @entry, whose port is not 0. -EEXIST when its address and port are there, -E2BIG when full.
 */
int lattice_table_insert(struct lattice_table *table, const struct lattice_entry *entry)
{
	u32 i = first_slot(table, entry->addr, entry->port);

	if (table->count > table->mask / 2)
		return -E2BIG;
	for (; table->slots[i].port; i = (i + 1) & table->mask) {
		if (table->slots[i].addr == entry->addr && table->slots[i].port == entry->port)
			return -EEXIST;
	}
	table->slots[i] = *entry;
	table->count++;
	return 0;
}

/* The entry of @addr:@port, or NULL. Valid until rcu_read_unlock(). */
const struct lattice_entry *lattice_table_find(const struct lattice_table *table, __be32 addr,
					       __be16 port)
{
	u32 i = first_slot(table, addr, port);

	for (; table->slots[i].port; i = (i + 1) & table->mask) {
		if (table->slots[i].addr == addr && table->slots[i].port == port)
			return &table->slots[i];
	}
	return NULL;
}

/* Make @next (or NULL: none) the table every later packet sees. Ownership moves here. */
void lattice_table_publish(struct lattice_net *ln, struct lattice_table *next)
{
	struct lattice_table *old;

	lockdep_assert_held(&ln->update_lock);

	old = rcu_replace_pointer(ln->table, next, lockdep_is_held(&ln->update_lock));
	if (old)
		kvfree_rcu(old, rcu);
}
