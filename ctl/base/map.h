/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From texts to numbers: all-zero is an empty map; map_set(), map_find(), map_remove(), and
 * map_fini() at the end. Keys are copied. They are our own ids: the hash withstands no enemy.
 */
#ifndef LATTICE_BASE_MAP_H
#define LATTICE_BASE_MAP_H

#include "base/str.h"

#include <stdint.h>

struct map_entry;

struct map {
	struct map_entry **buckets;
	size_t bucket_count; /* 0 or a power of two */
	size_t count;
};

int map_set(struct map *m, struct str key, uint64_t value) __attribute__((warn_unused_result));
bool map_find(const struct map *m, struct str key, uint64_t *ret);
void map_remove(struct map *m, struct str key);
void map_fini(struct map *m);

#endif
