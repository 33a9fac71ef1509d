/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Service networks with their services, and VPCs with the network that each is associated with:
 * network_place() and vpc_place() for all of them first, services placed, then the rest.
 */
#ifndef LATTICE_STORE_COMPILE_NETWORK_H
#define LATTICE_STORE_COMPILE_NETWORK_H

#include "store/build.h"

int network_place(struct build *b, const struct unit *u);
int compile_membership(struct build *b, const struct unit *u);
int compile_network(struct build *b, const struct unit *u);

int vpc_place(struct build *b, const struct unit *u);
int compile_vpc(struct build *b, const struct unit *u);
int compile_vpc_association(struct build *b, const struct unit *u);

#endif
