/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All records of one kind, to be found by their parent. They are kept as long as the store says
 * that none of the kind changed: children_init(), children_refresh() before use, children_fini().
 */
#ifndef LATTICE_STORE_CHILDREN_H
#define LATTICE_STORE_CHILDREN_H

#include "store/store.h"

struct cJSON;

struct children {
	enum kind kind;
	struct record **at; /* by parent, then by id */
	size_t count;

	struct arena arena;
	bool is_loaded;
	uint64_t version;      /* the store's of the kind, when it was loaded */
	struct cJSON **bodies; /* like at, those that were asked for; NULL: too many to keep */
	struct cJSON *last;    /* then: the one that was asked for last */
};

void children_init(struct children *c, enum kind kind);
void children_fini(struct children *c);
int children_refresh(struct children *c, struct store *s, struct fault *fault);
struct record *const *children_of(const struct children *c, struct str parent, size_t *ret_count);
struct record *const *children_find(const struct children *c, struct str parent, struct str id);
const struct cJSON *children_body(struct children *c, struct record *const *child);

#endif
