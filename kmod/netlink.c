// SPDX-License-Identifier: GPL-2.0-only
/* Requests and events of <linux/lattice.h>, which describes them. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "netlink.h"

#include "sockets.h"
#include "table.h"

#include <linux/inetdevice.h>
#include <linux/module.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

static struct genl_family lattice_family;

static const struct nla_policy lattice_policy[LATTICE_A_MAX + 1] = {
	[LATTICE_A_SOCKETS] = { .type = NLA_NESTED },
	[LATTICE_A_POOL4] = { .type = NLA_U32 },
	[LATTICE_A_POOL4_LEN] = NLA_POLICY_RANGE(NLA_U8, 8, 32),
	[LATTICE_A_GENERATION] = { .type = NLA_U64 },
	[LATTICE_A_COUNT] = NLA_POLICY_MAX(NLA_U32, LATTICE_ENTRIES_MAX),
	[LATTICE_A_ENTRIES] = { .type = NLA_NESTED },
};

static const struct nla_policy socket_policy[LATTICE_SOCKET_A_MAX + 1] = {
	[LATTICE_SOCKET_A_FD] = { .type = NLA_U32 },
};

static const struct nla_policy entries_policy[LATTICE_ENTRIES_A_MAX + 1] = {
	[LATTICE_ENTRIES_A_ENTRY] = { .type = NLA_NESTED },
};

static const struct nla_policy entry_policy[LATTICE_ENTRY_A_MAX + 1] = {
	[LATTICE_ENTRY_A_ADDR4] = { .type = NLA_U32 },
	[LATTICE_ENTRY_A_PORT] = { .type = NLA_U16 },
	[LATTICE_ENTRY_A_SERVICE] = { .type = NLA_U32 },
};

/* Say why a request is refused, and which attribute is at fault (or NULL). @why is static. */
static void say(struct genl_info *info, const struct nlattr *attr, const char *why)
{
	if (!info->extack)
		return;
	info->extack->_msg = why;
	if (attr)
		NL_SET_BAD_ATTR(info->extack, attr);
}

