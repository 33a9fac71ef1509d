// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading packets. The hook sees them before reassembly (unless conntrack is in the namespace), so
 * the first fragment of a SYN could be judged but the rest would follow unsteered: such SYNs, which
 * no TCP sends, are malformed.
 */

#include "tuple.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>

/* What the TCP header at @offset makes of the packet; its ports go to @ret. */
static enum lattice_packet read_tcp(const struct sk_buff *skb, int offset, bool is_fragment,
				    struct lattice_flow *ret)
{
	const struct tcphdr *tcp;
	struct tcphdr buf;

	tcp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	if (!tcp)
		return LATTICE_PACKET_MALFORMED;
	ret->sport = tcp->source;
	ret->dport = tcp->dest;
	if (!tcp->syn || tcp->ack || tcp->rst)
		return LATTICE_PACKET_SEGMENT;
	return is_fragment ? LATTICE_PACKET_MALFORMED : LATTICE_PACKET_SYN;
}

static bool is_icmp_error(const struct sk_buff *skb, int offset)
{
	const struct icmphdr *icmp;
	struct icmphdr buf;

	icmp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	return icmp && (icmp->type == ICMP_DEST_UNREACH || icmp->type == ICMP_TIME_EXCEEDED ||
			icmp->type == ICMP_PARAMETERPROB);
}

static bool is_icmpv6_error(const struct sk_buff *skb, int offset)
{
	const struct icmp6hdr *icmp;
	struct icmp6hdr buf;

	icmp = skb_header_pointer(skb, offset, sizeof(buf), &buf);
	return icmp && !(icmp->icmp6_type & ICMPV6_INFOMSG_MASK);
}

/* What @skb is, and from whom to whom. Ports are 0 where there are none. */
enum lattice_packet lattice_tuple_ipv4(const struct sk_buff *skb, struct lattice_flow *ret)
{
	const struct iphdr *iph = ip_hdr(skb);

	ipv6_addr_set_v4mapped(iph->saddr, &ret->saddr);
	ipv6_addr_set_v4mapped(iph->daddr, &ret->daddr);
	ret->sport = 0;
	ret->dport = 0;
	ret->proto = iph->protocol;
	if (iph->frag_off & htons(IP_OFFSET))
		return LATTICE_PACKET_ASIDE;
	if (iph->protocol == IPPROTO_TCP)
		return read_tcp(skb, ip_hdrlen(skb), ip_is_fragment(iph), ret);
	if (iph->protocol == IPPROTO_ICMP && is_icmp_error(skb, ip_hdrlen(skb)))
		return LATTICE_PACKET_ASIDE;
	return LATTICE_PACKET_NOT_TCP;
}

/* The same for IPv6, behind whatever extension headers there are. */
enum lattice_packet lattice_tuple_ipv6(const struct sk_buff *skb, struct lattice_flow *ret)
{
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	u8 proto = iph->nexthdr;
	__be16 frag_off = 0;
	int offset;

	ret->saddr = iph->saddr;
	ret->daddr = iph->daddr;
	ret->sport = 0;
	ret->dport = 0;
	offset = ipv6_skip_exthdr(skb, sizeof(*iph), &proto, &frag_off);
	ret->proto = proto;
	if (offset < 0)
		return LATTICE_PACKET_MALFORMED;
	if (frag_off & htons(IP6_OFFSET))
		return LATTICE_PACKET_ASIDE;
	if (proto == IPPROTO_TCP)
		return read_tcp(skb, offset, frag_off, ret);
	if (proto == IPPROTO_ICMPV6 && is_icmpv6_error(skb, offset))
		return LATTICE_PACKET_ASIDE;
	return LATTICE_PACKET_NOT_TCP;
}
