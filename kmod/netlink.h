/* SPDX-License-Identifier: GPL-2.0-only */
/* The generic netlink family: requests in, events out. */
#ifndef _LATTICE_NETLINK_H
#define _LATTICE_NETLINK_H

#include "lattice.h"

int lattice_netlink_init(void);
void lattice_netlink_exit(void);
bool lattice_netlink_has_listeners(struct net *net);
void lattice_netlink_event(struct lattice_net *ln, const struct lattice_event *e, u64 lost);

#endif
