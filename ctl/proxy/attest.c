/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attested identity. The module is asked once a connection, and only where a rule for the VPC
 * exists. The path of a cgroup that the worker has not met yet comes from the broker, by way of the
 * control thread; requests of its processes wait for it. A signature goes before all this.
 */
#include "proxy/attest.h"

#include "proxy/authorize.h"
#include "proxy/worker.h"

#include <stdlib.h>

void attest_init(struct attest *a)
{
	size_t i;

	for (i = 0; i < ATTEST_BUCKETS; i++)
		list_init(&a->buckets[i]);
	list_init(&a->by_age);
	a->count = 0;
}

static void drop(struct attest *a, struct attest_cgroup *g)
{
	list_remove(&g->link);
	list_remove(&g->by_age);
	a->count--;
	free(g->path);
	free(g);
}

/* Nobody may wait any more. */
void attest_fini(struct attest *a)
{
	while (!list_empty(&a->by_age))
		drop(a, list_entry(a->by_age.next, struct attest_cgroup, by_age));
}

static struct attest_cgroup *find(struct attest *a, uint64_t id)
{
	struct list *bucket = &a->buckets[id % ATTEST_BUCKETS], *pos;

	list_each (pos, bucket) {
		struct attest_cgroup *g = list_entry(pos, struct attest_cgroup, link);

		if (g->id == id)
			return g;
	}
	return NULL;
}

/* Make room: the cgroup that was met first goes, unless requests wait for it. */
static bool make_room(struct attest *a)
{
	struct list *pos;

	if (a->count < ATTEST_CGROUPS_MAX)
		return true;
	list_each (pos, &a->by_age) {
		struct attest_cgroup *g = list_entry(pos, struct attest_cgroup, by_age);

		if (!g->path)
			continue;
		drop(a, g);
		return true;
	}
	return false;
}

/* The cgroup @id, asked for when it is new; NULL without room. */
static struct attest_cgroup *meet(struct worker *w, uint64_t id)
{
	struct attest *a = &w->attest;
	struct attest_cgroup *g = find(a, id);

	if (g)
		return g;
	g = make_room(a) ? calloc(1, sizeof(*g)) : NULL;
	if (!g)
		return NULL;
	g->id = id;
	list_init(&g->waiters);
	list_add(&a->buckets[id % ATTEST_BUCKETS], &g->link);
	list_add_tail(&a->by_age, &g->by_age);
	a->count++;
	w->hooks->need_cgroup(w->hooks->ctx, w->number, id);
	return g;
}

/* The cgroup @cgroup is at @path, which is the worker's from here; "" when that cannot be known. */
void attest_answer(struct attest *a, uint64_t cgroup, char *path)
{
	struct attest_cgroup *g = find(a, cgroup);

	if (!g || g->path) {
		free(path);
		return;
	}
	g->path = path;
	requests_wake(&g->waiters);
}

static const struct peer *peer_of(struct conn *c)
{
	if (!c->peer_is_known)
		peer_read(c->s.watch.fd, c->local.family, &c->process);
	c->peer_is_known = true;
	return &c->process;
}

/* By the cgroup's rule, or else by the user's. */
static enum step recognise(struct request *r, const struct snap_identities *ids,
			   const struct peer *peer)
{
	const struct principal *p = NULL;
	struct attest_cgroup *g = NULL;

	if (peer->cgroup && identities_attests(ids, r->conn->vpc, false))
		g = meet(r->conn->worker, peer->cgroup);
	if (g && !g->path) {
		request_wait(r, &g->waiters);
		return STEP_WAIT;
	}
	if (g)
		p = identities_attest_cgroup(ids, r->conn->vpc, str_of(g->path));
	if (!p)
		p = identities_attest_uid(ids, r->conn->vpc, peer->uid);
	if (p)
		r->principal = p;
	return STEP_NEXT;
}

enum step stage_attest(struct request *r)
{
	const struct snap_identities *ids = &r->lease->snapshot->identities;
	const struct peer *peer;

	if (r->principal && r->principal->type != PRINCIPAL_ANONYMOUS)
		return STEP_NEXT;
	if (!authorize_is_asked(r) || (!identities_attests(ids, r->conn->vpc, true) &&
				       !identities_attests(ids, r->conn->vpc, false)))
		return STEP_NEXT;
	peer = peer_of(r->conn);
	return peer->is_local ? recognise(r, ids, peer) : STEP_NEXT;
}
