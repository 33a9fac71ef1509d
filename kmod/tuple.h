/* SPDX-License-Identifier: GPL-2.0-only */
/* From a packet to what it means for us. */
#ifndef _LATTICE_TUPLE_H
#define _LATTICE_TUPLE_H

#include "lattice.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip.h>

enum lattice_packet {
	LATTICE_PACKET_SYN,	  /* begins a connection */
	LATTICE_PACKET_SEGMENT,	  /* any other of TCP */
	LATTICE_PACKET_ASIDE,	  /* a later fragment, or an ICMP error: not ours to judge */
	LATTICE_PACKET_NOT_TCP,	  /* another protocol */
	LATTICE_PACKET_MALFORMED, /* no TCP header in it, or a SYN in fragments */
};

/*
 * Is @skb surely a later segment of a connection? What nearly every packet to the pool is, so this
 * is all that one pays. The IP layer has set the transport header, for IPv6 to behind the fixed
 * one.
 */
static inline bool lattice_tuple_is_segment(const struct sk_buff *skb)
{
	const struct tcphdr *tcp = tcp_hdr(skb);

	return (const u8 *)(tcp + 1) <= skb_tail_pointer(skb) &&
	       (tcp_flag_word(tcp) & (TCP_FLAG_SYN | TCP_FLAG_ACK)) == TCP_FLAG_ACK;
}

static inline bool lattice_tuple_is_segment_ipv4(const struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	return iph->protocol == IPPROTO_TCP && !ip_is_fragment(iph) &&
	       lattice_tuple_is_segment(skb);
}

static inline bool lattice_tuple_is_segment_ipv6(const struct sk_buff *skb)
{
	return ipv6_hdr(skb)->nexthdr == IPPROTO_TCP && lattice_tuple_is_segment(skb);
}

enum lattice_packet lattice_tuple_ipv4(const struct sk_buff *skb, struct lattice_flow *ret);
enum lattice_packet lattice_tuple_ipv6(const struct sk_buff *skb, struct lattice_flow *ret);

#endif
