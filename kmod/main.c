// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading, and the coming and going of namespaces. Nothing else. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "audit.h"
#include "hook.h"
#include "lattice.h"
#include "netlink.h"
#include "sockets.h"
#include "table.h"

#include <linux/inetdevice.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

static unsigned int lattice_net_id __read_mostly;

struct lattice_net *lattice_net(const struct net *net)
{
	return net_generic(net, lattice_net_id);
}

int lattice_net_register(struct lattice_net *ln)
{
	struct lattice_table *empty;
	int err;

	lockdep_assert_held(&ln->update_lock);

	ln->counters = alloc_percpu(struct lattice_counters);
	if (!ln->counters)
		return -ENOMEM;
	err = lattice_audit_init(ln);
	if (err)
		goto err_counters;
	err = -ENOMEM;
	empty = lattice_table_alloc(0);
	if (!empty)
		goto err_audit;
	lattice_table_publish(ln, empty);
	err = lattice_hook_register(ln);
	if (err)
		goto err_table;
	ln->registered = true;
	pr_info("net:[%u] registered, pool %pI4/%u\n", ln->net->ns.inum, &ln->pool4, ln->pool4_len);
	return 0;

err_table:
	lattice_table_publish(ln, NULL);
err_audit:
	lattice_audit_fini(ln);
err_counters:
	free_percpu(ln->counters);
	ln->counters = NULL;
	return err;
}

void lattice_net_unregister(struct lattice_net *ln)
{
	lockdep_assert_held(&ln->update_lock);

	ln->registered = false;
	lattice_hook_unregister(ln); /* waits for packets in flight */
	lattice_sockets_publish(ln, NULL, 0);
	lattice_table_publish(ln, NULL);
	lattice_audit_fini(ln);
	free_percpu(ln->counters);
	ln->counters = NULL;
	pr_info("net:[%u] unregistered\n", ln->net->ns.inum);
}

static int __net_init lattice_net_init(struct net *net)
{
	struct lattice_net *ln = lattice_net(net);

	ln->net = net;
	mutex_init(&ln->update_lock);
	ln->pool4 = htonl(0xa9feab00); /* 169.254.171.0/24 */
	ln->pool4_len = 24;
	ln->pool4_mask = inet_make_mask(24);
	return 0;
}

static void __net_exit lattice_net_exit(struct net *net)
{
	struct lattice_net *ln = lattice_net(net);

	mutex_lock(&ln->update_lock);
	lattice_table_free(ln->pending.table);
	ln->pending.table = NULL;
	if (ln->registered)
		lattice_net_unregister(ln);
	mutex_unlock(&ln->update_lock);
}

static struct pernet_operations lattice_net_ops = {
	.init = lattice_net_init,
	.exit = lattice_net_exit,
	.id = &lattice_net_id,
	.size = sizeof(struct lattice_net),
};

static int __init lattice_init(void)
{
	int err;

	err = register_pernet_subsys(&lattice_net_ops);
	if (err)
		return err;
	err = lattice_netlink_init();
	if (err)
		goto err_pernet;
	pr_info("version " LATTICE_VERSION " loaded\n");
	return 0;

err_pernet:
	unregister_pernet_subsys(&lattice_net_ops);
	return err;
}

static void __exit lattice_exit(void)
{
	lattice_netlink_exit();
	unregister_pernet_subsys(&lattice_net_ops);
	rcu_barrier(); /* no callback may outlive our text */
	pr_info("unloaded\n");
}

module_init(lattice_init);
module_exit(lattice_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The Lattice authors");
MODULE_DESCRIPTION("Steers traffic for link-local Lattice addresses to handoff sockets");
MODULE_VERSION(LATTICE_VERSION);
MODULE_ALIAS_GENL_FAMILY(LATTICE_GENL_NAME);
