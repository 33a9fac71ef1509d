/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping the broker in step with the configuration. What differs between two snapshots is sent,
 * nothing else.
 */
#include "latticed/plane_vpcs.h"

#include "base/log.h"
#include "latticed/plane_table.h"

#include <errno.h>
#include <stdlib.h>

/* When more differs, all of it is sent. */
enum { CHANGE_MAX = 2048 };

static int send_plain(struct plane_vpcs *p, enum link_kind kind, const struct snap_vpc *v)
{
	struct link_msg m = { .kind = kind, .vpc = v->number };

	if (kind == LINK_VPC_SET) {
		if (v->netns.n >= sizeof(m.path))
			return -ENAMETOOLONG;
		memcpy(m.path, v->netns.p, v->netns.n);
	}
	return plane_link_send(p->link, &m);
}

static int send_rules(struct plane_vpcs *p, const struct snap_vpc *v)
{
	size_t at, n;
	int err = 0;

	for (at = 0; !err && at < v->rule_count; at += n) {
		struct link_msg m = { .kind = LINK_TABLE_RULES, .vpc = v->number };

		n = v->rule_count - at < LINK_RULES_MAX ? v->rule_count - at : LINK_RULES_MAX;
		m.count = (uint32_t)n;
		memcpy(m.rules, v->rules + at, n * sizeof(m.rules[0]));
		err = plane_link_send(p->link, &m);
	}
	return err;
}

static int send_entries(struct plane_vpcs *p, uint32_t vpc, const struct plane_table *t)
{
	size_t at, n;
	int err = 0;

	for (at = 0; !err && at < t->count; at += n) {
		struct link_msg m = { .kind = LINK_TABLE_ADD, .vpc = vpc };

		n = t->count - at < LINK_BINDINGS_MAX ? t->count - at : LINK_BINDINGS_MAX;
		m.count = (uint32_t)n;
		memcpy(m.bindings, t->at + at, n * sizeof(m.bindings[0]));
		err = plane_link_send(p->link, &m);
	}
	return err;
}

static int send_commit(struct plane_vpcs *p, const struct snap_vpc *v, uint64_t generation)
{
	const struct link_msg m = { .kind = LINK_TABLE_COMMIT,
				    .vpc = v->number,
				    .generation = generation };

	p->sent_generation[v->number] = generation;
	p->is_behind[v->number] = false;
	return plane_link_send(p->link, &m);
}

static int send_whole(struct plane_vpcs *p, const struct snap_vpc *v, uint64_t generation,
		      const struct plane_table *t)
{
	const struct link_msg m = {
		.kind = LINK_TABLE_BEGIN,
		.vpc = v->number,
		.generation = generation,
		.count = (uint32_t)t->count,
		.has_filter = v->has_filter,
		.rule_count = (uint32_t)v->rule_count,
	};
	int err = plane_link_send(p->link, &m);

	if (!err)
		err = send_rules(p, v);
	if (!err)
		err = send_entries(p, v->number, t);
	return err ? err : send_commit(p, v, generation);
}

static int send_table(struct plane_vpcs *p, const struct snap_vpc *v, const struct snapshot *s)
{
	struct plane_table t = { 0 };
	int err = plane_table_all(&t, s, v->network);

	p->is_behind[v->number] = true;
	if (!err && t.count > LATTICE_BINDINGS_MAX)
		log_error("vpc %u would reach %zu addresses and ports, the limit is %d; its old "
			  "table stays in force",
			  v->number, t.count, LATTICE_BINDINGS_MAX);
	else if (!err)
		err = send_whole(p, v, s->generation, &t);
	free(t.at);
	return err;
}

/* Send what differs from the table that was sent last. */
static int send_change(struct plane_vpcs *p, const struct snap_vpc *v, uint64_t generation,
		       const struct plane_table *t)
{
	const struct link_msg m = {
		.kind = LINK_TABLE_BEGIN,
		.vpc = v->number,
		.generation = generation,
		.base = p->sent_generation[v->number],
		.count = (uint32_t)t->count,
	};
	int err = plane_link_send(p->link, &m);

	if (!err)
		err = send_entries(p, v->number, t);
	return err ? err : send_commit(p, v, generation);
}

static bool same_filter(const struct snap_vpc *a, const struct snap_vpc *b)
{
	size_t i;

	if (a->has_filter != b->has_filter || a->rule_count != b->rule_count)
		return false;
	for (i = 0; i < a->rule_count; i++) {
		const struct ingress *x = &a->rules[i], *y = &b->rules[i];

		if (x->port_min != y->port_min || x->port_max != y->port_max ||
		    x->source.bits != y->source.bits ||
		    !sock_addr_eq(&x->source.addr, &y->source.addr))
			return false;
	}
	return true;
}

