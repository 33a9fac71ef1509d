/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests that ask how things stand. */
#ifndef _LATTICE_NETLINK_STATUS_H
#define _LATTICE_NETLINK_STATUS_H

#include "netlink.h"

int lattice_netlink_status_get(struct sk_buff *skb, struct genl_info *info);
int lattice_netlink_service_dump(struct sk_buff *msg, struct netlink_callback *cb);

#endif
