// SPDX-License-Identifier: GPL-2.0-only
/*
 * A packet to the pool: a SYN is handed to a handoff socket or refused, what is not TCP is refused,
 * everything else finds its established socket by itself. Nothing is ever left to the namespace's
 * own listeners: one on 0.0.0.0 must not answer for a service.
 */

#include "steer.h"

#include "audit.h"
#include "filter.h"
#include "service.h"
#include "sockets.h"
#include "table.h"
#include "tuple.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/jhash.h>
#include <linux/netfilter_bridge.h>
#include <linux/skbuff.h>
#include <net/inet6_hashtables.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>
#include <net/tcp.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

static void reject(struct sk_buff *skb, const struct nf_hook_state *state, bool is_tcp)
{
	if (state->pf == NFPROTO_IPV4) {
		if (is_tcp)
			nf_send_reset(state->net, NULL, skb, state->hook);
		else
			nf_send_unreach(skb, ICMP_PKT_FILTERED, state->hook);
		return;
	}
#if IS_ENABLED(CONFIG_IPV6)
	if (is_tcp)
		nf_send_reset6(state->net, NULL, skb, state->hook);
	else
		nf_send_unreach6(state->net, skb, ICMPV6_ADM_PROHIBITED, state->hook);
#endif
}

/* Refuse @flow for @reason, at once and audibly. @service may be NULL. */
static unsigned int refuse(struct lattice_net *ln, struct sk_buff *skb,
			   const struct nf_hook_state *state, const struct lattice_flow *flow,
			   enum lattice_counter reason, struct lattice_service *service)
{
	lattice_count(ln, reason);
	if (service)
		lattice_service_count(service, reason);
	trace_lattice_verdict(ln->net, flow, reason);
	lattice_audit_verdict(ln, reason, flow, service);
	if (reason != LATTICE_COUNTER_MALFORMED)
		reject(skb, state, reason != LATTICE_COUNTER_NOT_TCP);
	return NF_DROP;
}

/* The socket, or what is left of one, that TCP has for this very connection, with a reference. */
static struct sock *find_established(const struct nf_hook_state *state, const struct sk_buff *skb,
				     const struct lattice_flow *flow)
{
	struct net *net = state->net;
	struct inet_hashinfo *hashinfo = net->ipv4.tcp_death_row.hashinfo;

#if IS_ENABLED(CONFIG_IPV6)
	if (state->pf == NFPROTO_IPV6)
		return __inet6_lookup_established(net, hashinfo, &flow->saddr, flow->sport,
						  &flow->daddr, ntohs(flow->dport),
						  skb->dev->ifindex, inet6_sdif(skb));
#endif
	return __inet_lookup_established(net, hashinfo, flow->saddr.s6_addr32[3], flow->sport,
					 flow->daddr.s6_addr32[3], ntohs(flow->dport),
					 skb->dev->ifindex, inet_sdif(skb));
}

/*
 * Is the connection that this packet belongs to known already? Then TCP is to judge it: a repeated
 * SYN of a handshake, or a stray one. A socket in TIME_WAIT gives way to a SYN, as it would if the
 * port's listener were found by TCP itself.
 */
static bool is_known(const struct nf_hook_state *state, const struct sk_buff *skb,
		     const struct lattice_flow *flow, bool is_syn)
{
	struct sock *sk = find_established(state, skb, flow);

	if (!sk)
		return false;
	if (is_syn && sk->sk_state == TCP_TIME_WAIT) {
		inet_twsk_deschedule_put(inet_twsk(sk));
		return false;
	}
	sock_gen_put(sk);
	return true;
}

/* A frame that crosses a bridge of the namespace, between two others, is theirs. */
static bool is_bridged(const struct sk_buff *skb)
{
#if IS_ENABLED(CONFIG_BRIDGE_NETFILTER)
	const struct nf_bridge_info *bridge = nf_bridge_info_get(skb);

	return bridge && bridge->pkt_otherhost;
#else
	return false;
#endif
}

/* Give the packet to @sk, which RCU keeps: TCP takes it from there instead of looking one up. */
static void assign(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_pfree;
}

/*
 * A listener whose queue is full answers with SYN cookies and keeps nothing, so that the last
 * packet of the handshake finds no socket: note that such packets are ours to steer, for as long as
 * a cookie is good.
 */
