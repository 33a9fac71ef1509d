/* SPDX-License-Identifier: Apache-2.0 */
/* All records of one kind, read at once, to be found by their parent. */
#ifndef LATTICE_STORE_CHILDREN_H
#define LATTICE_STORE_CHILDREN_H

#include "store/store.h"

struct children {
	struct record **at; /* by parent, then by id */
	size_t count;
};

int children_load(struct children *c, struct store *s, enum kind kind, struct arena *a,
		  struct fault *fault);
struct record *const *children_of(const struct children *c, struct str parent, size_t *ret_count);

#endif
