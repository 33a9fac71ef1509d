/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of services, to be found by: name_add() and name_remove() while a snapshot is made,
 * name_find() from then on. Names are kept and looked for in lower case, without a last dot.
 */
#ifndef LATTICE_MODEL_NAME_H
#define LATTICE_MODEL_NAME_H

#include "model/snapshot.h"

struct snap_name {
	struct str name;
	uint32_t service; /* its number */
	bool is_alias;	  /* custom, and stands for the generated one */
};

int name_add(struct shelf *names, struct str name, uint32_t service, bool is_alias)
	__attribute__((warn_unused_result));
int name_remove(struct shelf *names, struct str name, uint32_t service)
	__attribute__((warn_unused_result));
const struct snap_name *name_find(const struct snapshot *s, const struct snap_vpc *v,
				  struct str name);

#endif
