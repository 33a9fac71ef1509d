// SPDX-License-Identifier: GPL-2.0-only
/*
 * The floor: hooks where lattice.ko has its own, in the namespace of whoever loads it, that do
 * nothing. What they cost is what netfilter takes to call a hook at all. For `make bench-kmod`.
 */
#include <linux/module.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

static struct net *net;

static unsigned int accept_all(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static const struct nf_hook_ops hooks[] = {
	{
		.hook = accept_all,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_MANGLE,
	},
	{
		.hook = accept_all,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP6_PRI_MANGLE,
	},
};

static int __init empty_hook_init(void)
{
	int err;

	net = get_net(current->nsproxy->net_ns);
	err = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	if (err)
		put_net(net);
	return err;
}

static void __exit empty_hook_exit(void)
{
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	put_net(net);
}

module_init(empty_hook_init);
module_exit(empty_hook_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Netfilter hooks that do nothing");
