/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module share: the state of one namespace, and its limits. */
#ifndef _LATTICE_H
#define _LATTICE_H

#include <linux/lattice.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/percpu.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#define LATTICE_VERSION "0.1.0"

struct net;
struct lattice_sockets;
struct lattice_table;

/* Audit events of one namespace that wait for their worker; more are counted as lost. */
#define LATTICE_AUDIT_QUEUE 256

/* Longest run of hooks: one for each family, today IPv4 alone. */
#define LATTICE_HOOKS 1

struct lattice_counters {
	u64 at[__LATTICE_COUNTER_MAX];
};

/* Who asked for what; addresses and ports in network order. */
struct lattice_flow {
	__be32 saddr, daddr;
	__be16 sport, dport;
	u8 proto;
};

struct lattice_event {
	struct lattice_flow flow;
	u64 time_ns;
	u32 service;
	u8 verdict;
};

struct lattice_audit {
	struct work_struct work;
	struct ratelimit_state ratelimit;
	spinlock_t lock;
	/* lock */
	struct lattice_event *queue;
	unsigned int head, count;
	u64 lost;
};

/* A table on its way in. */
struct lattice_pending {
	struct lattice_table *table;
	u64 generation;
	u32 count; /* as announced */
	u32 portid;
};

struct lattice_net {
	/* set once */
	struct net *net;

	/* update_lock; what hooks read of it is set before they are registered */
	struct mutex update_lock;
	bool registered;
	__be32 pool4, pool4_mask;
	u8 pool4_len;
	u32 sockets_portid;
	struct lattice_pending pending;
	struct nf_hook_ops hooks[LATTICE_HOOKS];

	/* RCU, written under update_lock */
	struct lattice_table __rcu *table;
	struct lattice_sockets __rcu *sockets;

	struct lattice_counters __percpu *counters;
	struct lattice_audit audit;
};

struct lattice_net *lattice_net(const struct net *net);

/* Register and unregister the namespace: table, counters, hooks. Under update_lock. */
int lattice_net_register(struct lattice_net *ln);
void lattice_net_unregister(struct lattice_net *ln);

static inline void lattice_count(struct lattice_net *ln, enum lattice_counter c)
{
	this_cpu_inc(ln->counters->at[c]);
}

#endif
