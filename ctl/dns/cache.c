/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of lists, and a list by last use. The hash is seeded: clients choose the names. */
#include "dns/cache.h"

#include <stdlib.h>

/* What of a query's flags makes for another answer. */
enum { KEY_FLAGS = DNS_RD | DNS_CD };

struct entry {
	struct list bucket, use;
	struct dns_query q;
	uint64_t since_ms, until_ms;
	size_t n;
	char message[];
};

void cache_init(struct cache *c, uint64_t seed)
{
	size_t i;

	*c = (struct cache){ .seed = seed };
	for (i = 0; i < CACHE_BUCKETS; i++)
		list_init(&c->buckets[i]);
	list_init(&c->by_use);
}

static void drop(struct cache *c, struct entry *e)
{
	list_remove(&e->bucket);
	list_remove(&e->use);
	c->entries--;
	c->bytes -= e->n;
	free(e);
}

void cache_fini(struct cache *c)
{
	while (!list_empty(&c->by_use))
		drop(c, list_entry(c->by_use.next, struct entry, use));
}

/* Would the answer to one be the answer to the other? */
bool cache_same_question(const struct dns_query *a, const struct dns_query *b)
{
	return a->type == b->type && a->class == b->class && a->wants_dnssec == b->wants_dnssec &&
	       !((a->flags ^ b->flags) & KEY_FLAGS) && dns_name_eq(&a->name, &b->name);
}

static struct list *bucket_of(struct cache *c, const struct dns_query *q)
{
	uint64_t h = c->seed ^ q->type;
	size_t i;

	/* Case is folded by force: that other bytes fall together too does no harm. */
	for (i = 0; i < q->name.n; i++) {
		h = (h ^ (q->name.bytes[i] | 0x20U)) * UINT64_C(0xbf58476d1ce4e5b9);
		h ^= h >> 29;
	}
	return &c->buckets[h % CACHE_BUCKETS];
}

static struct entry *find(struct cache *c, const struct dns_query *q)
{
	struct list *bucket = bucket_of(c, q), *pos;

	list_each (pos, bucket) {
		struct entry *e = list_entry(pos, struct entry, bucket);

		if (cache_same_question(&e->q, q))
			return e;
	}
	return NULL;
}

/* An answer to @q that still holds, borrowed until the next call, and for how long it has. */
bool cache_find(struct cache *c, const struct dns_query *q, uint64_t now_ms, struct str *ret,
		uint32_t *ret_age_seconds)
{
	struct entry *e = find(c, q);

	if (!e)
		return false;
	if (now_ms >= e->until_ms) {
		drop(c, e);
		return false;
	}
	list_remove(&e->use);
	list_add(&c->by_use, &e->use);
	*ret = (struct str){ e->message, e->n };
	*ret_age_seconds = (uint32_t)((now_ms - e->since_ms) / 1000);
	return true;
}

/* Keep @message as the answer to @q in place of any before. Without memory it is not kept. */
void cache_put(struct cache *c, const struct dns_query *q, struct str message,
	       uint32_t keep_seconds, uint64_t now_ms)
{
	struct entry *e = find(c, q);

	if (e)
		drop(c, e);
	if (!keep_seconds || message.n > DNS_MESSAGE_BYTES_MAX)
		return;
	while (c->entries == CACHE_ENTRIES_MAX || c->bytes + message.n > CACHE_BYTES_MAX)
		drop(c, list_entry(c->by_use.prev, struct entry, use));
	e = malloc(sizeof(*e) + message.n);
	if (!e)
		return;
	e->q = *q;
	e->since_ms = now_ms;
	e->until_ms = now_ms + (uint64_t)keep_seconds * 1000;
	e->n = message.n;
	memcpy(e->message, message.p, message.n);
	list_add(bucket_of(c, q), &e->bucket);
	list_add(&c->by_use, &e->use);
	c->entries++;
	c->bytes += e->n;
}
