/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AnyIP: `local POOL dev lo src ADDRESS` in a namespace, where ADDRESS is its first global IPv4
 * one. Behind it a guard, `unreachable POOL` in the main table: the kernel itself drops the local
 * route when ADDRESS or lo goes, and the pool must not leak to a default route meanwhile. The
 * addresses of the name server are taken in the same way, without a guard.
 * A netlink socket stays in the namespace in which it was opened, so none of this enters it
 * again.
 */
#include "steer/route.h"

#include "model/address.h"
#include "steer/ask.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

enum { LO_INDEX = 1 }; /* in every namespace */

enum { REQUEST_BYTES = 512, EVENTS_BYTES = 16384 };

union request {
	struct nlmsghdr header;
	char bytes[REQUEST_BYTES];
};

/* @groups: of RTMGRP_. NULL with errno set on failure. */
static struct mnl_socket *open_socket(unsigned groups)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int err;

	if (s && mnl_socket_bind(s, groups, MNL_SOCKET_AUTOPID)) {
		err = errno;
		mnl_socket_close(s);
		errno = err;
		return NULL;
	}
	return s;
}

/* Ready for the namespace entered. 0 or -errno, and then nothing is held. */
int route_open(struct route *r, const struct pool *pool)
{
	int err;

	*r = (struct route){ .pool = *pool };
	r->requests = open_socket(0);
	if (!r->requests)
		return -errno;
	r->events = open_socket(RTMGRP_LINK | RTMGRP_IPV4_IFADDR);
	if (!r->events) {
		err = -errno;
		route_close(r);
		return err;
	}
	return 0;
}

void route_close(struct route *r)
{
	if (r->requests)
		mnl_socket_close(r->requests);
	if (r->events)
		mnl_socket_close(r->events);
	r->requests = r->events = NULL;
}

int route_events_fd(const struct route *r)
{
	return mnl_socket_get_fd(r->events);
}

static int talk(struct route *r, struct nlmsghdr *h, mnl_cb_t each, void *context)
{
	h->nlmsg_seq = ++r->sequence;
	return ask_kernel(r->requests, h, each, context);
}

static int set_lo_up(struct route *r)
{
	union request q = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(&q);
	struct ifinfomsg *link;

	h->nlmsg_type = RTM_NEWLINK;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	link = mnl_nlmsg_put_extra_header(h, sizeof(*link));
	link->ifi_index = LO_INDEX;
	link->ifi_flags = IFF_UP;
	link->ifi_change = IFF_UP;
	return talk(r, h, NULL, NULL);
}

static bool pool_has(const struct pool *pool, struct in_addr a)
{
	return ((ntohl(a.s_addr) ^ ntohl(pool->addr.s_addr)) >> (32 - pool->bits)) == 0;
}

struct source {
	const struct pool *pool;
	struct in_addr addr;
	bool found;
};

static int see_address(const struct nlmsghdr *h, void *context)
{
	const struct ifaddrmsg *a = mnl_nlmsg_get_payload(h);
	struct source *s = context;
	const struct nlattr *attr;
	struct in_addr addr;

	if (s->found || a->ifa_scope != RT_SCOPE_UNIVERSE || a->ifa_index == LO_INDEX)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, h, sizeof(*a))
	{
		if (mnl_attr_get_type(attr) != IFA_LOCAL ||
		    mnl_attr_get_payload_len(attr) != sizeof(addr))
			continue;
		memcpy(&addr, mnl_attr_get_payload(attr), sizeof(addr));
		if (pool_has(s->pool, addr))
			continue;
		s->addr = addr;
		s->found = true;
	}
	return MNL_CB_OK;
}

/* The address that the namespace is known by: its first global one, if any. 0 or -errno. */
static int find_source(struct route *r, struct source *ret)
{
	union request q = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(&q);
	struct ifaddrmsg *a;

	*ret = (struct source){ .pool = &r->pool };
	h->nlmsg_type = RTM_GETADDR;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	a = mnl_nlmsg_put_extra_header(h, sizeof(*a));
	a->ifa_family = AF_INET;
	return talk(r, h, see_address, ret);
}

/* What a route leads to. */
struct dest {
	unsigned family, bits;
	const void *addr;
};

static struct dest pool_of(const struct route *r, unsigned family)
{
	if (family == AF_INET)
		return (struct dest){ family, r->pool.bits, &r->pool.addr };
	return (struct dest){ family, r->pool.bits6, &r->pool.addr6 };
}

