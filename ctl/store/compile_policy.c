/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache of compiled policies by kind and text. Each run marks what it needs and drops the rest;
 * snapshots hold references of their own. A document that does not compile any more, because this
 * version knows less than the one that took it, is as good as none: it allows nothing.
 */
#include "store/compile_policy.h"

#include "base/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

enum { BUCKETS = 4096 };

struct cached {
	struct cached *next;
	uint64_t run; /* that needed it last */
	enum policy_kind kind;
	struct str text;       /* of the policy, or after this when it does not compile */
	struct policy *policy; /* NULL: it does not compile */
};

struct policy_cache {
	uint64_t run;
	struct cached *buckets[BUCKETS];
};

/* One run. */
struct build {
	struct policy_cache *cache;
	const struct children *policies;
	struct snapshot *snapshot;
	size_t room; /* in snapshot.policies */
	bool failed;
};

struct policy_cache *policy_cache_new(void)
{
	return calloc(1, sizeof(struct policy_cache));
}

/* Drop what the runs since @run did not need. */
static void drop_before(struct policy_cache *c, uint64_t run)
{
	size_t i;

	for (i = 0; i < BUCKETS; i++) {
		struct cached **at = &c->buckets[i], *e;

		while ((e = *at)) {
			if (e->run >= run) {
				at = &e->next;
				continue;
			}
			*at = e->next;
			policy_put(e->policy);
			free(e);
		}
	}
}

/* NULL is fine. */
void policy_cache_free(struct policy_cache *c)
{
	if (c)
		drop_before(c, UINT64_MAX);
	free(c);
}

static size_t bucket_of(enum policy_kind kind, struct str text)
{
	uint64_t h = (uint64_t)kind;
	size_t i;

	for (i = 0; i < text.n; i++)
		h = (h ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001b3);
	return (h ^ h >> 32) % BUCKETS;
}

static struct cached *add(struct policy_cache *c, enum policy_kind kind, struct str text)
{
	struct cached *e = malloc(sizeof(*e) + text.n);
	struct policy_error ignored;
	size_t i = bucket_of(kind, text);

	if (!e)
		return NULL;
	memcpy(e + 1, text.p, text.n);
	*e = (struct cached){ .next = c->buckets[i],
			      .kind = kind,
			      .text = { (const char *)(e + 1), text.n },
			      .policy = policy_new(kind, text, &ignored) };
	c->buckets[i] = e;
	return e;
}

static struct cached *find(struct policy_cache *c, enum policy_kind kind, struct str text)
{
	struct cached *e = c->buckets[bucket_of(kind, text)];

	while (e && (e->kind != kind || !str_eq(e->text, text)))
		e = e->next;
	return e ? e : add(c, kind, text);
}

/* The compiled @text, which lives as long as the snapshot; NULL: there is none. */
static const struct policy *compile(struct build *b, enum policy_kind kind, struct str text)
{
	struct snapshot *s = b->snapshot;
	struct cached *e;

	if (!text.n)
		return NULL;
	e = find(b->cache, kind, text);
	if (!e) {
		b->failed = true;
		return NULL;
	}
	if (e->policy && e->run != b->cache->run && s->policy_count < b->room)
		s->policies[s->policy_count++] = policy_get(e->policy);
	e->run = b->cache->run;
	return e->policy;
}

/* The policies of the network or service @id; whether it asks for them is known. */
static void fill_gate(struct build *b, struct str id, struct auth_gate *g)
{
	struct record *const *r;
	size_t count, i;

	r = children_of(b->policies, id, &count);
	for (i = 0; i < count; i++) {
		cJSON *body = json_parse(r[i]->body);
		struct str text = json_get_str(body, "policy");
		const struct policy *p = compile(b, POLICY_RESOURCE, text);

		if (str_eq(r[i]->name, STR("trial")))
			g->trial = p;
		else
			g->policy = p;
		cJSON_Delete(body);
	}
}

static void fill_network(struct build *b, const struct record *r)
{
	struct snapshot *s = b->snapshot;
	cJSON *body = json_parse(r->body);
	struct auth_gate g = {
		.is_on = !str_eq(json_get_str(body, "authType"), STR("NONE")),
	};
	size_t i;

	cJSON_Delete(body);
	fill_gate(b, r->id, &g);
	for (i = 0; i < s->vpc_count; i++)
		if (str_eq(s->vpcs[i].network_id, r->id))
			s->vpcs[i].network_auth = g;
}

static void fill_identities(struct build *b, struct snap_identities *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		s->at[i].principal.policy =
			compile(b, POLICY_IDENTITY, s->at[i].principal.policy_text);
	for (i = 0; i < s->key_count; i++)
		s->keys[i].principal.policy =
			compile(b, POLICY_IDENTITY, s->keys[i].principal.policy_text);
	for (i = 0; i < s->attestation_count; i++)
		s->attestations[i].principal.policy =
			compile(b, POLICY_IDENTITY, s->attestations[i].principal.policy_text);
}

/*
 * Give everything in the snapshot @into that has a policy the compiled one. Services, VPCs and
 * identities are there already; @networks are the records of all networks.
 */
int compile_policies(struct policy_cache *c, const struct children *policies,
		     const struct record *networks, struct snapshot *into, struct fault *fault)
{
	const struct snap_identities *ids = &into->identities;
	struct build b = { .cache = c, .policies = policies, .snapshot = into };
	size_t i;

	c->run++;
	b.room = policies->count + ids->count + ids->key_count + ids->attestation_count;
	into->policies = arena_new(&into->arena, struct policy *, b.room + 1);
	if (!into->policies)
		return fault_set(fault, FAULT_INTERNAL, "snapshot: out of memory");
	for (i = 0; i < into->service_count; i++)
		fill_gate(&b, into->services[i].id, &into->services[i].auth);
	for (; networks; networks = networks->next)
		fill_network(&b, networks);
	fill_identities(&b, &into->identities);
	drop_before(c, c->run);
	if (b.failed)
		return fault_set(fault, FAULT_INTERNAL, "snapshot: out of memory");
	return 0;
}
