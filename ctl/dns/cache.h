/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that may be given again: cache_init(), cache_find() before anybody is asked,
 * cache_put() for what was answered. The least recently used go when there is no room.
 */
#ifndef LATTICE_DNS_CACHE_H
#define LATTICE_DNS_CACHE_H

#include "base/list.h"
#include "dns/wire.h"

enum {
	CACHE_ENTRIES_MAX = 4096,
	CACHE_BYTES_MAX = 8 << 20, /* of all messages in it */
	CACHE_BUCKETS = 1024,
};

/* One thread's cache. */
struct cache {
	struct list buckets[CACHE_BUCKETS];
	struct list by_use; /* the most recently used first */
	unsigned entries;
	size_t bytes;
	uint64_t seed;
};

void cache_init(struct cache *c, uint64_t seed);
void cache_fini(struct cache *c);
bool cache_find(struct cache *c, const struct dns_query *q, uint64_t now_ms, struct str *ret,
		uint32_t *ret_age_seconds);
void cache_put(struct cache *c, const struct dns_query *q, struct str message,
	       uint32_t keep_seconds, uint64_t now_ms);
bool cache_same_question(const struct dns_query *a, const struct dns_query *b);

#endif
