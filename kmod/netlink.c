// SPDX-License-Identifier: GPL-2.0-only
/* Requests and events of <linux/lattice.h>, which describes them. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "netlink.h"

#include "flow_end.h"
#include "netlink_event.h"
#include "netlink_status.h"
#include "netlink_table.h"
#include "sockets.h"

#include <linux/inetdevice.h>
#include <linux/module.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

static const struct nla_policy lattice_policy[LATTICE_A_MAX + 1] = {
	[LATTICE_A_SOCKETS] = { .type = NLA_NESTED },
	[LATTICE_A_POOL4] = { .type = NLA_U32 },
	[LATTICE_A_POOL4_LEN] = NLA_POLICY_RANGE(NLA_U8, 8, 32),
	[LATTICE_A_POOL6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[LATTICE_A_POOL6_LEN] = NLA_POLICY_RANGE(NLA_U8, 8, 128),
	[LATTICE_A_FLOW_ENDS] = NLA_POLICY_MAX(NLA_U8, 1),
	[LATTICE_A_GENERATION] = { .type = NLA_U64 },
	[LATTICE_A_COUNT] = { .type = NLA_U32 },
	[LATTICE_A_RULE_COUNT] = { .type = NLA_U32 },
	[LATTICE_A_ENTRIES] = { .type = NLA_NESTED },
	[LATTICE_A_RULES] = { .type = NLA_NESTED },
};

static const struct nla_policy socket_policy[LATTICE_SOCKET_A_MAX + 1] = {
	[LATTICE_SOCKET_A_FD] = { .type = NLA_U32 },
};

/* Say why a request is refused, and which attribute is at fault (or NULL). @why is static. */
void lattice_netlink_say(struct genl_info *info, const struct nlattr *attr, const char *why)
{
	if (!info->extack)
		return;
	info->extack->_msg = why;
	if (attr)
		NL_SET_BAD_ATTR(info->extack, attr);
}

/* The attribute @type of the request, or NULL with the extended ack saying that it is missing. */
struct nlattr *lattice_netlink_needed(struct genl_info *info, int type, const char *what)
{
	if (!info->attrs[type])
		lattice_netlink_say(info, NULL, what);
	return info->attrs[type];
}

int lattice_netlink_not_registered(struct genl_info *info)
{
	NL_SET_ERR_MSG(info->extack, "namespace is not registered");
	return -ENOENT;
}

/* Read LATTICE_A_SOCKETS into a set; NULL in *@ret when there is none. */
static int read_sockets(struct genl_info *info, struct lattice_sockets **ret)
{
	struct nlattr *nest = info->attrs[LATTICE_A_SOCKETS], *attr;
	struct lattice_sockets *s;
	const char *why;
	int rem, err;

	*ret = NULL;
	if (!nest)
		return 0;
	err = nla_validate_nested(nest, LATTICE_SOCKET_A_MAX, socket_policy, info->extack);
	if (err)
		return err;
	s = lattice_sockets_alloc();
	if (!s)
		return -ENOMEM;
	nla_for_each_nested (attr, nest, rem) {
		err = lattice_sockets_add(s, genl_info_net(info), (int)nla_get_u32(attr), &why);
		if (err) {
			lattice_netlink_say(info, attr, why);
			goto err_free;
		}
	}
	if (!lattice_sockets_count(s)) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "LATTICE_A_SOCKETS is empty");
		err = -EINVAL;
		goto err_free;
	}
	*ret = s;
	return 0;

err_free:
	lattice_sockets_free(s);
	return err;
}

struct pools {
	__be32 addr4;
	struct in6_addr addr6;
	u8 len4, len6;
};

static struct pools get_pools(const struct lattice_net *ln)
{
	return (struct pools){ ln->pool4, ln->pool6, ln->pool4_len, ln->pool6_len };
}

