/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of chains that doubles when it holds as many entries as it has chains. */
#include "base/map.h"

#include "base/hash.h"

#include <errno.h>
#include <stdlib.h>

enum { BUCKETS_MIN = 16 };

struct map_entry {
	struct map_entry *next;
	uint64_t hash, value;
	size_t key_bytes;
	char key[];
};

/* Where the entry of @key hangs, or would: *place is it or NULL. The map has buckets. */
static struct map_entry **place_of(const struct map *m, struct str key, uint64_t hash)
{
	struct map_entry **at = &m->buckets[hash & (m->bucket_count - 1)];

	while (*at &&
	       ((*at)->hash != hash || !str_eq((struct str){ (*at)->key, (*at)->key_bytes }, key)))
		at = &(*at)->next;
	return at;
}

static int grow(struct map *m)
{
	size_t count = m->bucket_count ? 2 * m->bucket_count : BUCKETS_MIN, i;
	struct map_entry **buckets = calloc(count, sizeof(struct map_entry *));

	if (!buckets)
		return -ENOMEM;
	for (i = 0; i < m->bucket_count; i++) {
		struct map_entry *e = m->buckets[i];

		while (e) {
			struct map_entry *next = e->next, **to = &buckets[e->hash & (count - 1)];

			e->next = *to;
			*to = e;
			e = next;
		}
	}
	free(m->buckets);
	m->buckets = buckets;
	m->bucket_count = count;
	return 0;
}

/* @key stands for @value from now on. 0 or -ENOMEM, and then nothing has changed. */
int map_set(struct map *m, struct str key, uint64_t value)
{
	uint64_t hash = hash_str(key);
	struct map_entry *e, **at;

	if (m->count == m->bucket_count && grow(m) < 0)
		return -ENOMEM;
	at = place_of(m, key, hash);
	if (!*at) {
		e = malloc(sizeof(*e) + key.n);
		if (!e)
			return -ENOMEM;
		*e = (struct map_entry){ .hash = hash, .key_bytes = key.n };
		if (key.n)
			memcpy(e->key, key.p, key.n);
		*at = e;
		m->count++;
	}
	(*at)->value = value;
	return 0;
}

/* False: there is no @key, and *@ret is as it was. */
bool map_find(const struct map *m, struct str key, uint64_t *ret)
{
	const struct map_entry *e = m->count ? *place_of(m, key, hash_str(key)) : NULL;

	if (e)
		*ret = e->value;
	return e != NULL;
}

/* What is not there may be removed, too. */
void map_remove(struct map *m, struct str key)
{
	struct map_entry **at, *e;

	if (!m->count)
		return;
	at = place_of(m, key, hash_str(key));
	e = *at;
	if (!e)
		return;
	*at = e->next;
	free(e);
	m->count--;
}

/* Empty @m, for good or to be used again. */
void map_fini(struct map *m)
{
	size_t i;

	for (i = 0; i < m->bucket_count; i++) {
		struct map_entry *e = m->buckets[i];

		while (e) {
			struct map_entry *next = e->next;

			free(e);
			e = next;
		}
	}
	free(m->buckets);
	*m = (struct map){ 0 };
}
