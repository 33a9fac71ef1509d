// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handoff sockets. A held socket keeps its namespace alive, so it must not be held for longer than
 * someone answers for it: the set belongs to the netlink socket that set it and goes with it.
 */

#include "sockets.h"

#include <linux/file.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/sock.h>
#include <net/tcp_states.h>

/* An empty set, or NULL. */
struct lattice_sockets *lattice_sockets_alloc(void)
{
	return kzalloc(sizeof(struct lattice_sockets), GFP_KERNEL_ACCOUNT);
}

/* The list of @sk's family in @s, or NULL with the reason in @why. */
static struct lattice_socket_list *find_list(struct lattice_sockets *s, const struct sock *sk,
					     const struct net *net, const char **why)
{
	struct lattice_socket_list *list = sk->sk_family == AF_INET ? &s->ipv4 : &s->ipv6;

	if (sock_net(sk) != net)
		*why = "socket is of another network namespace";
	else if ((sk->sk_family != AF_INET && sk->sk_family != AF_INET6) ||
		 sk->sk_type != SOCK_STREAM || sk->sk_protocol != IPPROTO_TCP)
		*why = "not a TCP socket";
	else if (READ_ONCE(sk->sk_state) != TCP_LISTEN)
		*why = "socket does not listen";
	else if (list->count == LATTICE_SOCKETS_MAX)
		*why = "more than LATTICE_SOCKETS_MAX sockets of a family";
	else
		return list;
	return NULL;
}

/* Add the caller's socket @fd. 0, or -errno with the reason in @why. */
int lattice_sockets_add(struct lattice_sockets *s, struct net *net, int fd, const char **why)
{
	struct lattice_socket_list *list;
	struct socket *sock;
	int err;

	sock = sockfd_lookup(fd, &err);
	if (!sock) {
		*why = "no such socket";
		return err;
	}
	list = find_list(s, sock->sk, net, why);
	if (!list) {
		sockfd_put(sock);
		return -EINVAL;
	}
	/* Listeners are freed after a grace period, so packets need no reference of their own. */
	sock_set_flag(sock->sk, SOCK_RCU_FREE);
	sock_hold(sock->sk);
	list->at[list->count++] = sock->sk;
	sockfd_put(sock);
	return 0;
}

static void put_all(struct lattice_socket_list *list)
{
	while (list->count)
		sock_put(list->at[--list->count]);
}

/* Let go of the sockets of a set that no packet can see. NULL is fine. */
void lattice_sockets_free(struct lattice_sockets *s)
{
	if (!s)
		return;
	put_all(&s->ipv4);
	put_all(&s->ipv6);
	kfree(s);
}

/* How many sockets of both families; 0 for NULL. */
u32 lattice_sockets_count(const struct lattice_sockets *s)
{
	return s ? s->ipv4.count + s->ipv6.count : 0;
}

/* The listening socket for a connection with @hash, or NULL. Under RCU. */
struct sock *lattice_sockets_choose(const struct lattice_socket_list *list, u32 hash)
{
	u32 i, at = reciprocal_scale(hash, list->count);

	for (i = 0; i < list->count; i++) {
		struct sock *sk = list->at[at];

		if (likely(READ_ONCE(sk->sk_state) == TCP_LISTEN))
			return sk;
		if (++at == list->count)
			at = 0;
	}
	return NULL;
}

/* Make @next (or NULL: none), set by @portid, the set every later packet sees. Sleeps. */
void lattice_sockets_publish(struct lattice_net *ln, struct lattice_sockets *next, u32 portid)
{
	struct lattice_sockets *old;

	lockdep_assert_held(&ln->update_lock);

	ln->sockets_portid = next ? portid : 0;
	old = rcu_replace_pointer(ln->sockets, next, lockdep_is_held(&ln->update_lock));
	if (!old)
		return;
	synchronize_rcu();
	lattice_sockets_free(old);
}
