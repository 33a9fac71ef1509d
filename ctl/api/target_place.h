/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a target is: an address, or an instance that has one. place_of_item() for what a request
 * names, place_of_record() for what is registered.
 */
#ifndef LATTICE_API_TARGET_PLACE_H
#define LATTICE_API_TARGET_PLACE_H

#include "api/call.h"
#include "io/sock.h"

/* What a target group says of its targets. */
struct place_rules {
	struct str group_id, type, vpc_id;
	uint16_t family, port;
};

struct place {
	struct str name;       /* of the target's record; empty: the group cannot hold it */
	struct sock_addr addr; /* with its port */
	struct str instance;   /* its id; empty: it is an address */
	struct str function;   /* the id of its record; empty: it is none */
	const char *wrong;     /* why there is no name */
};

void place_rules(struct call *c, const struct record *group, struct place_rules *ret);
int place_of_item(struct call *c, const struct place_rules *g, const struct cJSON *item,
		  struct place *ret);
int place_of_record(struct call *c, const struct record *target, struct place *ret);
int place_find_instance(struct call *c, struct str vpc_id, const struct sock_addr *addr,
			struct record **ret);

#endif
