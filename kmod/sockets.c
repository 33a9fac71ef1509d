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

/* An empty set with room for @room sockets, or NULL. */
struct lattice_sockets *lattice_sockets_alloc(u32 room)
{
	struct lattice_sockets *s;

	return kzalloc(struct_size(s, at, room), GFP_KERNEL_ACCOUNT);
}

static const char *unfit(const struct sock *sk, const struct net *net)
{
	if (sock_net(sk) != net)
		return "socket is of another network namespace";
	if (sk->sk_family != AF_INET || sk->sk_type != SOCK_STREAM ||
	    sk->sk_protocol != IPPROTO_TCP)
		return "not an IPv4 TCP socket";
	if (READ_ONCE(sk->sk_state) != TCP_LISTEN)
		return "socket does not listen";
	return NULL;
}

/* Add the caller's socket @fd, for which there is room. 0, or -errno with the reason in @why. */
int lattice_sockets_add(struct lattice_sockets *s, struct net *net, int fd, const char **why)
{
	struct socket *sock;
	int err;

	sock = sockfd_lookup(fd, &err);
	if (!sock) {
		*why = "no such socket";
		return err;
	}
	*why = unfit(sock->sk, net);
	if (*why) {
		sockfd_put(sock);
		return -EINVAL;
	}
	/* Listeners are freed after a grace period, so packets need no reference of their own. */
	sock_set_flag(sock->sk, SOCK_RCU_FREE);
	sock_hold(sock->sk);
	s->at[s->count++] = sock->sk;
	sockfd_put(sock);
	return 0;
}

/* Let go of the sockets of a set that no packet can see. NULL is fine. */
void lattice_sockets_free(struct lattice_sockets *s)
{
	u32 i;

	if (!s)
		return;
	for (i = 0; i < s->count; i++)
		sock_put(s->at[i]);
	kfree(s);
}

/* The listening socket for a connection with @hash, or NULL. Under RCU. */
struct sock *lattice_sockets_choose(const struct lattice_sockets *s, u32 hash)
{
	u32 i, at;

	if (!s)
		return NULL;
	at = reciprocal_scale(hash, s->count);
	for (i = 0; i < s->count; i++) {
		struct sock *sk = s->at[at];

		if (likely(READ_ONCE(sk->sk_state) == TCP_LISTEN))
			return sk;
		if (++at == s->count)
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
