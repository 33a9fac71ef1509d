/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles snapshots in one read transaction each. The store says below which records something
 * changed; what hangs on those is compiled anew and all else shared with the snapshot before. When
 * the store does not know, or the last attempt failed, everything is read.
 */
#include "store/compile.h"

#include "base/array.h"
#include "store/build.h"
#include "store/certificates.h"
#include "store/compile_group.h"
#include "store/compile_hosts.h"
#include "store/compile_identity.h"
#include "store/compile_network.h"
#include "store/compile_service.h"
#include "store/log_compile.h"

#include <stdlib.h>

/* Memory for the records that a snapshot is made from, and for those of one unit. */
static const size_t records_bytes_max = (size_t)256 << 20;
static const size_t reading_bytes_max = (size_t)64 << 20;
static const size_t list_bytes_max = (size_t)256 << 20;

struct units {
	struct unit *at;
	size_t count;
};

enum { LIST_KINDS_MAX = 4 };

/* The kinds that a snapshot is made from: records without parents. */
static const enum kind kinds[] = {
	KIND_VPC,     KIND_SERVICE_NETWORK, KIND_TARGET_GROUP,
	KIND_SERVICE, KIND_VPC_ASSOCIATION, KIND_SERVICE_ASSOCIATION,
};

/*
 * What is compiled all at once, in a part of its own, when a record of some kind changed or one of
 * those went with which it dies.
 */
static const struct list {
	int (*run)(struct build *b);
	enum kind of[LIST_KINDS_MAX], below[LIST_KINDS_MAX];
} lists[SNAPSHOT_LISTS] = {
	[SNAPSHOT_IDENTITIES] = { compile_identities,
				  { KIND_IDENTITY, KIND_ACCESS_KEY, KIND_ATTESTATION },
				  { KIND_NONE } },
	[SNAPSHOT_LOGS] = { log_compile,
			    { KIND_ACCESS_LOG_SUBSCRIPTION, KIND_LOG_DESTINATION },
			    { KIND_SERVICE, KIND_SERVICE_NETWORK } },
	[SNAPSHOT_HOSTS] = { compile_hosts,
			     { KIND_FUNCTION, KIND_LOG_DESTINATION },
			     { KIND_NONE } },
};

/* In this order: each needs what is before it. */
static const struct step {
	enum kind kind;
	int (*run)(struct build *b, const struct unit *u);
} steps[] = {
	{ KIND_VPC, vpc_place },
	{ KIND_SERVICE_NETWORK, network_place },
	{ KIND_TARGET_GROUP, group_place },
	{ KIND_SERVICE, compile_service },
	{ KIND_TARGET_GROUP, compile_group },
	{ KIND_SERVICE_ASSOCIATION, compile_membership },
	{ KIND_SERVICE_NETWORK, compile_network },
	{ KIND_VPC, compile_vpc },
	{ KIND_VPC_ASSOCIATION, compile_vpc_association },
};

/* What a snapshot does not hold, or only through a record that is changed along with it. */
static const enum kind elsewhere[] = { KIND_CERTIFICATE };

static bool has_kind(const enum kind *of, size_t count, enum kind kind)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (of[i] == kind)
			return true;
	return false;
}

static bool is_compiled(enum kind kind)
{
	return has_kind(kinds, ARRAY_SIZE(kinds), kind);
}

static bool is_listed(enum kind kind)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		if (has_kind(lists[i].of, LIST_KINDS_MAX, kind))
			return true;
	return has_kind(elsewhere, ARRAY_SIZE(elsewhere), kind);
}

/* Do @events concern only what can be compiled by itself? */
static bool are_known(const struct store_event *events, size_t count)
{
	size_t i;

	/* Target groups hold what they need of functions. */
	for (i = 0; i < count; i++)
		if ((!is_compiled(events[i].kind) && !is_listed(events[i].kind)) ||
		    events[i].kind == KIND_FUNCTION)
			return false;
	return true;
}