static void set_pools(struct lattice_net *ln, const struct pools *p)
{
	ln->pool4 = p->addr4;
	ln->pool4_len = p->len4;
	ln->pool4_mask = inet_make_mask(p->len4);
	ln->pool6 = p->addr6;
	ln->pool6_len = p->len6;
}

/* The pools that a request asks for; those of the namespace where it does not. */
static int read_pools(const struct lattice_net *ln, struct genl_info *info, struct pools *ret)
{
	struct nlattr **a = info->attrs;
	struct in6_addr prefix;

	*ret = get_pools(ln);
	if (!a[LATTICE_A_POOL4] != !a[LATTICE_A_POOL4_LEN] ||
	    !a[LATTICE_A_POOL6] != !a[LATTICE_A_POOL6_LEN]) {
		NL_SET_ERR_MSG(info->extack, "a pool and its length go together");
		return -EINVAL;
	}
	if (a[LATTICE_A_POOL4]) {
		ret->addr4 = nla_get_in_addr(a[LATTICE_A_POOL4]);
		ret->len4 = nla_get_u8(a[LATTICE_A_POOL4_LEN]);
	}
	if (a[LATTICE_A_POOL6]) {
		ret->addr6 = nla_get_in6_addr(a[LATTICE_A_POOL6]);
		ret->len6 = nla_get_u8(a[LATTICE_A_POOL6_LEN]);
	}
	ipv6_addr_prefix(&prefix, &ret->addr6, ret->len6);
	if (ret->addr4 & ~inet_make_mask(ret->len4) || !ipv6_addr_equal(&prefix, &ret->addr6)) {
		lattice_netlink_say(info,
				    a[LATTICE_A_POOL4] ? a[LATTICE_A_POOL4] : a[LATTICE_A_POOL6],
				    "address has bits behind the prefix");
		return -EINVAL;
	}
	return 0;
}

static int set_flow_ends(struct lattice_net *ln, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[LATTICE_A_FLOW_ENDS];
	int err;

	if (!attr)
		return 0;
	err = lattice_flow_end_set(ln, nla_get_u8(attr));
	if (err)
		lattice_netlink_say(info, attr,
				    "this kernel does not tell the ends of connections");
	return err;
}

/* Register the namespace with @pools. On failure nothing has changed. */
static int register_new(struct lattice_net *ln, struct genl_info *info, const struct pools *pools)
{
	struct pools before = get_pools(ln);
	int err;

	set_pools(ln, pools);
	err = lattice_net_register(ln);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG(info->extack, "max_namespaces are registered");
	if (!err) {
		err = set_flow_ends(ln, info);
		if (err)
			lattice_net_unregister(ln);
	}
	if (err)
		set_pools(ln, &before);
	return err;
}

static bool have_pools(const struct lattice_net *ln, const struct pools *p)
{
	return p->addr4 == ln->pool4 && p->len4 == ln->pool4_len && p->len6 == ln->pool6_len &&
	       ipv6_addr_equal(&p->addr6, &ln->pool6);
}

static int handoff_set_locked(struct lattice_net *ln, struct genl_info *info,
			      struct lattice_sockets *next)
{
	struct pools pools;
	int err;

	if (ln->sockets_portid && ln->sockets_portid != info->snd_portid) {
		NL_SET_ERR_MSG(info->extack, "sockets of another netlink socket are set");
		return -EBUSY;
	}
	err = read_pools(ln, info, &pools);
	if (err)
		return err;
	if (ln->registered && !have_pools(ln, &pools)) {
		NL_SET_ERR_MSG(info->extack, "the pools of a registered namespace are fixed");
		return -EBUSY;
	}
	err = ln->registered ? set_flow_ends(ln, info) : register_new(ln, info, &pools);
	if (err)
		return err;
	lattice_sockets_publish(ln, next, info->snd_portid);
	pr_info("net:[%u] handoff to %u sockets\n", ln->net->ns.inum, lattice_sockets_count(next));
	return 0;
}