/* Bring the table of @v, which was as @before, up to date. */
static int bring_table(struct plane_vpcs *p, const struct snapshot *old,
		       const struct snap_vpc *before, const struct snapshot *next,
		       const struct snap_vpc *v)
{
	struct plane_table t = { 0 };
	int err;

	if (before->network != v->network || !same_filter(before, v))
		return send_table(p, v, next);
	err = plane_table_changes(&t, old, next, v->network);
	if (!err && t.count > 0) {
		if (p->is_behind[v->number] || t.count > CHANGE_MAX)
			err = send_table(p, v, next);
		else
			err = send_change(p, v, next->generation, &t);
	}
	free(t.at);
	return err;
}

/* @v is as in @next; in @old, which may be NULL, it may be missing. */
static int bring_vpc(struct plane_vpcs *p, const struct snapshot *old, const struct snapshot *next,
		     const struct snap_vpc *v)
{
	const struct snap_vpc *before = old ? snapshot_find_vpc(old, v->number) : NULL;

	if (!before || !str_eq(before->netns, v->netns)) {
		p->state[v->number] = PLANE_VPC_PENDING;
		return send_plain(p, LINK_VPC_SET, v);
	}
	/* A VPC whose namespace is not there gets its table when it comes: plane_vpcs_answer(). */
	if (p->state[v->number] != PLANE_VPC_ACTIVE)
		return 0;
	return bring_table(p, old, before, next, v);
}

/* Tell the broker what @next has that @old (NULL at first) had not. Returns 0 or -errno. */
int plane_vpcs_publish(struct plane_vpcs *p, const struct snapshot *old,
		       const struct snapshot *next)
{
	size_t i;
	int err = 0;

	for (i = 0; old && !err && i < shelf_end(&old->vpcs); i++) {
		const struct snap_vpc *gone = snapshot_find_vpc(old, (uint32_t)i);

		if (!gone || snapshot_find_vpc(next, gone->number))
			continue;
		p->state[gone->number] = PLANE_VPC_UNKNOWN;
		err = send_plain(p, LINK_VPC_REMOVE, gone);
	}
	for (i = 0; !err && i < shelf_end(&next->vpcs); i++) {
		const struct snap_vpc *v = snapshot_find_vpc(next, (uint32_t)i);

		if (v)
			err = bring_vpc(p, old, next, v);
	}
	if (!err && !old)
		err = plane_link_send(p->link, &(struct link_msg){ .kind = LINK_SYNCED });
	return err;
}

/* What failed is sent whole with the next change; what was to change something else, at once. */
static int take_done(struct plane_vpcs *p, const struct snap_vpc *v, const struct snapshot *now,
		     const struct link_msg *m)
{
	if (!m->error)
		p->table_generation[m->vpc] = m->generation;
	else
		p->is_behind[m->vpc] = true;
	return m->error == -ESTALE ? send_table(p, v, now) : 0;
}

/*
 * Take in LINK_VPC_STATE or LINK_TABLE_DONE. A namespace that is there gets the table of @now.
 * Returns 0 or -errno.
 */
int plane_vpcs_answer(struct plane_vpcs *p, const struct snapshot *now, const struct link_msg *m)
{
	const struct snap_vpc *v = snapshot_find_vpc(now, m->vpc);

	if (!v || m->vpc >= LATTICE_VPCS_MAX)
		return 0; /* removed while the answer was on its way */
	if (m->kind == LINK_TABLE_DONE)
		return take_done(p, v, now, m);
	p->error[m->vpc] = (int16_t)m->error;
	p->state[m->vpc] = m->error ? PLANE_VPC_MISSING : PLANE_VPC_ACTIVE;
	return m->error ? 0 : send_table(p, v, now);
}

/* Why the namespace is not had, in words. */
static struct str error_words(int error)
{
	switch (-error) {
	case ENOENT:
		return STR(
			"the namespace, or the process or container that it is of, is not there");
	case EBUSY:
		return STR("another VPC has the namespace");
	case EINVAL:
		return STR("what is there is not a network namespace");
	default:
		return str_of(strerrordesc_np(-error));
	}
}

/* What people are told of a VPC: "active", "missing" or "pending", and why it is missing. */
struct str plane_vpcs_state(const struct plane_vpcs *p, uint32_t number, struct str *ret_reason)
{
	static const struct str words[] = {
		[PLANE_VPC_UNKNOWN] = { "pending", 7 },
		[PLANE_VPC_PENDING] = { "pending", 7 },
		[PLANE_VPC_ACTIVE] = { "active", 6 },
		[PLANE_VPC_MISSING] = { "missing", 7 },
	};

	if (number < LATTICE_VPCS_MAX && p->state[number] == PLANE_VPC_MISSING)
		*ret_reason = error_words(p->error[number]);
	return words[number < LATTICE_VPCS_MAX ? p->state[number] : PLANE_VPC_UNKNOWN];
}
