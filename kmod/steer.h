/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done with a packet to the pool. */
#ifndef _LATTICE_STEER_H
#define _LATTICE_STEER_H

#include "lattice.h"

struct sk_buff;

unsigned int lattice_steer_ipv4(struct lattice_net *ln, struct sk_buff *skb,
				const struct nf_hook_state *state);
unsigned int lattice_steer_ipv6(struct lattice_net *ln, struct sk_buff *skb,
				const struct nf_hook_state *state);

#endif
