/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe for each target of each group. It outlives snapshots: what is known of a target stays
 * known, and one that was deregistered drains for a while before it is forgotten.
 *
 * A target is out, gets no new requests, while its checks say so, for a while after a connection
 * to it failed, and while its VPC is gone. When all of a group are out the workers use all of them.
 */
#include "health/prober.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "health/check.h"
#include "health/verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	EJECT_MS = 10 * 1000,	  /* out after a failed connection, unless a check passes */
	DRAIN_MS = 60 * 1000,	  /* AWS's deregistration delay */
	FIRST_CHECK_MS_MAX = 500, /* new targets are looked at spread over this */
	GROUP_ID_BYTES_MAX = 64,
};

struct probe {
	struct list link; /* in prober.by_addr */
	struct prober *prober;
	char group_id[GROUP_ID_BYTES_MAX];
	struct sock_addr addr;
	uint64_t seen; /* the last prober.sync_count that had it */

	/* in the snapshot in force; NULL while it drains */
	struct snap_target *target;
	struct snap_target_group *group;

	struct verdict verdict;
	bool is_checked; /* checks run */
	bool is_ejected;
	struct timer end;  /* of the ejection, or of draining */
	struct timer next; /* check */
	struct check check;
	uint64_t began_ms; /* the check */
	struct list tag_link;
	uint64_t tag;
	struct list drain_link;
};

static struct list *bucket_of(const struct prober *p, const struct sock_addr *a)
{
	struct str bytes = a->family == AF_INET6
				   ? (struct str){ (const char *)&a->v6, sizeof(a->v6) }
				   : (struct str){ (const char *)&a->v4, sizeof(a->v4) };

	return (struct list *)&p->by_addr[hash_mix(hash_str(bytes), a->port) % PROBER_BUCKETS];
}

static struct probe *find_probe(const struct prober *p, struct str group_id,
				const struct sock_addr *a)
{
	struct list *bucket = bucket_of(p, a), *pos;

	list_each (pos, bucket) {
		struct probe *probe = list_entry(pos, struct probe, link);

		if (sock_addr_eq(&probe->addr, a) && str_eq(str_of(probe->group_id), group_id))
			return probe;
	}
	return NULL;
}

static void say(const struct probe *probe, const char *what, const char *why)
{
	char text[SOCK_ADDR_TEXT_MAX];
	struct str addr = sock_addr_write(&probe->addr, text);

	log_info("target " STR_FMT " of %s: %s%s%s", STR_ARG(addr), probe->group_id, what,
		 why ? ": " : "", why ? why : "");
}

/* Write down whether the target takes traffic, for the workers to see. */
static void settle(struct probe *probe)
{
	bool is_out = (probe->is_checked && probe->verdict.health != HEALTH_HEALTHY) ||
		      probe->is_ejected || probe->prober->vpc_is_gone[probe->target->vpc];

	if (atomic_load_explicit(&probe->target->is_out, memory_order_relaxed) == is_out)
		return;
	atomic_store_explicit(&probe->target->is_out, is_out, memory_order_relaxed);
	atomic_fetch_add_explicit(&probe->group->changes, 1, memory_order_release);
}

static void stop_check(struct probe *probe)
{
	timer_disarm(probe->prober->loop, &probe->next);
	check_cancel(&probe->check);
	list_remove(&probe->tag_link);
}

static void begin_check(struct timer *t)
{
	struct probe *probe = container_of(t, struct probe, next);
	struct prober *p = probe->prober;

	probe->began_ms = p->loop->now_ms;
	probe->tag = ++p->last_tag;
	list_add_tail(&p->by_tag[probe->tag % PROBER_TAG_BUCKETS], &probe->tag_link);
	check_start(&probe->check, probe->group->check.timeout_ms);
	p->hooks.need_socket(p->hooks.ctx, probe->target->vpc, probe->addr.family, probe->tag);
}

static void end_ejection(struct probe *probe)
{
	probe->is_ejected = false;
	timer_disarm(probe->prober->loop, &probe->end);
	say(probe, "takes requests again", NULL);
}

static void check_done(struct check *c, unsigned status, const char *why)
{
	struct probe *probe = container_of(c, struct probe, check);
	const struct snap_health_check *check = &probe->group->check;
	bool has_passed = status && status_codes_has(&check->codes, status);
	uint64_t now_ms = probe->prober->loop->now_ms;
	uint64_t pause_ms = check->interval_ms - rand_u64() % (check->interval_ms / 10 + 1);
	uint64_t due_ms = probe->began_ms + pause_ms;

	list_remove(&probe->tag_link);
	timer_arm(probe->prober->loop, &probe->next, due_ms > now_ms ? due_ms - now_ms : 0);
	if (verdict_add(&probe->verdict, check, has_passed)) {
		if (has_passed)
			say(probe, "healthy", NULL);
		else
			say(probe, "unhealthy", status ? "another status than wanted" : why);
	}
	if (has_passed && probe->is_ejected)
		end_ejection(probe);
	settle(probe);
}

