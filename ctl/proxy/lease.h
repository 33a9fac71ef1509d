/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One worker's hold on one snapshot: an atomic per configuration change, none per request. A
 * request pins the lease it began with and keeps its snapshot to the end.
 */
#ifndef LATTICE_PROXY_LEASE_H
#define LATTICE_PROXY_LEASE_H

#include "model/snapshot.h"

struct lease {
	/* owner: worker */
	struct snapshot *snapshot;
	unsigned pins;
	bool current;
};

struct lease *lease_new(struct snapshot *s);
struct lease *lease_pin(struct lease *l);
void lease_unpin(struct lease *l);
void lease_retire(struct lease *l);

#endif
