/* SPDX-License-Identifier: GPL-2.0-only */
/* The generic netlink family, and what its handlers in netlink_*.c share. */
#ifndef _LATTICE_NETLINK_H
#define _LATTICE_NETLINK_H

#include "lattice.h"

#include <net/genetlink.h>

extern struct genl_family lattice_family;

int lattice_netlink_init(void);
void lattice_netlink_exit(void);

void lattice_netlink_say(struct genl_info *info, const struct nlattr *attr, const char *why);
struct nlattr *lattice_netlink_needed(struct genl_info *info, int type, const char *what);
int lattice_netlink_not_registered(struct genl_info *info);

#endif
