// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attestation. The client of an accepted connection, if it lives in the same namespace, is the
 * socket whose four-tuple is ours reversed; who made that socket is what the kernel vouches for. A
 * client behind the namespace has no socket here. Nobody else can: packets from outside with a
 * local source address are martians.
 */

#include "origin.h"

#include "lattice.h"

#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/netfilter.h>
#include <linux/uaccess.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/ipv6.h>
#include <net/tcp_states.h>

/* The end of the connection that is not @sk, if it is in this namespace, with a reference. */
static struct sock *find_peer(const struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct net *net = sock_net(sk);
	struct inet_hashinfo *hashinfo = net->ipv4.tcp_death_row.hashinfo;

#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return __inet6_lookup_established(net, hashinfo, &sk->sk_v6_rcv_saddr,
						  inet->inet_sport, &sk->sk_v6_daddr,
						  ntohs(inet->inet_dport), 0, 0);
#endif
	return __inet_lookup_established(net, hashinfo, inet->inet_saddr, inet->inet_sport,
					 inet->inet_daddr, ntohs(inet->inet_dport), 0, 0);
}

static bool is_steered(const struct sock *sk, const struct lattice_net *ln)
{
	if (sk->sk_protocol != IPPROTO_TCP || !READ_ONCE(ln->registered))
		return false;
	if (sk->sk_state == TCP_LISTEN || sk->sk_state == TCP_CLOSE)
		return false;
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return ipv6_prefix_equal(&sk->sk_v6_rcv_saddr, &ln->pool6, ln->pool6_len);
#endif
	return !((inet_sk(sk)->inet_saddr ^ ln->pool4) & ln->pool4_mask);
}

/* What the kernel knows of the socket @peer; one that is in TIME_WAIT or half made has nobody. */
static void describe(const struct sock *peer, struct lattice_peer *ret)
{
	if (!sk_fullsock(peer))
		return;
	ret->flags |= LATTICE_PEER_LOCAL;
	ret->uid = from_kuid_munged(current_user_ns(), sock_i_uid((struct sock *)peer));
#ifdef CONFIG_SOCK_CGROUP_DATA
	ret->cgroup_id = cgroup_id(sock_cgroup_ptr((struct sock_cgroup_data *)&peer->sk_cgrp_data));
#endif
}

static int get_peer(struct sock *sk, int optname, void __user *user, int *len)
{
	struct lattice_net *ln = lattice_net(sock_net(sk));
	struct lattice_peer p = {};
	struct sock *peer;

	if (*len <= 0)
		return -EINVAL;
	if (!is_steered(sk, ln))
		return -ENOENT;
	p.netns_cookie = sock_net(sk)->net_cookie;
	peer = find_peer(sk);
	if (peer) {
		describe(peer, &p);
		sock_gen_put(peer);
	}
	*len = min_t(int, *len, sizeof(p));
	return copy_to_user(user, &p, *len) ? -EFAULT : 0;
}

static struct nf_sockopt_ops options[] = {
	{
		.pf = PF_INET,
		.get_optmin = LATTICE_SO_PEER,
		.get_optmax = LATTICE_SO_PEER + 1,
		.get = get_peer,
		.owner = THIS_MODULE,
	},
#if IS_ENABLED(CONFIG_IPV6)
	{
		.pf = PF_INET6,
		.get_optmin = LATTICE_SO_PEER,
		.get_optmax = LATTICE_SO_PEER + 1,
		.get = get_peer,
		.owner = THIS_MODULE,
	},
#endif
};

int __init lattice_origin_init(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		err = nf_register_sockopt(&options[i]);
		if (err)
			goto err_options;
	}
	return 0;

err_options:
	while (i--)
		nf_unregister_sockopt(&options[i]);
	return err;
}

void lattice_origin_exit(void)
{
	int i = ARRAY_SIZE(options);

	while (i--)
		nf_unregister_sockopt(&options[i]);
}
