/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests about the table. */
#ifndef _LATTICE_NETLINK_TABLE_H
#define _LATTICE_NETLINK_TABLE_H

#include "netlink.h"

int lattice_netlink_table_begin(struct sk_buff *skb, struct genl_info *info);
int lattice_netlink_table_add(struct sk_buff *skb, struct genl_info *info);
int lattice_netlink_table_commit(struct sk_buff *skb, struct genl_info *info);
int lattice_netlink_table_dump(struct sk_buff *msg, struct netlink_callback *cb);

#endif
