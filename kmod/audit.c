// SPDX-License-Identifier: GPL-2.0-only
/*
 * Audit. The packet path only puts an event into a bounded ring of its namespace; a work item takes
 * it from there, builds the message and prints the line.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "audit.h"

#include "netlink_event.h"
#include "service.h"

#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

/* Events wait this long for others, so that a busy namespace pays for a message a batch. */
#define BATCH_MS 10

static unsigned int audit_queue = 1024;
module_param(audit_queue, uint, 0444);
MODULE_PARM_DESC(audit_queue, "audit events of one namespace that may wait, 16 to 65536 (1024)");

static unsigned int refusal_lines = 10;
module_param(refusal_lines, uint, 0444);
MODULE_PARM_DESC(refusal_lines, "refusals printed of one namespace in five seconds (10)");

static const char *const reasons[] = {
	[LATTICE_COUNTER_STEERED] = "steered",
	[LATTICE_COUNTER_NO_SOCKET] = "nobody serves this namespace",
	[LATTICE_COUNTER_FILTERED] = "no security group rule admits it",
	[LATTICE_COUNTER_NO_SERVICE] = "no such service here",
	[LATTICE_COUNTER_NOT_TCP] = "not TCP",
	[LATTICE_COUNTER_MALFORMED] = "malformed",
};

/* Take up to @room events into @ret. Returns how many, and in *@lost those lost so far. */
static unsigned int take(struct lattice_audit *a, struct lattice_record *ret, unsigned int room,
			 u64 *lost)
{
	unsigned int n = 0;

	spin_lock_bh(&a->lock);
	for (; n < room && a->count; n++) {
		ret[n] = a->queue[a->head];
		a->head = (a->head + 1) & (a->room - 1);
		a->count--;
	}
	*lost = a->lost;
	spin_unlock_bh(&a->lock);
	return n;
}

/* Space for an address, brackets and port included. */
#define END_TEXT_BYTES 64

static const char *write_end(char *text, const __be32 addr[4], __be16 port)
{
	if (!addr[0] && !addr[1] && addr[2] == htonl(0xffff))
		snprintf(text, END_TEXT_BYTES, "%pI4:%u", &addr[3], ntohs(port));
	else
		snprintf(text, END_TEXT_BYTES, "[%pI6c]:%u", addr, ntohs(port));
	return text;
}

static void print_refusal(struct lattice_net *ln, const struct lattice_record *r)
{
	char from[END_TEXT_BYTES], to[END_TEXT_BYTES];

	if (r->kind != LATTICE_RECORD_REFUSED || !__ratelimit(&ln->audit.ratelimit))
		return;
	pr_info("net:[%u] refused %s > %s proto %u: %s\n", ln->net->ns.inum,
		write_end(from, r->saddr, r->sport), write_end(to, r->daddr, r->dport), r->proto,
		reasons[r->verdict]);
}

static void audit_work(struct work_struct *work)
{
	struct lattice_audit *a = container_of(to_delayed_work(work), struct lattice_audit, work);
	struct lattice_net *ln = container_of(a, struct lattice_net, audit);
	unsigned int i, n;
	u64 lost;

	while ((n = take(a, a->batch, LATTICE_AUDIT_BATCH, &lost))) {
		lattice_netlink_records(ln, a->batch, n, lost);
		for (i = 0; i < n; i++)
			print_refusal(ln, &a->batch[i]);
		cond_resched();
	}
}

/* Prepare the queue of a namespace. 0 or -ENOMEM. */
int lattice_audit_init(struct lattice_net *ln)
{
	struct lattice_audit *a = &ln->audit;

	a->room = roundup_pow_of_two(clamp(audit_queue, 16U, 65536U));
	a->queue = kvcalloc(a->room + LATTICE_AUDIT_BATCH, sizeof(*a->queue), GFP_KERNEL_ACCOUNT);
	if (!a->queue)
		return -ENOMEM;
	a->batch = a->queue + a->room;
	spin_lock_init(&a->lock);
	INIT_DELAYED_WORK(&a->work, audit_work);
	ratelimit_state_init(&a->ratelimit, DEFAULT_RATELIMIT_INTERVAL,
			     (int)min(refusal_lines, 10000U));
	a->head = 0;
	a->count = 0;
	a->lost = 0;
	return 0;
}

/* No hook may run any more: wait for the worker and free the queue. */
void lattice_audit_fini(struct lattice_net *ln)
{
	cancel_delayed_work_sync(&ln->audit.work);
	kvfree(ln->audit.queue);
	ln->audit.queue = NULL;
}

/*
 * Queue @record, or count it as lost. The worker has it soon, at once when many wait; it runs until
 * the queue is empty, so that only the first record need call it.
 */
static void put_record(struct lattice_audit *a, const struct lattice_record *record)
{
	unsigned int before;

	spin_lock_bh(&a->lock);
	before = a->count;
	if (before == a->room)
		a->lost++;
	else
		a->queue[(a->head + a->count++) & (a->room - 1)] = *record;
	spin_unlock_bh(&a->lock);
	if (before == 0)
		queue_delayed_work(system_wq, &a->work, msecs_to_jiffies(BATCH_MS));
	else if (before == a->room / 2)
		mod_delayed_work(system_wq, &a->work, 0);
}

/* A record of @flow to @service, which may be NULL, at this time. */
static struct lattice_record make_record(const struct lattice_flow *flow,
					 const struct lattice_service *service)
{
	struct lattice_record r = {
		.proto = flow->proto,
		.sport = flow->sport,
		.dport = flow->dport,
		.service = service ? service->number : 0,
		.flags = service ? LATTICE_RECORD_SERVICE : 0,
		.time_ns = ktime_get_real_ns(),
	};

	memcpy(r.saddr, &flow->saddr, sizeof(r.saddr));
	memcpy(r.daddr, &flow->daddr, sizeof(r.daddr));
	return r;
}

/*
 * Note what became of @flow to @service, which may be NULL. Steered connections are told only to
 * those who listen. On the packet path: a lock for some dozen instructions.
 */
void lattice_audit_verdict(struct lattice_net *ln, enum lattice_counter verdict,
			   const struct lattice_flow *flow, const struct lattice_service *service)
{
	bool is_start = verdict == LATTICE_COUNTER_STEERED;
	struct lattice_record r;

	if (is_start && !lattice_netlink_has_listeners(ln->net))
		return;
	r = make_record(flow, service);
	r.kind = is_start ? LATTICE_RECORD_START : LATTICE_RECORD_REFUSED;
	r.verdict = verdict;
	put_record(&ln->audit, &r);
}

/* Note the end of the connection @flow to @service, which may be NULL. */
void lattice_audit_end(struct lattice_net *ln, const struct lattice_flow *flow,
		       const struct lattice_service *service, const struct lattice_account *account)
{
	struct lattice_record r = make_record(flow, service);

	r.kind = LATTICE_RECORD_END;
	r.verdict = LATTICE_COUNTER_STEERED;
	if (r.time_ns > account->start_ns)
		r.duration_ns = r.time_ns - account->start_ns;
	r.bytes_in = account->bytes_in;
	r.bytes_out = account->bytes_out;
	put_record(&ln->audit, &r);
}
