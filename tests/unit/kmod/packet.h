/* SPDX-License-Identifier: Apache-2.0 */
/* As much of the kernel's packets as kmod/tuple.c reads, beside kernel.h. */
#ifndef LATTICE_TESTS_UNIT_KMOD_PACKET_H
#define LATTICE_TESTS_UNIT_KMOD_PACKET_H

#include "kernel.h"

/* A packet whose first @linear bytes of @length lie in one piece. Headers start at its beginning.
 */
struct sk_buff {
	u8 data[256];
	size_t length, linear, transport;
};

struct iphdr {
	u8 ihl : 4, version : 4;
	u8 tos;
	__be16 tot_len, id, frag_off;
	u8 ttl, protocol;
	u16 check;
	__be32 saddr, daddr;
};

struct ipv6hdr {
	u8 first[4];
	__be16 payload_len;
	u8 nexthdr, hop_limit;
	struct in6_addr saddr, daddr;
};

struct tcphdr {
	__be16 source, dest;
	__be32 seq, ack_seq;
	u8 res1 : 4, doff : 4;
	u8 fin : 1, syn : 1, rst : 1, psh : 1, ack : 1, urg : 1, ece : 1, cwr : 1;
	__be16 window;
	u16 check;
	__be16 urg_ptr;
};

struct icmphdr {
	u8 type, code;
	u8 rest[6];
};

struct icmp6hdr {
	u8 icmp6_type, icmp6_code;
	u8 rest[6];
};

struct lattice_flow {
	struct in6_addr saddr, daddr;
	__be16 sport, dport;
	u8 proto;
};

#define IP_MF		    0x2000
#define IP_OFFSET	    0x1fff
#define IP6_OFFSET	    0xfff8
#define IPPROTO_HOPOPTS	    0
#define IPPROTO_ICMP	    1
#define IPPROTO_TCP	    6
#define IPPROTO_UDP	    17
#define IPPROTO_FRAGMENT    44
#define IPPROTO_ICMPV6	    58
#define ICMP_DEST_UNREACH   3
#define ICMP_TIME_EXCEEDED  11
#define ICMP_PARAMETERPROB  12
#define ICMPV6_INFOMSG_MASK 0x80
#define TCP_FLAG_SYN	    0x02u
#define TCP_FLAG_ACK	    0x10u

#define htons(v) cpu_to_be16(v)

static inline struct iphdr *ip_hdr(const struct sk_buff *skb)
{
	return (struct iphdr *)(void *)skb->data;
}

static inline struct ipv6hdr *ipv6_hdr(const struct sk_buff *skb)
{
	return (struct ipv6hdr *)(void *)skb->data;
}

static inline struct tcphdr *tcp_hdr(const struct sk_buff *skb)
{
	return (struct tcphdr *)(void *)(skb->data + skb->transport);
}

static inline const u8 *skb_tail_pointer(const struct sk_buff *skb)
{
	return skb->data + skb->linear;
}

/* Only the byte with the flags that are asked for. */
static inline u32 tcp_flag_word(const struct tcphdr *tcp)
{
	return ((const u8 *)tcp)[13];
}

static inline int ip_hdrlen(const struct sk_buff *skb)
{
	return ip_hdr(skb)->ihl * 4;
}

static inline bool ip_is_fragment(const struct iphdr *iph)
{
	return iph->frag_off & htons(IP_MF | IP_OFFSET);
}

static inline void ipv6_addr_set_v4mapped(__be32 addr, struct in6_addr *ret)
{
	*ret = (struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff } };
	ret->s6_addr32[3] = addr;
}

static inline const void *skb_header_pointer(const struct sk_buff *skb, int offset, size_t bytes,
					     void *copy)
{
	size_t at = (size_t)offset;

	if (at + bytes > skb->length)
		return NULL;
	return at + bytes <= skb->linear ? skb->data + at : memcpy(copy, skb->data + at, bytes);
}

/* The kernel's contract: past the extension headers, or to the fragment header of a later one. */
static inline int ipv6_skip_exthdr(const struct sk_buff *skb, int start, u8 *proto,
				   __be16 *frag_off)
{
	size_t at = (size_t)start;

	*frag_off = 0;
	while (*proto == IPPROTO_HOPOPTS || *proto == IPPROTO_FRAGMENT) {
		const u8 *h = skb->data + at;

		if (at + 8 > skb->length)
			return -1;
		if (*proto == IPPROTO_FRAGMENT) {
			memcpy(frag_off, h + 2, 2);
			if (*frag_off & htons(IP6_OFFSET)) {
				*proto = h[0];
				return (int)at + 8;
			}
		}
		at += *proto == IPPROTO_FRAGMENT ? 8 : (size_t)(h[1] + 1) * 8;
		*proto = h[0];
	}
	return (int)at;
}

#endif
