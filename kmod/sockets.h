/* SPDX-License-Identifier: GPL-2.0-only */
/* The handoff sockets of a namespace: for each family one a worker of the daemon. */
#ifndef _LATTICE_SOCKETS_H
#define _LATTICE_SOCKETS_H

#include "lattice.h"

struct sock;

struct lattice_socket_list {
	u32 count;
	struct sock *at[LATTICE_SOCKETS_MAX];
};

struct lattice_sockets {
	struct lattice_socket_list ipv4, ipv6;
};

struct lattice_sockets *lattice_sockets_alloc(void);
int lattice_sockets_add(struct lattice_sockets *s, struct net *net, int fd, const char **why);
void lattice_sockets_free(struct lattice_sockets *s);
u32 lattice_sockets_count(const struct lattice_sockets *s);
struct sock *lattice_sockets_choose(const struct lattice_socket_list *list, u32 hash);
void lattice_sockets_publish(struct lattice_net *ln, struct lattice_sockets *next, u32 portid);

#endif
