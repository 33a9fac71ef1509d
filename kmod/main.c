// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading, and the coming and going of namespaces. Nothing else. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "audit.h"
#include "flow_end.h"
#include "hook.h"
#include "lattice.h"
#include "netlink.h"
#include "origin.h"
#include "sockets.h"
#include "table.h"

#include <linux/inetdevice.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

static unsigned int max_namespaces = 4096;
module_param(max_namespaces, uint, 0444);
MODULE_PARM_DESC(max_namespaces, "network namespaces that may be registered at once (4096)");

static unsigned int lattice_net_id __read_mostly;
static atomic_t namespaces = ATOMIC_INIT(0); /* registered ones */

struct lattice_net *lattice_net(const struct net *net)
{
	return net_generic(net, lattice_net_id);
}

int lattice_net_register(struct lattice_net *ln)
{
	struct lattice_table *empty;
	int err;

	lockdep_assert_held(&ln->update_lock);

	if (!atomic_add_unless(&namespaces, 1, (int)min(max_namespaces, (unsigned int)INT_MAX)))
		return -ENOSPC;
	err = -ENOMEM;
	ln->counters = alloc_percpu(struct lattice_counters);
	if (!ln->counters)
		goto err_namespaces;
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
	WRITE_ONCE(ln->registered, true);
	pr_info("net:[%u] registered, pools %pI4/%u and %pI6c/%u\n", ln->net->ns.inum, &ln->pool4,
		ln->pool4_len, &ln->pool6, ln->pool6_len);
	return 0;

err_table:
	lattice_table_publish(ln, NULL);
err_audit:
	lattice_audit_fini(ln);
err_counters:
	free_percpu(ln->counters);
	ln->counters = NULL;
err_namespaces:
	atomic_dec(&namespaces);
	return err;
}

void lattice_net_unregister(struct lattice_net *ln)
{
	lockdep_assert_held(&ln->update_lock);

	WRITE_ONCE(ln->registered, false);
	lattice_flow_end_set(ln, false);
	lattice_hook_unregister(ln); /* waits for packets and probes in flight */
	lattice_pending_drop(ln);
	lattice_sockets_publish(ln, NULL, 0);
	lattice_table_publish(ln, NULL);
	lattice_audit_fini(ln);
	free_percpu(ln->counters);
	ln->counters = NULL;
	atomic_dec(&namespaces);
	pr_info("net:[%u] unregistered\n", ln->net->ns.inum);
}

static int __net_init lattice_net_init(struct net *net)
{
	struct lattice_net *ln = lattice_net(net);

	ln->net = net;
	mutex_init(&ln->update_lock);
	xa_init(&ln->services);
	ln->pool4 = htonl(0xa9feab00); /* 169.254.171.0/24 */
	ln->pool4_len = 24;
	ln->pool4_mask = inet_make_mask(24);
	ln->pool6.s6_addr32[0] = htonl(0xfd000ec2); /* fd00:ec2:80::/64 */
	ln->pool6.s6_addr32[1] = htonl(0x00800000);
	ln->pool6_len = 64;
	return 0;
}

static void __net_exit lattice_net_exit(struct net *net)
{
	struct lattice_net *ln = lattice_net(net);

	mutex_lock(&ln->update_lock);
	if (ln->registered)
		lattice_net_unregister(ln);
	mutex_unlock(&ln->update_lock);
	xa_destroy(&ln->services);
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

	lattice_flow_end_init();
	err = register_pernet_subsys(&lattice_net_ops);
	if (err)
		return err;
	err = lattice_origin_init();
	if (err)
		goto err_pernet;
	err = lattice_netlink_init();
	if (err)
		goto err_origin;
	pr_info("version " LATTICE_VERSION " loaded\n");
	return 0;

err_origin:
	lattice_origin_exit();
err_pernet:
	unregister_pernet_subsys(&lattice_net_ops);
	rcu_barrier();
	return err;
}

static void __exit lattice_exit(void)
{
	lattice_netlink_exit();
	lattice_origin_exit();
	unregister_pernet_subsys(&lattice_net_ops);
	lattice_flow_end_exit();
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
