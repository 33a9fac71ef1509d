/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module share: the state of one namespace, and its limits. */
#ifndef _LATTICE_H
#define _LATTICE_H

#include <linux/in6.h>
#include <linux/lattice.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/percpu.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#define LATTICE_VERSION "0.2.0"

struct net;
struct lattice_sockets;
struct lattice_table;

/* One for each family. */
#define LATTICE_HOOKS 2

struct lattice_counters {
	u64 at[__LATTICE_COUNTER_MAX];
};

/* Who asked for what. IPv4 addresses are IPv4-mapped; addresses and ports in network order. */
struct lattice_flow {
	struct in6_addr saddr, daddr;
	__be16 sport, dport;
	u8 proto;
};

/* Events that the worker takes from the queue, and sends, at once. */
#define LATTICE_AUDIT_BATCH 64

struct lattice_audit {
	/* set once */
	unsigned int room; /* a power of two */

	/* the worker's */
	struct delayed_work work;
	struct ratelimit_state ratelimit;
	struct lattice_record *batch;

	spinlock_t lock;
	/* lock */
	struct lattice_record *queue;
	unsigned int head, count;
	u64 lost;
};

/* A table on its way in. */
struct lattice_pending {
	struct lattice_table *table;
	u32 count, rule_count; /* as announced */
	u32 portid;
};

struct lattice_net {
	/* set once */
	struct net *net;

	/* what each packet reads; pools are set before the hooks are registered */
	__be32 pool4, pool4_mask;
	struct in6_addr pool6;
	u8 pool4_len, pool6_len;
	unsigned long cookies_at; /* jiffies of the last SYN cookie, 0 for none of late */

	/* RCU, written under update_lock */
	struct lattice_table __rcu *table;
	struct lattice_sockets __rcu *sockets;

	struct lattice_counters __percpu *counters;
	struct lattice_audit audit;

	/* update_lock */
	struct mutex update_lock;
	bool registered; /* also read without it */
	bool flow_ends;
	u32 sockets_portid;
	struct lattice_pending pending;
	struct xarray services; /* of the table and the pending one, by number */
	struct nf_hook_ops hooks[LATTICE_HOOKS];
};

struct lattice_net *lattice_net(const struct net *net);

/* Register and unregister the namespace: table, counters, hooks. Under update_lock. */
int lattice_net_register(struct lattice_net *ln);
void lattice_net_unregister(struct lattice_net *ln);

/* Drop the unfinished transaction, if there is one. Under update_lock. */
void lattice_pending_drop(struct lattice_net *ln);

static inline void lattice_count(struct lattice_net *ln, enum lattice_counter c)
{
	this_cpu_inc(ln->counters->at[c]);
}

#endif