static void free_probe(struct probe *probe)
{
	stop_check(probe);
	timer_disarm(probe->prober->loop, &probe->end);
	list_remove(&probe->drain_link);
	list_remove(&probe->link);
	free(probe);
}

static void ended(struct timer *t)
{
	struct probe *probe = container_of(t, struct probe, end);

	if (!probe->target) {
		free_probe(probe);
		return;
	}
	end_ejection(probe);
	settle(probe);
}

static struct probe *new_probe(struct prober *p, struct str group_id, const struct sock_addr *a)
{
	struct probe *probe = calloc(1, sizeof(*probe));

	if (!probe || group_id.n >= sizeof(probe->group_id)) {
		free(probe);
		return NULL;
	}
	probe->prober = p;
	probe->addr = *a;
	memcpy(probe->group_id, group_id.p, group_id.n);
	probe->check.loop = p->loop;
	probe->check.done = check_done;
	probe->next.expired = begin_check;
	probe->end.expired = ended;
	list_init(&probe->tag_link);
	list_init(&probe->drain_link);
	list_add_tail(bucket_of(p, a), &probe->link);
	return probe;
}

/* @probe stands for target @t of @g from now on. */
static void take_target(struct probe *probe, struct snap_target_group *g, struct snap_target *t)
{
	struct prober *p = probe->prober;
	bool wants_checks = g->is_used && g->check.enabled;

	if (!probe->target) {
		probe->is_ejected = false; /* new, or registered again while it drained */
		timer_disarm(p->loop, &probe->end);
		list_remove(&probe->drain_link);
	}
	probe->target = t;
	probe->group = g;
	probe->seen = p->sync_count;
	if (wants_checks != probe->is_checked) {
		stop_check(probe);
		probe->is_checked = wants_checks;
		probe->verdict = (struct verdict){ 0 };
		if (wants_checks)
			timer_arm(p->loop, &probe->next, rand_u64() % FIRST_CHECK_MS_MAX);
	}
	settle(probe);
}

/* The target is in its group no more: let it drain. */
static void lose_target(struct probe *probe)
{
	struct prober *p = probe->prober;

	stop_check(probe);
	probe->is_checked = false;
	probe->target = NULL;
	probe->group = NULL;
	list_add_tail(&p->draining, &probe->drain_link);
	timer_arm(p->loop, &probe->end, DRAIN_MS);
}

void prober_init(struct prober *p, struct loop *l, const struct prober_hooks *hooks)
{
	size_t i;

	memset(p, 0, sizeof(*p));
	p->loop = l;
	p->hooks = *hooks;
	for (i = 0; i < PROBER_BUCKETS; i++)
		list_init(&p->by_addr[i]);
	for (i = 0; i < PROBER_TAG_BUCKETS; i++)
		list_init(&p->by_tag[i]);
	list_init(&p->draining);
}

/* Stop all checks and forget everything. */
void prober_fini(struct prober *p)
{
	size_t i;

	for (i = 0; i < PROBER_BUCKETS; i++) {
		while (!list_empty(&p->by_addr[i]))
			free_probe(list_entry(p->by_addr[i].next, struct probe, link));
	}
	snapshot_put(p->snapshot);
	p->snapshot = NULL;
}

/* Look after all targets of @g. 0 or -ENOMEM. */
static int take_group(struct prober *p, struct snap_target_group *g)
{
	size_t i;
	int err = 0;

	for (i = 0; i < g->target_count; i++) {
		struct probe *probe = find_probe(p, g->id, &g->targets[i].addr);

		if (!probe)
			probe = new_probe(p, g->id, &g->targets[i].addr);
		if (probe)
			take_target(probe, g, &g->targets[i]);
		else
			err = -ENOMEM;
	}
	return err;
}

/* Let those targets of @g drain that its next version has not. */
static void lose_targets(struct prober *p, const struct snap_target_group *g)
{
	size_t i;

	for (i = 0; i < g->target_count; i++) {
		struct probe *probe = find_probe(p, g->id, &g->targets[i].addr);

		if (probe && probe->target && probe->seen != p->sync_count)
			lose_target(probe);
	}
}

/* The group @id is gone: nothing of it is told any more. Its targets drain. */
static void forget_group(struct prober *p, struct str id)
{
	struct list *pos, *after;

	list_each_safe (pos, after, &p->draining) {
		struct probe *probe = list_entry(pos, struct probe, drain_link);

		if (str_eq(str_of(probe->group_id), id))
			free_probe(probe);
	}
}

