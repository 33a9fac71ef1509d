// SPDX-License-Identifier: GPL-2.0-only
/*
 * A packet to the pool: a SYN is handed to a handoff socket or refused, what is not TCP is refused,
 * everything else finds its established socket by itself. Nothing is ever left to the namespace's
 * own listeners: one on 0.0.0.0 must not answer for a service.
 */

#include "steer.h"

#include "audit.h"
#include "sockets.h"
#include "table.h"

#include <linux/icmp.h>
#include <linux/ip.h>
#include <linux/jhash.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/ip.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/tcp.h>

static unsigned int refuse(struct lattice_net *ln, struct sk_buff *skb,
			   const struct nf_hook_state *state, enum lattice_counter reason,
			   const struct lattice_flow *flow)
{
	lattice_count(ln, reason);
	lattice_audit_note(ln, reason, flow, 0);
	if (reason == LATTICE_COUNTER_NOT_TCP)
		nf_send_unreach(skb, ICMP_PKT_FILTERED, state->hook);
	else if (reason != LATTICE_COUNTER_MALFORMED)
		nf_send_reset(state->net, NULL, skb, state->hook);
	return NF_DROP;
}

/*
 * Is the connection that this SYN belongs to known already? Then TCP is to judge it: a repeated SYN
 * of a handshake, or a stray one. A socket in TIME_WAIT gives way to the new connection, as it
 * would if the port's listener were found by TCP itself.
 */
static bool is_known(struct net *net, struct sk_buff *skb, const struct lattice_flow *flow)
{
	struct sock *sk;

	sk = __inet_lookup_established(net, net->ipv4.tcp_death_row.hashinfo, flow->saddr,
				       flow->sport, flow->daddr, ntohs(flow->dport),
				       skb->dev->ifindex, inet_sdif(skb));
	if (!sk)
		return false;
	if (sk->sk_state == TCP_TIME_WAIT) {
		inet_twsk_deschedule_put(inet_twsk(sk));
		return false;
	}
	sock_gen_put(sk);
	return true;
}

/* Give the packet to @sk, which RCU keeps: TCP takes it from there instead of looking one up. */
static void assign(struct sk_buff *skb, struct sock *sk)
{
	skb_orphan(skb);
	skb->sk = sk;
	skb->destructor = sock_pfree;
}

static unsigned int steer_syn(struct lattice_net *ln, struct sk_buff *skb,
			      const struct nf_hook_state *state, const struct lattice_flow *flow)
{
	const struct lattice_entry *entry;
	struct sock *sk;

	if (is_known(state->net, skb, flow))
		return NF_ACCEPT;
	/* Netfilter calls us inside rcu_read_lock(). */
	entry = lattice_table_find(rcu_dereference(ln->table), flow->daddr, flow->dport);
	if (!entry)
		return refuse(ln, skb, state, LATTICE_COUNTER_NO_SERVICE, flow);
	sk = lattice_sockets_choose(
		rcu_dereference(ln->sockets),
		jhash_2words((__force u32)flow->saddr, (__force u32)flow->sport, 0));
	if (!sk)
		return refuse(ln, skb, state, LATTICE_COUNTER_NO_SOCKET, flow);
	assign(skb, sk);
	lattice_count(ln, LATTICE_COUNTER_STEERED);
	lattice_audit_note(ln, LATTICE_COUNTER_STEERED, flow, entry->service);
	return NF_ACCEPT;
}

/* ICMP errors about our own connections must reach TCP. */
static bool is_icmp_error(const struct sk_buff *skb, const struct iphdr *iph)
{
	struct icmphdr buf;
	const struct icmphdr *icmp;

	if (iph->protocol != IPPROTO_ICMP)
		return false;
	icmp = skb_header_pointer(skb, ip_hdrlen(skb), sizeof(buf), &buf);
	return icmp && (icmp->type == ICMP_DEST_UNREACH || icmp->type == ICMP_TIME_EXCEEDED ||
			icmp->type == ICMP_PARAMETERPROB);
}

/* The verdict on @skb, whose destination is in the pool. */
unsigned int lattice_steer_ipv4(struct lattice_net *ln, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct lattice_flow flow = { .saddr = iph->saddr,
				     .daddr = iph->daddr,
				     .proto = iph->protocol };
	const struct tcphdr *tcp;
	struct tcphdr buf;

	/* A later fragment means something only with its first one, which is judged below. */
	if (iph->frag_off & htons(IP_OFFSET))
		return NF_ACCEPT;
	if (iph->protocol != IPPROTO_TCP)
		return is_icmp_error(skb, iph)
			       ? NF_ACCEPT
			       : refuse(ln, skb, state, LATTICE_COUNTER_NOT_TCP, &flow);

	tcp = skb_header_pointer(skb, ip_hdrlen(skb), sizeof(buf), &buf);
	if (!tcp)
		return refuse(ln, skb, state, LATTICE_COUNTER_MALFORMED, &flow);
	if (likely(!tcp->syn || tcp->ack))
		return NF_ACCEPT;
	flow.sport = tcp->source;
	flow.dport = tcp->dest;
	/* TCP would see a fragmented SYN only after our hook, put together and unsteered. */
	if (ip_is_fragment(iph))
		return refuse(ln, skb, state, LATTICE_COUNTER_MALFORMED, &flow);
	return steer_syn(ln, skb, state, &flow);
}