/* Set or, with RTM_DELROUTE, delete the local route to @d or its guard; @src may be NULL. */
static int change_to(struct route *r, uint16_t type, struct dest d, uint8_t kind,
		     const struct in_addr *src)
{
	size_t bytes = d.family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	union request q = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(&q);
	struct rtmsg *m;

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	if (type == RTM_NEWROUTE)
		h->nlmsg_flags |= NLM_F_CREATE | NLM_F_REPLACE;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->rtm_family = (uint8_t)d.family;
	m->rtm_dst_len = (uint8_t)d.bits;
	m->rtm_type = kind;
	m->rtm_protocol = RTPROT_STATIC;
	mnl_attr_put(h, RTA_DST, bytes, d.addr);
	if (kind == RTN_LOCAL) {
		m->rtm_table = RT_TABLE_LOCAL;
		m->rtm_scope = RT_SCOPE_HOST;
		mnl_attr_put_u32(h, RTA_OIF, LO_INDEX);
	} else {
		m->rtm_table = RT_TABLE_MAIN;
		m->rtm_scope = RT_SCOPE_UNIVERSE;
	}
	if (src)
		mnl_attr_put(h, RTA_PREFSRC, sizeof(*src), src);
	return talk(r, h, NULL, NULL);
}

/* That of the pool of a family. */
static int change(struct route *r, uint16_t type, unsigned family, uint8_t kind,
		  const struct in_addr *src)
{
	return change_to(r, type, pool_of(r, family), kind, src);
}

/* The local route to the name server's address of a family. */
static int change_resolver(struct route *r, uint16_t type, unsigned family)
{
	struct sock_addr a = address_resolver(family);
	struct dest d = { family, family == AF_INET ? 32 : 128, &a.v6 };

	return change_to(r, type, d, RTN_LOCAL, NULL);
}

/* Is @err what a namespace answers whose IPv6 is switched off, or that has none? */
static bool means_no_ipv6(int err)
{
	return err == -EACCES || err == -ENODEV || err == -EAFNOSUPPORT || err == -EOPNOTSUPP;
}

/*
 * From now on the pool is unreachable where the local route is not. The guard of IPv6 needs lo up,
 * and goes with it until route_apply(). 0 or -errno.
 */
int route_guard(struct route *r)
{
	int err = set_lo_up(r);

	if (!err)
		err = change(r, RTM_NEWROUTE, AF_INET, RTN_UNREACHABLE, NULL);
	if (err)
		return err;
	err = change(r, RTM_NEWROUTE, AF_INET6, RTN_UNREACHABLE, NULL);
	return means_no_ipv6(err) ? 0 : err;
}

/*
 * Bring lo up and the pool in, whatever was there before. IPv6 picks a source address by itself
 * (RFC 6724), so that its route needs none. 0 or -errno.
 */
int route_apply(struct route *r, bool with_ipv6)
{
	struct source source;
	int err;

	err = set_lo_up(r);
	if (!err)
		err = find_source(r, &source);
	if (!err)
		err = change(r, RTM_NEWROUTE, AF_INET, RTN_LOCAL,
			     source.found ? &source.addr : NULL);
	if (!err && with_ipv6)
		err = change(r, RTM_NEWROUTE, AF_INET6, RTN_UNREACHABLE, NULL);
	if (!err && with_ipv6)
		err = change(r, RTM_NEWROUTE, AF_INET6, RTN_LOCAL, NULL);
	if (!err)
		err = change_resolver(r, RTM_NEWROUTE, AF_INET);
	if (!err && with_ipv6)
		err = change_resolver(r, RTM_NEWROUTE, AF_INET6);
	return err;
}

/* Did this change what route_apply() looks at? What route_apply() causes itself must not count. */
static int see_event(const struct nlmsghdr *h, void *context)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(h);
	bool *ret = context;

	if (h->nlmsg_type == RTM_NEWADDR || h->nlmsg_type == RTM_DELADDR)
		*ret = true;
	if (h->nlmsg_type == RTM_NEWLINK && link->ifi_index == LO_INDEX &&
	    !(link->ifi_flags & IFF_UP))
		*ret = true;
	return MNL_CB_OK;
}

/* Take what events there are; true when the route must be applied anew. */
bool route_needs_apply(struct route *r)
{
	char events[EVENTS_BYTES] __attribute__((aligned(8)));
	bool needed = false;
	ssize_t n;

	for (;;) {
		n = recv(route_events_fd(r), events, sizeof(events), MSG_DONTWAIT);
		if (n > 0)
			mnl_cb_run(events, (size_t)n, 0, 0, see_event, &needed);
		else if (n < 0 && errno == ENOBUFS)
			needed = true; /* some were lost */
		else if (n == 0 || errno != EINTR)
			return needed;
	}
}

/* Undo the routes; what is gone already is fine. */
void route_remove(struct route *r)
{
	change_resolver(r, RTM_DELROUTE, AF_INET);
	change_resolver(r, RTM_DELROUTE, AF_INET6);
	change(r, RTM_DELROUTE, AF_INET, RTN_LOCAL, NULL);
	change(r, RTM_DELROUTE, AF_INET6, RTN_LOCAL, NULL);
	change(r, RTM_DELROUTE, AF_INET, RTN_UNREACHABLE, NULL);
	change(r, RTM_DELROUTE, AF_INET6, RTN_UNREACHABLE, NULL);
}
