/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The security groups of a namespace's association: rules that admit clients. A namespace without a
 * filter admits everyone, one whose filter is empty nobody.
 */
#ifndef _LATTICE_FILTER_H
#define _LATTICE_FILTER_H

#include <linux/in6.h>
#include <linux/types.h>

struct lattice_rule {
	struct in6_addr addr; /* IPv4 is IPv4-mapped */
	u8 len;		      /* of the prefix of addr, so 96 to 128 for IPv4 */
	u16 port_min, port_max;
};

struct lattice_filter {
	u32 count, room;
	struct lattice_rule rules[];
};

struct lattice_filter *lattice_filter_alloc(u32 room);
void lattice_filter_add(struct lattice_filter *filter, const struct lattice_rule *rule);
bool lattice_filter_admits(const struct lattice_filter *filter, const struct in6_addr *saddr,
			   __be16 dport);

#endif