/* All records of @kind become units at the end of @u. */
static int add_all(struct build *b, enum kind kind, struct units *u)
{
	struct store_query q = { .kind = kind };
	struct record *r;
	struct unit *at;

	if (store_list(b->store, &q, &b->records, &r, b->fault) < 0)
		return -1;
	at = realloc(u->at, (u->count + record_count(r) + 1) * sizeof(*at));
	if (!at)
		return build_out_of_memory(b);
	u->at = at;
	for (; r; r = r->next)
		u->at[u->count++] = (struct unit){ kind, r->id, r };
	return 0;
}

static int read_all(struct build *b, struct units *u)
{
	size_t i;

	if (children_load(&b->targets, b->store, b->fault) < 0 ||
	    children_load(&b->listeners, b->store, b->fault) < 0 ||
	    children_load(&b->rules, b->store, b->fault) < 0 ||
	    children_load(&b->instances, b->store, b->fault) < 0 ||
	    children_load(&b->policies, b->store, b->fault) < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (add_all(b, kinds[i], u) < 0)
			return -1;
	return 0;
}

static bool has_unit(const struct units *u, struct str id)
{
	size_t i;

	for (i = 0; i < u->count; i++)
		if (str_eq(u->at[i].id, id))
			return true;
	return false;
}

/* Each record that @events name, once, becomes a unit. */
static int read_changed(struct build *b, const struct store_event *events, size_t count,
			struct units *u)
{
	size_t i;

	u->at = calloc(count + 1, sizeof(*u->at));
	if (!u->at)
		return build_out_of_memory(b);
	for (i = 0; i < count; i++) {
		struct str id = str_of(events[i].id);
		struct store_query q = { .kind = events[i].kind, .id = id, .limit = 1 };
		struct record *r;

		if (!is_compiled(q.kind) || has_unit(u, id))
			continue;
		if (store_list(b->store, &q, &b->records, &r, b->fault) < 0)
			return -1;
		u->at[u->count++] = (struct unit){ q.kind, id, r };
	}
	return 0;
}

/* Another number than before when list @l must be compiled anew. */
static uint64_t version_of(const struct store *s, const struct list *l)
{
	uint64_t version = 0;
	size_t i;

	for (i = 0; i < LIST_KINDS_MAX; i++)
		version += s->changes[l->of[i]] + s->deletions[l->below[i]];
	return version;
}

static int run_lists(struct build *b)
{
	size_t i;

	for (i = 0; i < SNAPSHOT_LISTS; i++) {
		uint64_t version = version_of(b->store, &lists[i]);
		struct part *p;

		if (!b->is_whole && version == b->kept->lists[i])
			continue;
		p = part_new(sizeof(*p), list_bytes_max);
		if (!p)
			return build_out_of_memory(b);
		part_put(b->snapshot->lists[i]);
		b->snapshot->lists[i] = p;
		b->arena = &p->arena;
		if (lists[i].run(b) < 0)
			return -1;
		b->kept->lists[i] = version;
	}
	return b->failed ? build_out_of_memory(b) : 0;
}

static int run_steps(struct build *b, const struct units *u)
{
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		for (k = 0; k < u->count; k++) {
			if (u->at[k].kind != steps[i].kind)
				continue;
			if (steps[i].run(b, &u->at[k]) < 0)
				return -1;
			arena_reset(&b->reading);
		}
	}
	return compile_turned_groups(b);
}

/* Nothing is known any more: the next build reads everything. */
static void forget(struct compiler *c)
{
	snapshot_put(c->last);
	c->last = NULL;
	map_fini(&c->places);
	slots_fini(&c->groups);
	slots_fini(&c->networks);
	free(c->uses);
	c->uses = NULL;
	c->use_room = 0;
}

