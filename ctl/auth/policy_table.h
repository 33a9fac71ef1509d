/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a text to the set of statements that have it, a bit each: policy_table_init() for at most so
 * many texts, policy_table_set() for each, policy_table_join() to look one up.
 */
#ifndef LATTICE_AUTH_POLICY_TABLE_H
#define LATTICE_AUTH_POLICY_TABLE_H

#include "base/arena.h"

#include <stdint.h>

struct policy_slot {
	struct str text;
	uint64_t *set; /* NULL: empty */
};

/* Open addressing, at most half full. */
struct policy_table {
	bool is_empty;
	size_t mask;
	struct policy_slot *slots;
};

bool policy_table_init(struct policy_table *t, struct arena *a, size_t count)
	__attribute__((warn_unused_result));
uint64_t *policy_table_set(struct policy_table *t, struct arena *a, size_t words, struct str text)
	__attribute__((warn_unused_result));
void policy_table_join(const struct policy_table *t, struct str text, uint64_t *into, size_t words);

#endif
