// SPDX-License-Identifier: GPL-2.0-only
/* The table's transaction: begin, add, commit. A refused part ends it; what is in force stays. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "netlink_table.h"

#include "filter.h"
#include "service.h"
#include "table.h"

#include <linux/moduleparam.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

static unsigned int max_entries = 40000;
module_param(max_entries, uint, 0444);
MODULE_PARM_DESC(max_entries, "entries of one namespace's table, up to 1000000 (40000)");

static unsigned int max_rules = 1024;
module_param(max_rules, uint, 0444);
MODULE_PARM_DESC(max_rules, "security group rules of one namespace, up to 65536 (1024)");

/* What no parameter can go beyond. */
#define ENTRIES_BOUND 1000000U
#define RULES_BOUND   65536U

static const struct nla_policy entries_policy[LATTICE_ENTRIES_A_MAX + 1] = {
	[LATTICE_ENTRIES_A_ENTRY] = { .type = NLA_NESTED },
};

static const struct nla_policy entry_policy[LATTICE_ENTRY_A_MAX + 1] = {
	[LATTICE_ENTRY_A_ADDR4] = { .type = NLA_U32 },
	[LATTICE_ENTRY_A_ADDR6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[LATTICE_ENTRY_A_PORT] = { .type = NLA_U16 },
	[LATTICE_ENTRY_A_SERVICE] = { .type = NLA_U32 },
};

static const struct nla_policy rules_policy[LATTICE_RULES_A_MAX + 1] = {
	[LATTICE_RULES_A_RULE] = { .type = NLA_NESTED },
};

static const struct nla_policy rule_policy[LATTICE_RULE_A_MAX + 1] = {
	[LATTICE_RULE_A_ADDR4] = { .type = NLA_U32 },
	[LATTICE_RULE_A_ADDR6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[LATTICE_RULE_A_LEN] = NLA_POLICY_MAX(NLA_U8, 128),
	[LATTICE_RULE_A_PORT_MIN] = { .type = NLA_U16 },
	[LATTICE_RULE_A_PORT_MAX] = { .type = NLA_U16 },
};

/* Drop the unfinished transaction, if there is one. */
void lattice_pending_drop(struct lattice_net *ln)
{
	lockdep_assert_held(&ln->update_lock);

	lattice_table_free(ln, ln->pending.table);
	memset(&ln->pending, 0, sizeof(ln->pending));
}

/* A table as @info announces it; NULL, with *@err set, when it does not or there is no memory. */
static struct lattice_table *new_table(struct genl_info *info, int *err)
{
	struct nlattr *count = info->attrs[LATTICE_A_COUNT];
	struct nlattr *rules = info->attrs[LATTICE_A_RULE_COUNT];
	struct lattice_table *table;

	*err = -ERANGE;
	if (nla_get_u32(count) > min(max_entries, ENTRIES_BOUND)) {
		lattice_netlink_say(info, count, "more than max_entries");
		return NULL;
	}
	if (rules && nla_get_u32(rules) > min(max_rules, RULES_BOUND)) {
		lattice_netlink_say(info, rules, "more than max_rules");
		return NULL;
	}
	*err = -ENOMEM;
	table = lattice_table_alloc(nla_get_u32(count));
	if (!table)
		return NULL;
	table->generation = nla_get_u64(info->attrs[LATTICE_A_GENERATION]);
	if (rules) {
		table->filter = lattice_filter_alloc(nla_get_u32(rules));
		if (!table->filter) {
			kvfree(table);
			return NULL;
		}
	}
	*err = 0;
	return table;
}

int lattice_netlink_table_begin(struct sk_buff *skb, struct genl_info *info)
{
	struct lattice_net *ln = lattice_net(genl_info_net(info));
	struct lattice_table *table;
	int err;

	if (!lattice_netlink_needed(info, LATTICE_A_GENERATION,
				    "LATTICE_A_GENERATION is missing") ||
	    !lattice_netlink_needed(info, LATTICE_A_COUNT, "LATTICE_A_COUNT is missing"))
		return -EINVAL;
	table = new_table(info, &err);
	if (!table)
		return err;

	mutex_lock(&ln->update_lock);
	if (!ln->registered) {
		err = lattice_netlink_not_registered(info);
	} else if (ln->pending.table && ln->pending.portid != info->snd_portid) {
		NL_SET_ERR_MSG(info->extack, "another netlink socket's transaction is open");
		err = -EBUSY;
	} else {
		lattice_pending_drop(ln);
		ln->pending = (struct lattice_pending){
			.table = table,
			.count = nla_get_u32(info->attrs[LATTICE_A_COUNT]),
			.rule_count = table->filter ? table->filter->room : 0,
			.portid = info->snd_portid,
		};
	}
	if (err)
		lattice_table_free(ln, table);
	mutex_unlock(&ln->update_lock);
	return err;
}

/* Read one of two attributes into @ret, IPv4 as IPv4-mapped. 0, or -EINVAL when not one is there.
 */
static int read_addr(const struct nlattr *addr4, const struct nlattr *addr6, struct in6_addr *ret)
{
	if (!addr4 == !addr6)
		return -EINVAL;
	if (addr4) {
		ipv6_addr_set_v4mapped(nla_get_in_addr(addr4), ret);
		return 0;
	}
	*ret = nla_get_in6_addr(addr6);
	return ipv6_addr_v4mapped(ret) ? -EINVAL : 0;
}

static int add_entry(struct lattice_net *ln, struct genl_info *info, const struct nlattr *nest)
{
	struct nlattr *tb[LATTICE_ENTRY_A_MAX + 1];
	struct lattice_entry entry;
	int err;

	err = nla_parse_nested(tb, LATTICE_ENTRY_A_MAX, nest, entry_policy, info->extack);
	if (err)
		return err;
	if (!tb[LATTICE_ENTRY_A_PORT] || !tb[LATTICE_ENTRY_A_SERVICE] ||
	    read_addr(tb[LATTICE_ENTRY_A_ADDR4], tb[LATTICE_ENTRY_A_ADDR6], &entry.addr)) {
		lattice_netlink_say(info, nest, "entry needs ADDR4 or ADDR6, PORT and SERVICE");
		return -EINVAL;
	}
	entry.port = nla_get_be16(tb[LATTICE_ENTRY_A_PORT]);
	if (!entry.port) {
		lattice_netlink_say(info, tb[LATTICE_ENTRY_A_PORT], "port is 0");
		return -EINVAL;
	}
	if (ln->pending.table->count == ln->pending.count) {
		lattice_netlink_say(info, nest, "more entries than announced");
		return -E2BIG;
	}
	entry.service = lattice_service_get(ln, nla_get_u32(tb[LATTICE_ENTRY_A_SERVICE]));
	if (!entry.service)
		return -ENOMEM;
	err = lattice_table_insert(ln->pending.table, &entry);
	if (err) {
		lattice_service_put(ln, entry.service);
		lattice_netlink_say(info, nest, "address and port are there already");
	}
	return err;
}

/* Check and fill the prefix of @rule from @tb. 0, or -EINVAL with the words said. */
static int read_prefix(struct nlattr **tb, struct genl_info *info, struct lattice_rule *rule)
{
	unsigned int len = nla_get_u8(tb[LATTICE_RULE_A_LEN]);
	struct in6_addr prefix;

	if (tb[LATTICE_RULE_A_ADDR4]) {
		if (len > 32) {
			lattice_netlink_say(info, tb[LATTICE_RULE_A_LEN], "longer than 32 bits");
			return -EINVAL;
		}
		len += 96;
	}
	ipv6_addr_prefix(&prefix, &rule->addr, len);
	if (!ipv6_addr_equal(&prefix, &rule->addr)) {
		lattice_netlink_say(info, tb[LATTICE_RULE_A_LEN],
				    "address has bits behind the prefix");
		return -EINVAL;
	}
	rule->len = len;
	return 0;
}

static int add_rule(struct lattice_net *ln, struct genl_info *info, const struct nlattr *nest)
{
	struct lattice_filter *filter = ln->pending.table->filter;
	struct nlattr *tb[LATTICE_RULE_A_MAX + 1];
	struct lattice_rule rule;
	int err;

	err = nla_parse_nested(tb, LATTICE_RULE_A_MAX, nest, rule_policy, info->extack);
	if (err)
		return err;
	if (!tb[LATTICE_RULE_A_LEN] || !tb[LATTICE_RULE_A_PORT_MIN] ||
	    !tb[LATTICE_RULE_A_PORT_MAX] ||
	    read_addr(tb[LATTICE_RULE_A_ADDR4], tb[LATTICE_RULE_A_ADDR6], &rule.addr)) {
		lattice_netlink_say(info, nest,
				    "rule needs ADDR4 or ADDR6, LEN, PORT_MIN and PORT_MAX");
		return -EINVAL;
	}
	err = read_prefix(tb, info, &rule);
	if (err)
		return err;
	rule.port_min = nla_get_u16(tb[LATTICE_RULE_A_PORT_MIN]);
	rule.port_max = nla_get_u16(tb[LATTICE_RULE_A_PORT_MAX]);
	if (rule.port_min > rule.port_max) {
		lattice_netlink_say(info, tb[LATTICE_RULE_A_PORT_MAX], "PORT_MAX below PORT_MIN");
		return -EINVAL;
	}
	if (!filter || filter->count == filter->room) {
		lattice_netlink_say(info, nest, "more rules than announced");
		return -E2BIG;
	}
	lattice_filter_add(filter, &rule);
	return 0;
}

static int add_all(struct lattice_net *ln, struct genl_info *info, const struct nlattr *nest,
		   int (*add)(struct lattice_net *, struct genl_info *, const struct nlattr *))
{
	const struct nlattr *attr;
	int rem, err = 0;

	if (!nest)
		return 0;
	nla_for_each_nested (attr, nest, rem) {
		err = add(ln, info, attr);
		if (err)
			break;
	}
	return err;
}

static bool is_pending(struct lattice_net *ln, struct genl_info *info)
{
	if (ln->pending.table && ln->pending.portid == info->snd_portid)
		return true;
	NL_SET_ERR_MSG(info->extack, "no transaction of this netlink socket is open");
	return false;
}

int lattice_netlink_table_add(struct sk_buff *skb, struct genl_info *info)
{
	struct lattice_net *ln = lattice_net(genl_info_net(info));
	struct nlattr *entries = info->attrs[LATTICE_A_ENTRIES];
	struct nlattr *rules = info->attrs[LATTICE_A_RULES];
	int err = 0;

	if (!entries && !rules) {
		NL_SET_ERR_MSG(info->extack, "LATTICE_A_ENTRIES and LATTICE_A_RULES are missing");
		return -EINVAL;
	}
	if (entries)
		err = nla_validate_nested(entries, LATTICE_ENTRIES_A_MAX, entries_policy,
					  info->extack);
	if (!err && rules)
		err = nla_validate_nested(rules, LATTICE_RULES_A_MAX, rules_policy, info->extack);
	if (err)
		return err;

	mutex_lock(&ln->update_lock);
	if (!is_pending(ln, info)) {
		mutex_unlock(&ln->update_lock);
		return -ENOENT;
	}
	err = add_all(ln, info, entries, add_entry);
	if (!err)
		err = add_all(ln, info, rules, add_rule);
	/* A transaction with a refused part is refused whole. */
	if (err)
		lattice_pending_drop(ln);
	mutex_unlock(&ln->update_lock);
	return err;
}

/* Why the transaction cannot be committed as @generation, or NULL. */
static const char *unfit(const struct lattice_pending *p, u64 generation)
{
	if (p->table->generation != generation)
		return "another generation was begun";
	if (p->table->count != p->count)
		return "fewer entries than announced";
	if (p->table->filter && p->table->filter->count != p->rule_count)
		return "fewer rules than announced";
	return NULL;
}

static int commit_locked(struct lattice_net *ln, struct genl_info *info, u64 generation)
{
	struct lattice_pending p = ln->pending;
	const char *why;

	if (!is_pending(ln, info))
		return -ENOENT;
	why = unfit(&p, generation);
	if (why) {
		lattice_netlink_say(info, NULL, why);
		lattice_pending_drop(ln);
		return -EINVAL;
	}
	memset(&ln->pending, 0, sizeof(ln->pending));
	lattice_table_publish(ln, p.table);
	pr_info_ratelimited("net:[%u] table generation %llu with %u entries, %s\n",
			    ln->net->ns.inum, generation, p.count,
			    p.table->filter ? "filtered" : "open to every client");
	return 0;
}

int lattice_netlink_table_commit(struct sk_buff *skb, struct genl_info *info)
{
	struct lattice_net *ln = lattice_net(genl_info_net(info));
	int err;

	if (!lattice_netlink_needed(info, LATTICE_A_GENERATION, "LATTICE_A_GENERATION is missing"))
		return -EINVAL;
	mutex_lock(&ln->update_lock);
	err = commit_locked(ln, info, nla_get_u64(info->attrs[LATTICE_A_GENERATION]));
	mutex_unlock(&ln->update_lock);
	return err;
}

static int put_entry(struct sk_buff *msg, const struct lattice_entry *e)
{
	bool is_ipv4 = ipv6_addr_v4mapped(&e->addr);
	struct nlattr *nest = nla_nest_start(msg, LATTICE_ENTRIES_A_ENTRY);

	if (!nest)
		return -EMSGSIZE;
	if ((is_ipv4 ? nla_put_in_addr(msg, LATTICE_ENTRY_A_ADDR4, e->addr.s6_addr32[3])
		     : nla_put_in6_addr(msg, LATTICE_ENTRY_A_ADDR6, &e->addr)) ||
	    nla_put_be16(msg, LATTICE_ENTRY_A_PORT, e->port) ||
	    nla_put_u32(msg, LATTICE_ENTRY_A_SERVICE, e->service->number)) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int put_rule(struct sk_buff *msg, const struct lattice_rule *rule)
{
	bool is_ipv4 = ipv6_addr_v4mapped(&rule->addr);
	struct nlattr *nest = nla_nest_start(msg, LATTICE_RULES_A_RULE);

	if (!nest)
		return -EMSGSIZE;
	if ((is_ipv4 ? nla_put_in_addr(msg, LATTICE_RULE_A_ADDR4, rule->addr.s6_addr32[3])
		     : nla_put_in6_addr(msg, LATTICE_RULE_A_ADDR6, &rule->addr)) ||
	    nla_put_u8(msg, LATTICE_RULE_A_LEN, is_ipv4 ? rule->len - 96 : rule->len) ||
	    nla_put_u16(msg, LATTICE_RULE_A_PORT_MIN, rule->port_min) ||
	    nla_put_u16(msg, LATTICE_RULE_A_PORT_MAX, rule->port_max)) {
		nla_nest_cancel(msg, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/*
 * Fill one message from *@at on, which moves behind what was put: slots of the table first, then
 * rules of the filter.
 */
static int put_table(struct sk_buff *msg, const struct lattice_table *table, unsigned long *at)
{
	unsigned long slots = (unsigned long)table->mask + 1;
	bool are_entries = *at < slots;
	struct nlattr *nest;

	if (nla_put_u64_64bit(msg, LATTICE_A_GENERATION, table->generation, LATTICE_A_PAD))
		return -EMSGSIZE;
	nest = nla_nest_start(msg, are_entries ? LATTICE_A_ENTRIES : LATTICE_A_RULES);
	if (!nest)
		return -EMSGSIZE;
	for (; are_entries && *at < slots; ++*at) {
		if (table->slots[*at].port && put_entry(msg, &table->slots[*at]))
			break;
	}
	for (; !are_entries && *at - slots < table->filter->count; ++*at) {
		if (put_rule(msg, &table->filter->rules[*at - slots]))
			break;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* cb->args[0] is the next slot or, behind them, rule. */
int lattice_netlink_table_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct lattice_net *ln = lattice_net(sock_net(msg->sk));
	const struct lattice_table *table;
	unsigned long at = cb->args[0], end = 0;
	void *hdr;
	int err = 0;

	rcu_read_lock();
	table = rcu_dereference(ln->table);
	if (table)
		end = (unsigned long)table->mask + 1 + (table->filter ? table->filter->count : 0);
	if (at < end) {
		/* 0 would mean that no sequence is kept. */
		cb->seq = (unsigned int)table->generation | 1;
		hdr = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				  &lattice_family, NLM_F_MULTI, LATTICE_CMD_TABLE_GET);
		err = hdr ? put_table(msg, table, &at) : -EMSGSIZE;
		if (!err) {
			genl_dump_check_consistent(cb, hdr);
			genlmsg_end(msg, hdr);
		}
	}
	rcu_read_unlock();
	cb->args[0] = at;
	return err ? err : msg->len;
}