/* The attribute @type of the request, or NULL with the extended ack saying that it is missing. */
static struct nlattr *needed(struct genl_info *info, int type, const char *what)
{
	if (!info->attrs[type])
		say(info, NULL, what);
	return info->attrs[type];
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
	s = lattice_sockets_alloc(LATTICE_SOCKETS_MAX);
	if (!s)
		return -ENOMEM;
	nla_for_each_nested (attr, nest, rem) {
		err = -EINVAL;
		why = "more than LATTICE_SOCKETS_MAX sockets";
		if (s->count < LATTICE_SOCKETS_MAX)
			err = lattice_sockets_add(s, genl_info_net(info), (int)nla_get_u32(attr),
						  &why);
		if (err) {
			say(info, attr, why);
			goto err_free;
		}
	}
	if (!s->count) {
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

/* Set the pool of a namespace that is not registered yet. */
static int set_pool(struct lattice_net *ln, struct genl_info *info)
{
	struct nlattr *addr = info->attrs[LATTICE_A_POOL4];
	struct nlattr *len = info->attrs[LATTICE_A_POOL4_LEN];

	if (!addr && !len)
		return 0;
	if (!addr || !len) {
		NL_SET_ERR_MSG(info->extack, "LATTICE_A_POOL4 and LATTICE_A_POOL4_LEN go together");
		return -EINVAL;
	}
	if (ln->registered) {
		if (nla_get_be32(addr) == ln->pool4 && nla_get_u8(len) == ln->pool4_len)
			return 0;
		NL_SET_ERR_MSG_ATTR(info->extack, addr,
				    "the pool of a registered namespace is fixed");
		return -EBUSY;
	}
	if (nla_get_be32(addr) & ~inet_make_mask(nla_get_u8(len))) {
		NL_SET_ERR_MSG_ATTR(info->extack, addr, "address has bits behind the prefix");
		return -EINVAL;
	}
	ln->pool4 = nla_get_be32(addr);
	ln->pool4_len = nla_get_u8(len);
	ln->pool4_mask = inet_make_mask(ln->pool4_len);
	return 0;
}

static int handoff_set_locked(struct lattice_net *ln, struct genl_info *info,
			      struct lattice_sockets *next)
{
	int err;

	if (ln->sockets_portid && ln->sockets_portid != info->snd_portid) {
		NL_SET_ERR_MSG(info->extack, "sockets of another netlink socket are set");
		return -EBUSY;
	}
	err = set_pool(ln, info);
	if (!err && !ln->registered)
		err = lattice_net_register(ln);
	if (err)
		return err;
	lattice_sockets_publish(ln, next, info->snd_portid);
	pr_info("net:[%u] handoff to %u sockets\n", ln->net->ns.inum, next ? next->count : 0);
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

static void drop_pending(struct lattice_net *ln)
{
	lattice_table_free(ln->pending.table);
	memset(&ln->pending, 0, sizeof(ln->pending));
}

static int not_registered(struct genl_info *info)
{
	NL_SET_ERR_MSG(info->extack, "namespace is not registered");
	return -ENOENT;
}

static int nl_unregister(struct sk_buff *skb, struct genl_info *info)
{
	struct lattice_net *ln = lattice_net(genl_info_net(info));
	int err = 0;

	mutex_lock(&ln->update_lock);
	if (ln->registered) {
		drop_pending(ln);
		lattice_net_unregister(ln);
	} else {
		err = not_registered(info);
	}
	mutex_unlock(&ln->update_lock);
	return err;
}

static int nl_table_begin(struct sk_buff *skb, struct genl_info *info)
{
	struct lattice_net *ln = lattice_net(genl_info_net(info));
	struct lattice_table *table;
	u32 count;
	int err = 0;

	if (!needed(info, LATTICE_A_GENERATION, "LATTICE_A_GENERATION is missing") ||
	    !needed(info, LATTICE_A_COUNT, "LATTICE_A_COUNT is missing"))
		return -EINVAL;
	count = nla_get_u32(info->attrs[LATTICE_A_COUNT]);
	table = lattice_table_alloc(count);
	if (!table)
		return -ENOMEM;
	table->generation = nla_get_u64(info->attrs[LATTICE_A_GENERATION]);

	mutex_lock(&ln->update_lock);
	if (!ln->registered) {
		err = not_registered(info);
	} else if (ln->pending.table && ln->pending.portid != info->snd_portid) {
		NL_SET_ERR_MSG(info->extack, "another netlink socket's transaction is open");
		err = -EBUSY;
	} else {
		drop_pending(ln);
		ln->pending = (struct lattice_pending){
			.table = table,
			.generation = table->generation,
			.count = count,
			.portid = info->snd_portid,
		};
	}
	mutex_unlock(&ln->update_lock);
	if (err)
		lattice_table_free(table);
	return err;
}

static int read_entry(const struct nlattr *nest, struct genl_info *info, struct lattice_entry *ret)
{
	struct nlattr *tb[LATTICE_ENTRY_A_MAX + 1];
	int err;

	err = nla_parse_nested(tb, LATTICE_ENTRY_A_MAX, nest, entry_policy, info->extack);
	if (err)
		return err;
	if (!tb[LATTICE_ENTRY_A_ADDR4] || !tb[LATTICE_ENTRY_A_PORT] ||
	    !tb[LATTICE_ENTRY_A_SERVICE]) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "entry needs ADDR4, PORT and SERVICE");
		return -EINVAL;
	}
	ret->addr = nla_get_be32(tb[LATTICE_ENTRY_A_ADDR4]);
	ret->port = nla_get_be16(tb[LATTICE_ENTRY_A_PORT]);
	ret->service = nla_get_u32(tb[LATTICE_ENTRY_A_SERVICE]);
	if (!ret->port) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[LATTICE_ENTRY_A_PORT], "port is 0");
		return -EINVAL;
	}
	return 0;
}

static int add_entries(struct lattice_net *ln, struct genl_info *info, struct nlattr *nest)
{
	struct lattice_entry entry;
	struct nlattr *attr;
	int rem, err;

	nla_for_each_nested (attr, nest, rem) {
		err = read_entry(attr, info, &entry);
		if (err)
			return err;
		err = -E2BIG;
		if (ln->pending.table->count < ln->pending.count)
			err = lattice_table_insert(ln->pending.table, &entry);
		if (err) {
			say(info, attr,
			    err == -EEXIST ? "address and port are there already"
					   : "more entries than announced");
			return err;
		}
	}
	return 0;
}

static bool is_pending(struct lattice_net *ln, struct genl_info *info)
{
	if (ln->pending.table && ln->pending.portid == info->snd_portid)
		return true;
	NL_SET_ERR_MSG(info->extack, "no transaction of this netlink socket is open");
	return false;
}