static int share(struct build *b, const struct snapshot *last)
{
	struct snapshot *s = b->snapshot;
	size_t i;

	if (shelf_copy(&s->services, &last->services) || shelf_copy(&s->groups, &last->groups) ||
	    shelf_copy(&s->networks, &last->networks) || shelf_copy(&s->vpcs, &last->vpcs) ||
	    shelf_copy(&s->names, &last->names))
		return build_out_of_memory(b);
	s->identities = last->identities;
	s->logs = last->logs;
	s->hosts = last->hosts;
	for (i = 0; i < SNAPSHOT_LISTS; i++) {
		s->lists[i] = last->lists[i];
		part_get(s->lists[i]);
	}
	return 0;
}

static int build_all(struct build *b)
{
	const struct store_event *events;
	struct compiler *c = b->kept;
	struct units u = { 0 };
	size_t count;
	int err;

	if (!store_events(b->store, &events, &count) || !are_known(events, count))
		forget(c);
	b->is_whole = !c->last;
	if (c->certificates && certificates_refresh(c->certificates, b->store, b->fault) < 0)
		return -1;
	err = b->is_whole ? read_all(b, &u) : share(b, c->last);
	if (!err && !b->is_whole)
		err = read_changed(b, events, count, &u);
	if (!err)
		err = run_steps(b, &u);
	if (!err)
		err = run_lists(b);
	free(u.at);
	return err;
}

/* The store is @s, services have addresses of @pool. NULL without memory. */
struct compiler *compiler_new(struct store *s, const struct pool *pool)
{
	struct compiler *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->store = s;
	c->pool = pool;
	return c;
}

void compiler_use_certificates(struct compiler *c, struct certificates *all)
{
	c->certificates = all;
}

/* NULL is fine. */
void compiler_free(struct compiler *c)
{
	if (!c)
		return;
	forget(c);
	free(c);
}

static void build_init(struct build *b, struct compiler *c, struct fault *fault)
{
	*b = (struct build){ .store = c->store, .kept = c, .fault = fault };
	arena_init(&b->records, records_bytes_max);
	arena_init(&b->reading, reading_bytes_max);
	children_init(&b->targets, KIND_TARGET);
	children_init(&b->listeners, KIND_LISTENER);
	children_init(&b->rules, KIND_RULE);
	children_init(&b->instances, KIND_INSTANCE);
	children_init(&b->policies, KIND_AUTH_POLICY);
}

static void build_fini(struct build *b)
{
	children_fini(&b->targets);
	children_fini(&b->listeners);
	children_fini(&b->rules);
	children_fini(&b->instances);
	children_fini(&b->policies);
	arena_fini(&b->reading);
	arena_fini(&b->records);
	free(b->turned);
}

/*
 * Compile what the store holds. No transaction may be open. *@ret gets a snapshot with one
 * reference, the caller's. A service that is not ACTIVE is left out, one without association is
 * bound nowhere.
 */
int compiler_run(struct compiler *c, uint64_t generation, struct snapshot **ret,
		 struct fault *fault)
{
	struct fault ignored;
	struct build b;
	int err = -1;

	build_init(&b, c, fault);
	b.snapshot = snapshot_new(generation, c->pool);
	if (!b.snapshot) {
		build_out_of_memory(&b);
	} else if (store_begin(c->store, false, fault) == 0) {
		err = build_all(&b);
		store_end(c->store, false, &ignored);
	}
	build_fini(&b);
	store_forget_events(c->store);
	if (err) {
		snapshot_put(b.snapshot);
		forget(c);
		return -1;
	}
	snapshot_put(c->last);
	c->last = snapshot_get(b.snapshot);
	*ret = b.snapshot;
	return 0;
}

int snapshot_compile(struct store *s, uint64_t generation, struct snapshot **ret,
		     struct fault *fault)
{
	struct compiler *c = compiler_new(s, &pool_default);
	int err;

	if (!c)
		return fault_set(fault, FAULT_INTERNAL, "snapshot: out of memory");
	err = compiler_run(c, generation, ret, fault);
	compiler_free(c);
	return err;
}
