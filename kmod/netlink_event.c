// SPDX-License-Identifier: GPL-2.0-only
/* Writing LATTICE_CMD_AUDIT_EVENT of <linux/lattice.h>. */

#include "netlink_event.h"

#include "netlink.h"

#include <net/ipv6.h>
#include <net/net_namespace.h>

/* An upper bound of one event in a message: headers and payloads of all its attributes. */
#define EVENT_BYTES 192

/* Does anyone listen to the events of @net, in it or to those of all namespaces? */
bool lattice_netlink_has_listeners(struct net *net)
{
	return genl_has_listeners(&lattice_family, net, LATTICE_GROUP_AUDIT) ||
	       genl_has_listeners(&lattice_family, &init_net, LATTICE_GROUP_AUDIT_ALL);
}

/* Put @addr as the attribute @type4 or the one behind it, which is its IPv6 twin. */
static int put_addr(struct sk_buff *msg, int type4, const struct in6_addr *addr)
{
	if (ipv6_addr_v4mapped(addr))
		return nla_put_in_addr(msg, type4, addr->s6_addr32[3]);
	return nla_put_in6_addr(msg, type4 + 1, addr);
}

static int put_end(struct sk_buff *msg, const struct lattice_event *e)
{
	return nla_put_u64_64bit(msg, LATTICE_EVENT_A_DURATION, e->duration_ns,
				 LATTICE_EVENT_A_PAD) ||
	       nla_put_u64_64bit(msg, LATTICE_EVENT_A_BYTES_IN, e->bytes_in, LATTICE_EVENT_A_PAD) ||
	       nla_put_u64_64bit(msg, LATTICE_EVENT_A_BYTES_OUT, e->bytes_out, LATTICE_EVENT_A_PAD);
}

static int put_event(struct sk_buff *msg, const struct lattice_event *e)
{
	struct nlattr *nest = nla_nest_start(msg, LATTICE_EVENTS_A_EVENT);

	if (!nest || nla_put_u8(msg, LATTICE_EVENT_A_KIND, e->kind) ||
	    nla_put_u8(msg, LATTICE_EVENT_A_VERDICT, e->verdict) ||
	    nla_put_u8(msg, LATTICE_EVENT_A_PROTO, e->flow.proto) ||
	    put_addr(msg, LATTICE_EVENT_A_SADDR4, &e->flow.saddr) ||
	    nla_put_be16(msg, LATTICE_EVENT_A_SPORT, e->flow.sport) ||
	    put_addr(msg, LATTICE_EVENT_A_DADDR4, &e->flow.daddr) ||
	    nla_put_be16(msg, LATTICE_EVENT_A_DPORT, e->flow.dport) ||
	    nla_put_u64_64bit(msg, LATTICE_EVENT_A_TIME, e->time_ns, LATTICE_EVENT_A_PAD))
		return -EMSGSIZE;
	if (e->has_service && nla_put_u32(msg, LATTICE_EVENT_A_SERVICE, e->service))
		return -EMSGSIZE;
	if (e->kind == LATTICE_EVENT_END && put_end(msg, e))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_events(struct sk_buff *msg, struct lattice_net *ln,
		      const struct lattice_event *events, unsigned int count, u64 lost)
{
	struct nlattr *nest;
	unsigned int i;

	if (nla_put_u64_64bit(msg, LATTICE_A_NETNS_COOKIE, ln->net->net_cookie, LATTICE_A_PAD) ||
	    nla_put_u32(msg, LATTICE_A_NETNS_INUM, ln->net->ns.inum) ||
	    nla_put_u64_64bit(msg, LATTICE_A_LOST, lost, LATTICE_A_PAD))
		return -EMSGSIZE;
	nest = nla_nest_start(msg, LATTICE_A_EVENTS);
	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < count; i++) {
		if (put_event(msg, &events[i]))
			return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/*
 * Send @events, up to LATTICE_AUDIT_BATCH, to those who listen. Whoever is too slow to read is told
 * so by netlink itself.
 */
void lattice_netlink_events(struct lattice_net *ln, const struct lattice_event *events,
			    unsigned int count, u64 lost)
{
	struct sk_buff *msg, *copy;
	void *hdr;

	if (!lattice_netlink_has_listeners(ln->net))
		return;
	msg = genlmsg_new(NLMSG_GOODSIZE + LATTICE_AUDIT_BATCH * EVENT_BYTES, GFP_KERNEL);
	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &lattice_family, 0, LATTICE_CMD_AUDIT_EVENT);
	if (!hdr || put_events(msg, ln, events, count, lost)) {
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