static void note_cookies(struct lattice_net *ln, struct sock *sk)
{
	if (likely(!inet_csk_reqsk_queue_is_full(sk) &&
		   READ_ONCE(ln->net->ipv4.sysctl_tcp_syncookies) != 2))
		return;
	WRITE_ONCE(ln->cookies_at, jiffies | 1);
}

static bool cookies_are_out(struct lattice_net *ln)
{
	unsigned long at = READ_ONCE(ln->cookies_at);

	if (likely(!at))
		return false;
	if (time_before(jiffies, at + TCP_SYNCOOKIE_VALID))
		return true;
	WRITE_ONCE(ln->cookies_at, 0);
	return false;
}

static u32 hash_client(const struct lattice_flow *flow)
{
	return jhash_2words((__force u32)flow->saddr.s6_addr32[3], (__force u32)flow->sport, 0);
}

/* Give a packet that begins (or, with a cookie, completes) a connection to a handoff socket. */
static unsigned int hand_off(struct lattice_net *ln, struct sk_buff *skb,
			     const struct nf_hook_state *state, const struct lattice_flow *flow,
			     bool is_syn)
{
	/* Netfilter calls us inside rcu_read_lock(). */
	const struct lattice_table *table = rcu_dereference(ln->table);
	const struct lattice_sockets *sockets = rcu_dereference(ln->sockets);
	const struct lattice_entry *entry;
	struct sock *sk = NULL;

	entry = lattice_table_find(table, &flow->daddr, flow->dport);
	if (!entry)
		return refuse(ln, skb, state, flow, LATTICE_COUNTER_NO_SERVICE, NULL);
	if (table->filter && !lattice_filter_admits(table->filter, &flow->saddr, flow->dport))
		return refuse(ln, skb, state, flow, LATTICE_COUNTER_FILTERED, entry->service);
	if (sockets)
		sk = lattice_sockets_choose(state->pf == NFPROTO_IPV4 ? &sockets->ipv4
								      : &sockets->ipv6,
					    hash_client(flow));
	if (!sk)
		return refuse(ln, skb, state, flow, LATTICE_COUNTER_NO_SOCKET, entry->service);
	assign(skb, sk);
	if (!is_syn)
		return NF_ACCEPT;
	note_cookies(ln, sk);
	lattice_count(ln, LATTICE_COUNTER_STEERED);
	lattice_service_count(entry->service, LATTICE_COUNTER_STEERED);
	trace_lattice_verdict(ln->net, flow, LATTICE_COUNTER_STEERED);
	lattice_audit_verdict(ln, LATTICE_COUNTER_STEERED, flow, entry->service);
	return NF_ACCEPT;
}

static unsigned int judge(struct lattice_net *ln, struct sk_buff *skb,
			  const struct nf_hook_state *state, enum lattice_packet packet,
			  const struct lattice_flow *flow)
{
	bool is_syn = packet == LATTICE_PACKET_SYN;

	if (is_bridged(skb))
		return NF_ACCEPT;
	switch (packet) {
	case LATTICE_PACKET_SEGMENT:
		if (!cookies_are_out(ln))
			return NF_ACCEPT;
		fallthrough;
	case LATTICE_PACKET_SYN:
		if (is_known(state, skb, flow, is_syn))
			return NF_ACCEPT;
		return hand_off(ln, skb, state, flow, is_syn);
	case LATTICE_PACKET_ASIDE:
		return NF_ACCEPT;
	case LATTICE_PACKET_NOT_TCP:
		return refuse(ln, skb, state, flow, LATTICE_COUNTER_NOT_TCP, NULL);
	case LATTICE_PACKET_MALFORMED:
		break;
	}
	return refuse(ln, skb, state, flow, LATTICE_COUNTER_MALFORMED, NULL);
}

/* The verdict on @skb, whose destination is in the pool. */
unsigned int lattice_steer_ipv4(struct lattice_net *ln, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct lattice_flow flow;
	enum lattice_packet packet;

	if (likely(lattice_tuple_is_segment_ipv4(skb) && !cookies_are_out(ln)))
		return NF_ACCEPT;
	packet = lattice_tuple_ipv4(skb, &flow);
	return judge(ln, skb, state, packet, &flow);
}

unsigned int lattice_steer_ipv6(struct lattice_net *ln, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct lattice_flow flow;
	enum lattice_packet packet;

	if (likely(lattice_tuple_is_segment_ipv6(skb) && !cookies_are_out(ln)))
		return NF_ACCEPT;
	packet = lattice_tuple_ipv6(skb, &flow);
	return judge(ln, skb, state, packet, &flow);
}