static int nl_handoff_set(struct sk_buff *skb, struct genl_info *info)
{
	struct lattice_net *ln = lattice_net(genl_info_net(info));
	struct lattice_sockets *next;
	int err;

	err = read_sockets(info, &next);
	if (err)
		return err;
	mutex_lock(&ln->update_lock);
	err = handoff_set_locked(ln, info, next);
	mutex_unlock(&ln->update_lock);
	if (err)
		lattice_sockets_free(next);
	return err;
}

static int nl_unregister(struct sk_buff *skb, struct genl_info *info)
{
	struct lattice_net *ln = lattice_net(genl_info_net(info));
	int err = 0;

	mutex_lock(&ln->update_lock);
	if (ln->registered)
		lattice_net_unregister(ln);
	else
		err = lattice_netlink_not_registered(info);
	mutex_unlock(&ln->update_lock);
	return err;
}

static const struct genl_small_ops lattice_ops[] = {
	{
		.cmd = LATTICE_CMD_HANDOFF_SET,
		.doit = nl_handoff_set,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LATTICE_CMD_UNREGISTER,
		.doit = nl_unregister,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LATTICE_CMD_TABLE_BEGIN,
		.doit = lattice_netlink_table_begin,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LATTICE_CMD_TABLE_ADD,
		.doit = lattice_netlink_table_add,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LATTICE_CMD_TABLE_COMMIT,
		.doit = lattice_netlink_table_commit,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LATTICE_CMD_TABLE_GET,
		.dumpit = lattice_netlink_table_dump,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LATTICE_CMD_STATUS_GET,
		.doit = lattice_netlink_status_get,
		.flags = GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd = LATTICE_CMD_SERVICE_GET,
		.dumpit = lattice_netlink_service_dump,
		.flags = GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group lattice_groups[] = {
	[LATTICE_GROUP_AUDIT] = { .name = LATTICE_GENL_MCGRP_AUDIT, .flags = GENL_UNS_ADMIN_PERM },
	[LATTICE_GROUP_AUDIT_ALL] = { .name = LATTICE_GENL_MCGRP_AUDIT_ALL,
				      .flags = GENL_ADMIN_PERM },
};

struct genl_family lattice_family __ro_after_init = {
	.name = LATTICE_GENL_NAME,
	.version = LATTICE_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.maxattr = LATTICE_A_MAX,
	.policy = lattice_policy,
	.small_ops = lattice_ops,
	.n_small_ops = ARRAY_SIZE(lattice_ops),
	.resv_start_op = LATTICE_CMD_UNSPEC + 1,
	.mcgrps = lattice_groups,
	.n_mcgrps = ARRAY_SIZE(lattice_groups),
};

/* A netlink socket closed: what was its own goes with it. */
static int socket_released(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct netlink_notify *n = ptr;
	struct lattice_net *ln;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	ln = lattice_net(n->net);
	mutex_lock(&ln->update_lock);
	if (ln->pending.table && ln->pending.portid == n->portid)
		lattice_pending_drop(ln);
	if (ln->sockets_portid == n->portid && n->portid) {
		lattice_sockets_publish(ln, NULL, 0);
		pr_info("net:[%u] handoff sockets gone with their owner\n", ln->net->ns.inum);
	}
	mutex_unlock(&ln->update_lock);
	return NOTIFY_DONE;
}

static struct notifier_block release_notifier = {
	.notifier_call = socket_released,
};

int __init lattice_netlink_init(void)
{
	int err;

	err = netlink_register_notifier(&release_notifier);
	if (err)
		return err;
	err = genl_register_family(&lattice_family);
	if (err)
		netlink_unregister_notifier(&release_notifier);
	return err;
}

/* No request runs when this returns. */
void lattice_netlink_exit(void)
{
	genl_unregister_family(&lattice_family);
	netlink_unregister_notifier(&release_notifier);
}