/*
 * Look after the targets of @next from now on; call it before workers get that. Returns 0 or
 * -ENOMEM, and then some targets are not looked after: they take traffic.
 */
int prober_sync(struct prober *p, struct snapshot *next)
{
	static const struct shelf nothing;
	struct snapshot *old = p->snapshot;
	const struct shelf *before = old ? &old->groups : &nothing;
	size_t at;
	int err = 0;

	p->snapshot = snapshot_get(next);
	p->sync_count++;
	for (at = 0; shelf_differ(before, &next->groups, &at); at++) {
		const struct snap_target_group *was = shelf_at(before, at);
		struct snap_target_group *is = snapshot_find_group(next, (uint32_t)at);

		if (is && take_group(p, is) < 0)
			err = -ENOMEM;
		if (was)
			lose_targets(p, was);
		if (was && (!is || !str_eq(was->id, is->id)))
			forget_group(p, was->id);
	}
	snapshot_put(old);
	return err;
}

/* The socket for @tag, which the prober owns from here; below 0: there is none. */
void prober_take_socket(struct prober *p, uint64_t tag, int fd)
{
	struct list *pos;

	list_each (pos, &p->by_tag[tag % PROBER_TAG_BUCKETS]) {
		struct probe *probe = list_entry(pos, struct probe, tag_link);
		struct sock_addr addr = probe->addr;

		if (probe->tag != tag)
			continue;
		list_remove(&probe->tag_link);
		if (probe->group->check.port)
			addr.port = probe->group->check.port;
		probe->check.is_tls = probe->group->check.is_tls;
		probe->check.is_h2 = probe->group->check.is_h2;
		probe->check.context = p->hooks.tls;
		check_connect(&probe->check, fd, &addr, probe->group->check.path);
		return;
	}
	if (fd >= 0)
		close(fd); /* its check is over */
}

/* A worker could not connect to @addr in @vpc: no more requests there for now. */
void prober_target_failed(struct prober *p, uint32_t vpc, const struct sock_addr *addr)
{
	struct list *bucket = bucket_of(p, addr), *pos;

	list_each (pos, bucket) {
		struct probe *probe = list_entry(pos, struct probe, link);

		if (!probe->target || probe->target->vpc != vpc ||
		    !sock_addr_eq(&probe->addr, addr) || probe->is_ejected)
			continue;
		say(probe, "takes no requests for a while", "a connection to it failed");
		probe->is_ejected = true;
		timer_arm(p->loop, &probe->end, EJECT_MS);
		if (probe->is_checked) {
			stop_check(probe);
			timer_arm(p->loop, &probe->next, 0);
		}
		settle(probe);
	}
}

/* The namespace of @vpc went, or came (back). */
void prober_vpc_changed(struct prober *p, uint32_t vpc, bool is_gone)
{
	struct list *pos;
	size_t i;

	if (vpc >= LATTICE_VPCS_MAX || p->vpc_is_gone[vpc] == is_gone)
		return;
	p->vpc_is_gone[vpc] = is_gone;
	for (i = 0; i < PROBER_BUCKETS; i++) {
		list_each (pos, &p->by_addr[i]) {
			struct probe *probe = list_entry(pos, struct probe, link);

			if (probe->target && probe->target->vpc == vpc)
				settle(probe);
		}
	}
}

/* What to say of target @addr of @group_id; false when it is not known. */
bool prober_find(const struct prober *p, struct str group_id, const struct sock_addr *addr,
		 struct prober_status *ret)
{
	const struct probe *probe = find_probe(p, group_id, addr);

	if (!probe)
		return false;
	*ret = (struct prober_status){ .status = STR("INITIAL") };
	if (!probe->target)
		ret->status = STR("DRAINING");
	else if (!probe->group->is_used)
		ret->status = STR("UNUSED");
	else if (!probe->is_checked)
		ret->status = STR("UNAVAILABLE");
	else if (probe->verdict.health == HEALTH_HEALTHY)
		ret->status = STR("HEALTHY");
	else if (probe->verdict.health == HEALTH_UNHEALTHY)
		*ret = (struct prober_status){ STR("UNHEALTHY"), STR("HealthCheckFailed") };
	return true;
}

/* The @nth target of @group_id that drains; false when there are not so many. */
bool prober_find_draining(const struct prober *p, struct str group_id, size_t nth,
			  struct sock_addr *ret)
{
	const struct list *pos;

	list_each (pos, &p->draining) {
		const struct probe *probe = list_entry(pos, struct probe, drain_link);

		if (!str_eq(str_of(probe->group_id), group_id) || nth--)
			continue;
		*ret = probe->addr;
		return true;
	}
	return false;
}