static int nl_table_add(struct sk_buff *skb, struct genl_info *info)
{
	struct lattice_net *ln = lattice_net(genl_info_net(info));
	struct nlattr *nest = needed(info, LATTICE_A_ENTRIES, "LATTICE_A_ENTRIES is missing");
	int err;

	if (!nest)
		return -EINVAL;
	err = nla_validate_nested(nest, LATTICE_ENTRIES_A_MAX, entries_policy, info->extack);
	if (err)
		return err;
	mutex_lock(&ln->update_lock);
	err = is_pending(ln, info) ? add_entries(ln, info, nest) : -ENOENT;
	/* A transaction with a refused part is refused whole. */
	if (err && err != -ENOENT)
		drop_pending(ln);
	mutex_unlock(&ln->update_lock);
	return err;
}

static int commit_locked(struct lattice_net *ln, struct genl_info *info, u64 generation)
{
	struct lattice_pending p = ln->pending;

	if (!is_pending(ln, info))
		return -ENOENT;
	if (p.generation != generation || p.table->count != p.count) {
		say(info, NULL,
		    p.generation != generation ? "another generation was begun"
					       : "fewer entries than announced");
		drop_pending(ln);
		return -EINVAL;
	}
	memset(&ln->pending, 0, sizeof(ln->pending));
	lattice_table_publish(ln, p.table);
	pr_info("net:[%u] table generation %llu with %u entries\n", ln->net->ns.inum, generation,
		p.count);
	return 0;
}

static int nl_table_commit(struct sk_buff *skb, struct genl_info *info)
{
	struct lattice_net *ln = lattice_net(genl_info_net(info));
	int err;

	if (!needed(info, LATTICE_A_GENERATION, "LATTICE_A_GENERATION is missing"))
		return -EINVAL;
	mutex_lock(&ln->update_lock);
	err = commit_locked(ln, info, nla_get_u64(info->attrs[LATTICE_A_GENERATION]));
	mutex_unlock(&ln->update_lock);
	return err;
}

static int put_entry(struct sk_buff *msg, const struct lattice_entry *e)
{
	struct nlattr *nest = nla_nest_start(msg, LATTICE_ENTRIES_A_ENTRY);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_be32(msg, LATTICE_ENTRY_A_ADDR4, e->addr) ||
	    nla_put_be16(msg, LATTICE_ENTRY_A_PORT, e->port) ||
	    nla_put_u32(msg, LATTICE_ENTRY_A_SERVICE, e->service)) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* Fill one message from slot *@slot on; *@slot moves behind what was put. */
static int put_table(struct sk_buff *msg, const struct lattice_table *table, unsigned long *slot)
{
	struct nlattr *nest;

	if (nla_put_u64_64bit(msg, LATTICE_A_GENERATION, table->generation, LATTICE_A_PAD))
		return -EMSGSIZE;
	nest = nla_nest_start(msg, LATTICE_A_ENTRIES);
	if (!nest)
		return -EMSGSIZE;
	for (; *slot <= table->mask; ++*slot) {
		if (table->slots[*slot].port && put_entry(msg, &table->slots[*slot]))
			break;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* cb->args[0] is the next slot. */
static int nl_table_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct lattice_net *ln = lattice_net(sock_net(msg->sk));
	const struct lattice_table *table;
	unsigned long slot = cb->args[0];
	void *hdr;
	int err = 0;

	rcu_read_lock();
	table = rcu_dereference(ln->table);
	if (table && slot <= table->mask) {
		/* 0 would mean that no sequence is kept. */
		cb->seq = (unsigned int)table->generation | 1;
		hdr = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				  &lattice_family, NLM_F_MULTI, LATTICE_CMD_TABLE_GET);
		err = hdr ? put_table(msg, table, &slot) : -EMSGSIZE;
		if (!err) {
			genl_dump_check_consistent(cb, hdr);
			genlmsg_end(msg, hdr);
		}
	}
	rcu_read_unlock();
	cb->args[0] = slot;
	return err ? err : msg->len;
}

