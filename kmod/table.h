/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of a namespace: (address, port) to service, and who may connect. Filled once, then
 * published and never changed: lattice_table_alloc(), lattice_table_insert(),
 * lattice_table_publish().
 */
#ifndef _LATTICE_TABLE_H
#define _LATTICE_TABLE_H

#include "lattice.h"

struct lattice_filter;
struct lattice_service;

struct lattice_entry {
	struct in6_addr addr; /* IPv4 is IPv4-mapped */
	__be16 port;	      /* 0: the slot is empty */
	struct lattice_service *service;
};

struct lattice_table {
	struct rcu_head rcu;
	u64 generation;
	struct lattice_filter *filter; /* NULL: everyone may connect */
	u32 seed;
	u32 count, mask;
	struct lattice_entry slots[];
};

struct lattice_table *lattice_table_alloc(u32 count);
void lattice_table_free(struct lattice_net *ln, struct lattice_table *table);
int lattice_table_insert(struct lattice_table *table, const struct lattice_entry *entry);
const struct lattice_entry *lattice_table_find(const struct lattice_table *table,
					       const struct in6_addr *addr, __be16 port);
void lattice_table_publish(struct lattice_net *ln, struct lattice_table *next);

#endif
