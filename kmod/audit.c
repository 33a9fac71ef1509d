// SPDX-License-Identifier: GPL-2.0-only
/*
 * Audit. The packet path only puts an event into a bounded ring of its namespace; a work item takes
 * it from there, builds the message and prints the line.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "audit.h"

#include "netlink.h"

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

static const char *const reasons[] = {
	[LATTICE_COUNTER_STEERED] = "steered",
	[LATTICE_COUNTER_NO_SERVICE] = "no such service here",
	[LATTICE_COUNTER_NO_SOCKET] = "nobody serves this namespace",
	[LATTICE_COUNTER_NOT_TCP] = "not TCP",
	[LATTICE_COUNTER_MALFORMED] = "malformed",
};

static bool take(struct lattice_audit *a, struct lattice_event *ret, u64 *lost)
{
	bool any;

	spin_lock_bh(&a->lock);
	any = a->count > 0;
	if (any) {
		*ret = a->queue[a->head];
		a->head = (a->head + 1) % LATTICE_AUDIT_QUEUE;
		a->count--;
	}
	*lost = a->lost;
	spin_unlock_bh(&a->lock);
	return any;
}

static void print_refusal(struct lattice_net *ln, const struct lattice_event *e)
{
	if (e->verdict == LATTICE_COUNTER_STEERED || !__ratelimit(&ln->audit.ratelimit))
		return;
	pr_info("net:[%u] refused %pI4:%u > %pI4:%u proto %u: %s\n", ln->net->ns.inum,
		&e->flow.saddr, ntohs(e->flow.sport), &e->flow.daddr, ntohs(e->flow.dport),
		e->flow.proto, reasons[e->verdict]);
}

static void audit_work(struct work_struct *work)
{
	struct lattice_net *ln = container_of(work, struct lattice_net, audit.work);
	struct lattice_event e;
	u64 lost;

	while (take(&ln->audit, &e, &lost)) {
		lattice_netlink_event(ln, &e, lost);
		print_refusal(ln, &e);
		cond_resched();
	}
}

/* Prepare the queue of a namespace. 0 or -ENOMEM. */
int lattice_audit_init(struct lattice_net *ln)
{
	struct lattice_audit *a = &ln->audit;

	a->queue = kvcalloc(LATTICE_AUDIT_QUEUE, sizeof(*a->queue), GFP_KERNEL_ACCOUNT);
	if (!a->queue)
		return -ENOMEM;
	spin_lock_init(&a->lock);
	INIT_WORK(&a->work, audit_work);
	ratelimit_state_init(&a->ratelimit, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);
	a->head = 0;
	a->count = 0;
	a->lost = 0;
	return 0;
}

/* No hook may run any more: wait for the worker and free the queue. */
void lattice_audit_fini(struct lattice_net *ln)
{
	cancel_work_sync(&ln->audit.work);
	kvfree(ln->audit.queue);
	ln->audit.queue = NULL;
}

/* Note what became of @flow. On the packet path: takes a lock for some dozen instructions. */
void lattice_audit_note(struct lattice_net *ln, enum lattice_counter verdict,
			const struct lattice_flow *flow, u32 service)
{
	struct lattice_audit *a = &ln->audit;
	struct lattice_event *e;

	/* Steered connections are told only to those who listen. */
	if (verdict == LATTICE_COUNTER_STEERED && !lattice_netlink_has_listeners(ln->net))
		return;
	spin_lock_bh(&a->lock);
	if (a->count == LATTICE_AUDIT_QUEUE) {
		a->lost++;
		spin_unlock_bh(&a->lock);
		return;
	}
	e = &a->queue[(a->head + a->count++) % LATTICE_AUDIT_QUEUE];
	e->flow = *flow;
	e->time_ns = ktime_get_real_ns();
	e->service = service;
	e->verdict = verdict;
	spin_unlock_bh(&a->lock);
	schedule_work(&a->work);
}
