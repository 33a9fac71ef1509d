// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where packets enter. Every packet of a registered namespace pays for the first line of the hook,
 * so that line is all that a packet which is not ours pays.
 */

#include "hook.h"

#include "steer.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

static unsigned int hook_ipv4(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct lattice_net *ln = priv;

	if ((ip_hdr(skb)->daddr ^ ln->pool4) & ln->pool4_mask)
		return NF_ACCEPT;
	return lattice_steer_ipv4(ln, skb, state);
}

static unsigned int hook_ipv6(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct lattice_net *ln = priv;

	if (!ipv6_prefix_equal(&ipv6_hdr(skb)->daddr, &ln->pool6, ln->pool6_len))
		return NF_ACCEPT;
	return lattice_steer_ipv6(ln, skb, state);
}

static const struct nf_hook_ops templates[LATTICE_HOOKS] = {
	{
		.hook = hook_ipv4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_MANGLE,
	},
	{
		.hook = hook_ipv6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_MANGLE,
	},
};

/* Packets meet us from here on. 0 or -errno. */
int lattice_hook_register(struct lattice_net *ln)
{
	int i;

	memcpy(ln->hooks, templates, sizeof(templates));
	for (i = 0; i < LATTICE_HOOKS; i++)
		ln->hooks[i].priv = ln;
	return nf_register_net_hooks(ln->net, ln->hooks, LATTICE_HOOKS);
}

/* No packet is in our hands when this returns. Sleeps. */
void lattice_hook_unregister(struct lattice_net *ln)
{
	nf_unregister_net_hooks(ln->net, ln->hooks, LATTICE_HOOKS);
	synchronize_rcu();
}
