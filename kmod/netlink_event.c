// SPDX-License-Identifier: GPL-2.0-only
/* Writing LATTICE_CMD_AUDIT_EVENT of <linux/lattice.h>. */

#include "netlink_event.h"

#include "netlink.h"

#include <net/net_namespace.h>

/* An upper bound of what is beside the records in a message. */
#define HEADER_BYTES 256

/* Does anyone listen to the events of @net, in it or to those of all namespaces? */
bool lattice_netlink_has_listeners(struct net *net)
{
	return genl_has_listeners(&lattice_family, net, LATTICE_GROUP_AUDIT) ||
	       genl_has_listeners(&lattice_family, &init_net, LATTICE_GROUP_AUDIT_ALL);
}

static int put_records(struct sk_buff *msg, struct lattice_net *ln,
		       const struct lattice_record *records, unsigned int count, u64 lost)
{
	return nla_put_u64_64bit(msg, LATTICE_A_NETNS_COOKIE, ln->net->net_cookie, LATTICE_A_PAD) ||
	       nla_put_u32(msg, LATTICE_A_NETNS_INUM, ln->net->ns.inum) ||
	       nla_put_u64_64bit(msg, LATTICE_A_LOST, lost, LATTICE_A_PAD) ||
	       nla_put_u32(msg, LATTICE_A_RECORD_SIZE, sizeof(*records)) ||
	       nla_put(msg, LATTICE_A_RECORDS, count * sizeof(*records), records);
}

/*
 * Send @records, up to LATTICE_AUDIT_BATCH, to those who listen. Whoever is too slow to read is
 * told so by netlink itself.
 */
void lattice_netlink_records(struct lattice_net *ln, const struct lattice_record *records,
			     unsigned int count, u64 lost)
{
	struct sk_buff *msg, *copy;
	void *hdr;

	if (!lattice_netlink_has_listeners(ln->net))
		return;
	msg = genlmsg_new(HEADER_BYTES + count * sizeof(*records), GFP_KERNEL);
	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &lattice_family, 0, LATTICE_CMD_AUDIT_EVENT);
	if (!hdr || put_records(msg, ln, records, count, lost)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	if (genl_has_listeners(&lattice_family, &init_net, LATTICE_GROUP_AUDIT_ALL)) {
		copy = skb_clone(msg, GFP_KERNEL);
		if (copy)
			genlmsg_multicast_netns(&lattice_family, &init_net, copy, 0,
						LATTICE_GROUP_AUDIT_ALL, GFP_KERNEL);
	}
	genlmsg_multicast_netns(&lattice_family, ln->net, msg, 0, LATTICE_GROUP_AUDIT, GFP_KERNEL);
}