static int put_counters(struct sk_buff *msg, struct lattice_net *ln)
{
	struct nlattr *nest = nla_nest_start(msg, LATTICE_A_COUNTERS);
	int i, cpu;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < __LATTICE_COUNTER_MAX; i++) {
		u64 sum = 0;

		for_each_possible_cpu (cpu)
			sum += READ_ONCE(per_cpu_ptr(ln->counters, cpu)->at[i]);
		if (nla_put_u64_64bit(msg, i + 1, sum, 0))
			return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int put_status(struct sk_buff *msg, struct lattice_net *ln)
{
	const struct lattice_sockets *sockets =
		rcu_dereference_protected(ln->sockets, lockdep_is_held(&ln->update_lock));
	const struct lattice_table *table =
		rcu_dereference_protected(ln->table, lockdep_is_held(&ln->update_lock));

	if (nla_put_string(msg, LATTICE_A_VERSION, LATTICE_VERSION) ||
	    nla_put_u8(msg, LATTICE_A_REGISTERED, ln->registered) ||
	    nla_put_u32(msg, LATTICE_A_SOCKET_COUNT, sockets ? sockets->count : 0) ||
	    nla_put_be32(msg, LATTICE_A_POOL4, ln->pool4) ||
	    nla_put_u8(msg, LATTICE_A_POOL4_LEN, ln->pool4_len))
		return -EMSGSIZE;
	if (!ln->registered)
		return 0;
	if (nla_put_u64_64bit(msg, LATTICE_A_GENERATION, table->generation, LATTICE_A_PAD) ||
	    nla_put_u32(msg, LATTICE_A_COUNT, table->count) ||
	    nla_put_u64_64bit(msg, LATTICE_A_LOST, READ_ONCE(ln->audit.lost), LATTICE_A_PAD))
		return -EMSGSIZE;
	return put_counters(msg, ln);
}

static int nl_status_get(struct sk_buff *skb, struct genl_info *info)
{
	struct lattice_net *ln = lattice_net(genl_info_net(info));
	struct sk_buff *msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;
	int err;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &lattice_family, 0, LATTICE_CMD_STATUS_GET);
	if (!hdr) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	mutex_lock(&ln->update_lock);
	err = put_status(msg, ln);
	mutex_unlock(&ln->update_lock);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static const struct genl_small_ops lattice_ops[] = {
	{ .cmd = LATTICE_CMD_HANDOFF_SET, .doit = nl_handoff_set, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = LATTICE_CMD_UNREGISTER, .doit = nl_unregister, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = LATTICE_CMD_TABLE_BEGIN, .doit = nl_table_begin, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = LATTICE_CMD_TABLE_ADD, .doit = nl_table_add, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = LATTICE_CMD_TABLE_COMMIT, .doit = nl_table_commit, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = LATTICE_CMD_TABLE_GET, .dumpit = nl_table_dump, .flags = GENL_UNS_ADMIN_PERM },
	{ .cmd = LATTICE_CMD_STATUS_GET, .doit = nl_status_get, .flags = GENL_UNS_ADMIN_PERM },
};

static const struct genl_multicast_group lattice_groups[] = {
	{ .name = LATTICE_GENL_MCGRP_AUDIT, .flags = GENL_UNS_ADMIN_PERM },
};

static struct genl_family lattice_family __ro_after_init = {
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

/* Does anyone in @net listen to the audit group? */
bool lattice_netlink_has_listeners(struct net *net)
{
	return genl_has_listeners(&lattice_family, net, 0);
}

static int put_event(struct sk_buff *msg, const struct lattice_event *e, u64 lost)
{
	return nla_put_u8(msg, LATTICE_A_VERDICT, e->verdict) ||
	       nla_put_be32(msg, LATTICE_A_SADDR4, e->flow.saddr) ||
	       nla_put_be16(msg, LATTICE_A_SPORT, e->flow.sport) ||
	       nla_put_be32(msg, LATTICE_A_DADDR4, e->flow.daddr) ||
	       nla_put_be16(msg, LATTICE_A_DPORT, e->flow.dport) ||
	       nla_put_u8(msg, LATTICE_A_PROTO, e->flow.proto) ||
	       nla_put_u32(msg, LATTICE_A_SERVICE, e->service) ||
	       nla_put_u64_64bit(msg, LATTICE_A_TIME, e->time_ns, LATTICE_A_PAD) ||
	       nla_put_u64_64bit(msg, LATTICE_A_LOST, lost, LATTICE_A_PAD);
}

/* Send @e to those who listen in its namespace. Whoever is too slow is told so by netlink itself.
 */
void lattice_netlink_event(struct lattice_net *ln, const struct lattice_event *e, u64 lost)
{
	struct sk_buff *msg;
	void *hdr;

	if (!lattice_netlink_has_listeners(ln->net))
		return;
	msg = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &lattice_family, 0, LATTICE_CMD_AUDIT_EVENT);
	if (!hdr || put_event(msg, e, lost)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&lattice_family, ln->net, msg, 0, 0, GFP_KERNEL);
}

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
		drop_pending(ln);
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
