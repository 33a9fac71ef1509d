/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that compile a snapshot share: one compilation, and what is kept from one to the
 * next. Each compiles the parts of its kinds and puts them on the snapshot's shelves; functions
 * return 0, or -1 with the build's fault set.
 */
#ifndef LATTICE_STORE_BUILD_H
#define LATTICE_STORE_BUILD_H

#include "base/map.h"
#include "base/slots.h"
#include "model/snapshot.h"
#include "store/children.h"

struct cJSON;

struct compiler {
	struct store *store;
	const struct pool *pool;
	struct certificates *certificates; /* the caller's; may be NULL */
	struct snapshot *last; /* what the next snapshot shares; NULL: all is to be read */
	uint64_t serial;       /* of the last version of a group */

	/*
	 * By id: the place of a VPC, service, target group or network; the number of an
	 * association's VPC; of another's network and service.
	 */
	struct map places;
	struct slots groups, networks;	/* indexes in use */
	uint64_t lists[SNAPSHOT_LISTS]; /* the store's counts when they were compiled */
	uint32_t *uses;			/* by a group's index: actions that forward to it */
	size_t use_room;
};

/* A record that is to be compiled; NULL: it is gone, or not to be seen. */
struct unit {
	enum kind kind;
	struct str id;
	const struct record *record;
};

/* One compilation. */
struct build {
	struct store *store;
	struct compiler *kept;
	struct snapshot *snapshot;
	struct arena *arena;  /* of the part that is being made */
	struct arena records; /* for this build */
	struct arena reading; /* for one unit */
	bool is_whole;	      /* everything is read: children come from these */
	struct children targets, listeners, rules, instances, policies;
	uint32_t *turned; /* indexes of groups that came into use, or out of it */
	size_t turned_count, turned_room;
	bool failed; /* a string found no room */
	struct fault *fault;
};

/* Memory for one part. */
static const size_t build_part_bytes_max = (size_t)64 << 20;

int build_out_of_memory(const struct build *b);
int build_bad_record(const struct build *b, const struct record *r, const char *why);
struct str build_keep(struct build *b, struct str s);
struct str build_keep_member(struct build *b, const struct cJSON *body, const char *name);
bool build_is_active(const struct cJSON *body);
int build_children(struct build *b, enum kind kind, struct str parent,
		   const struct record *const **ret, size_t *ret_count);
int build_set(struct build *b, struct shelf *on, size_t place, struct part *p);
bool build_find_place(const struct build *b, struct str id, uint32_t *ret);
int build_set_place(struct build *b, struct str id, uint64_t place);

#endif
