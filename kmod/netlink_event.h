/* SPDX-License-Identifier: GPL-2.0-only */
/* Audit events to whoever listens. */
#ifndef _LATTICE_NETLINK_EVENT_H
#define _LATTICE_NETLINK_EVENT_H

#include "lattice.h"

/* Numbers of the family's multicast groups. */
enum { LATTICE_GROUP_AUDIT, LATTICE_GROUP_AUDIT_ALL };

bool lattice_netlink_has_listeners(struct net *net);
void lattice_netlink_records(struct lattice_net *ln, const struct lattice_record *records,
			     unsigned int count, u64 lost);

#endif
