// SPDX-License-Identifier: GPL-2.0-only
/* Which clients may connect. Asked once a connection, on its SYN; rules only admit. */

#include "filter.h"

#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <net/ipv6.h>

/* An empty filter with room for @room rules, or NULL. May sleep; freed with kvfree(). */
struct lattice_filter *lattice_filter_alloc(u32 room)
{
	struct lattice_filter *filter;

	filter = kvzalloc(struct_size(filter, rules, room), GFP_KERNEL_ACCOUNT);
	if (filter)
		filter->room = room;
	return filter;
}

/* Add @rule, for which there is room. */
void lattice_filter_add(struct lattice_filter *filter, const struct lattice_rule *rule)
{
	if (WARN_ON_ONCE(filter->count == filter->room))
		return;
	filter->rules[filter->count++] = *rule;
}

/* Does a rule admit a client at @saddr to @dport? ::/0 is about IPv6 alone, as 0.0.0.0/0 is not. */
bool lattice_filter_admits(const struct lattice_filter *filter, const struct in6_addr *saddr,
			   __be16 dport)
{
	bool is_ipv4 = ipv6_addr_v4mapped(saddr);
	u16 port = be16_to_cpu(dport);
	u32 i;

	for (i = 0; i < filter->count; i++) {
		const struct lattice_rule *rule = &filter->rules[i];

		if (port >= rule->port_min && port <= rule->port_max &&
		    ipv6_addr_v4mapped(&rule->addr) == is_ipv4 &&
		    ipv6_prefix_equal(saddr, &rule->addr, rule->len))
			return true;
	}
	return false;
}
