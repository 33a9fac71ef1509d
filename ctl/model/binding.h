/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who serves an address and port: binding_next() gives all services of a network that do,
 * binding_find() the one that a client means. Nothing is kept for this: which numbers have an
 * address follows from the address.
 */
#ifndef LATTICE_MODEL_BINDING_H
#define LATTICE_MODEL_BINDING_H

#include "model/snapshot.h"

struct binding {
	const struct snap_service *service; /* NULL: before the first */
	const struct snap_listener *listener;
};

bool binding_next(const struct snapshot *s, const struct snap_network *n,
		  const struct sock_addr *addr, struct binding *b);
bool binding_find(const struct snapshot *s, const struct snap_vpc *v, const struct sock_addr *addr,
		  struct str host, struct binding *ret);

#endif
