/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The route that takes the pool into a namespace: route_open() with the namespace entered; the
 * rest works from anywhere. route_guard() before steering is attached, route_apply() after, and
 * again whenever route_needs_apply() says so when route.events is readable.
 */
#ifndef LATTICE_STEER_ROUTE_H
#define LATTICE_STEER_ROUTE_H

#include "steer/steer.h"

#include <stdbool.h>

struct mnl_socket;

struct route {
	struct mnl_socket *requests, *events; /* NULL: closed */
	struct pool pool;
	unsigned sequence;
};

int route_open(struct route *r, const struct pool *pool);
void route_close(struct route *r);
int route_events_fd(const struct route *r);
int route_guard(struct route *r);
int route_apply(struct route *r, bool with_ipv6);
bool route_needs_apply(struct route *r);
void route_remove(struct route *r);

#endif
