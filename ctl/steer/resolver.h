/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets of the name server in a VPC's namespace: resolver_open() with the namespace entered
 * and the routes to its addresses set.
 */
#ifndef LATTICE_STEER_RESOLVER_H
#define LATTICE_STEER_RESOLVER_H

#include "steer/keep.h"

#include <stdbool.h>

/* UDP and TCP on port 53 of 169.254.169.253, then on that of fd00:ec2::253 or none. */
struct resolver {
	int fds[LINK_NAME_SOCKETS_MAX];
	unsigned count;
};

int resolver_open(struct resolver *r, bool with_ipv6, struct kept_set *kept);
void resolver_close(struct resolver *r);

#endif
