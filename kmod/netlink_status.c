// SPDX-License-Identifier: GPL-2.0-only
/* Status of a namespace, and the counters of its services. */

#include "netlink_status.h"

#include "filter.h"
#include "service.h"
#include "sockets.h"
#include "table.h"

#include <net/net_namespace.h>
#include <net/sock.h>

/* Counters of one CPU as an array. */
typedef const u64 *per_cpu_at(const void *counters, int cpu);

static const u64 *net_at(const void *counters, int cpu)
{
	const struct lattice_counters __percpu *c = (const void __force __percpu *)counters;

	return per_cpu_ptr(c, cpu)->at;
}

static const u64 *service_at(const void *counters, int cpu)
{
	const struct lattice_service_counters __percpu *c = (const void __force __percpu *)counters;

	return per_cpu_ptr(c, cpu)->at;
}

static int put_counters(struct sk_buff *msg, const void *counters, per_cpu_at *at, int count)
{
	struct nlattr *nest = nla_nest_start(msg, LATTICE_A_COUNTERS);
	int i, cpu;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < count; i++) {
		u64 sum = 0;

		for_each_possible_cpu (cpu)
			sum += READ_ONCE(at(counters, cpu)[i]);
		if (nla_put_u64_64bit(msg, i + 1, sum, 0))
			return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

static int put_registration(struct sk_buff *msg, struct lattice_net *ln)
{
	const struct lattice_sockets *sockets =
		rcu_dereference_protected(ln->sockets, lockdep_is_held(&ln->update_lock));

	return nla_put_string(msg, LATTICE_A_VERSION, LATTICE_VERSION) ||
	       nla_put_u8(msg, LATTICE_A_REGISTERED, ln->registered) ||
	       nla_put_u8(msg, LATTICE_A_FLOW_ENDS, ln->flow_ends) ||
	       nla_put_u32(msg, LATTICE_A_SOCKET_COUNT, lattice_sockets_count(sockets)) ||
	       nla_put_in_addr(msg, LATTICE_A_POOL4, ln->pool4) ||
	       nla_put_u8(msg, LATTICE_A_POOL4_LEN, ln->pool4_len) ||
	       nla_put_in6_addr(msg, LATTICE_A_POOL6, &ln->pool6) ||
	       nla_put_u8(msg, LATTICE_A_POOL6_LEN, ln->pool6_len);
}

static int put_table(struct sk_buff *msg, struct lattice_net *ln)
{
	const struct lattice_table *table =
		rcu_dereference_protected(ln->table, lockdep_is_held(&ln->update_lock));

	if (nla_put_u64_64bit(msg, LATTICE_A_GENERATION, table->generation, LATTICE_A_PAD) ||
	    nla_put_u32(msg, LATTICE_A_COUNT, table->count) ||
	    nla_put_u64_64bit(msg, LATTICE_A_LOST, READ_ONCE(ln->audit.lost), LATTICE_A_PAD))
		return -EMSGSIZE;
	if (table->filter && nla_put_u32(msg, LATTICE_A_RULE_COUNT, table->filter->count))
		return -EMSGSIZE;
	return put_counters(msg, (const void __force *)ln->counters, net_at, __LATTICE_COUNTER_MAX);
}

int lattice_netlink_status_get(struct sk_buff *skb, struct genl_info *info)
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
	err = put_registration(msg, ln) ? -EMSGSIZE : 0;
	if (!err && ln->registered)
		err = put_table(msg, ln);
	mutex_unlock(&ln->update_lock);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int put_service(struct sk_buff *msg, struct netlink_callback *cb,
		       const struct lattice_service *service)
{
	void *hdr = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				&lattice_family, NLM_F_MULTI, LATTICE_CMD_SERVICE_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(msg, LATTICE_A_SERVICE, service->number) ||
	    put_counters(msg, (const void __force *)service->counters, service_at,
			 __LATTICE_COUNTER_SERVICE_MAX)) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return 0;
}

/* cb->args[0] is the number from which on services are to be told; cb->args[1]: all have been. */
int lattice_netlink_service_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct lattice_net *ln = lattice_net(sock_net(msg->sk));
	struct lattice_service *service;
	unsigned long number = cb->args[0];

	if (cb->args[1])
		return 0;
	mutex_lock(&ln->update_lock);
	xa_for_each_start(&ln->services, number, service, number)
	{
		if (put_service(msg, cb, service))
			break;
	}
	mutex_unlock(&ln->update_lock);
	cb->args[0] = number;
	cb->args[1] = !service;
	return msg->len;
}
