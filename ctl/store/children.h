/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All records of one kind, to be found by their parent: children_init(), children_load(), and
 * children_fini().
 */
#ifndef LATTICE_STORE_CHILDREN_H
#define LATTICE_STORE_CHILDREN_H

#include "store/store.h"

struct children {
	enum kind kind;
	struct record **at; /* by parent, then by id */
	size_t count;
	struct arena arena;
};

void children_init(struct children *c, enum kind kind);
void children_fini(struct children *c);
int children_load(struct children *c, struct store *s, struct fault *fault);
struct record *const *children_find(const struct children *c, struct str parent, struct str id);
struct record *const *children_of(const struct children *c, struct str parent, size_t *ret_count);

#endif
