/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS over TCP (RFC 7766): tcp_init(), tcp_accept() when a listener is readable; each message that
 * comes is given to serve(), and its answer back with tcp_send(), in any order, at once or later.
 */
#ifndef LATTICE_DNS_TCP_H
#define LATTICE_DNS_TCP_H

#include "dns/forward.h"

#include <lattice/limits.h>

enum {
	TCP_CONNS_MAX = 512,	  /* in all */
	TCP_VPC_CONNS_MAX = 64,	  /* of one VPC */
	TCP_PIPELINE_MAX = 16,	  /* questions of one connection that wait for an answer */
	TCP_IDLE_MS = 10 * 1000,  /* without a byte moved */
	TCP_LIFE_MS = 120 * 1000, /* of a connection, whatever moves */
};

struct tcp_conn;

struct tcp {
	struct loop *loop;
	/* A message came; @from is whom to answer. It may call tcp_send() at once. */
	void (*serve)(struct tcp *t, const struct dns_client *from, struct str message);
	struct tcp_conn *conns[TCP_CONNS_MAX];
	unsigned count;
	uint64_t epoch; /* of the last connection */
	uint8_t by_vpc[LATTICE_VPCS_MAX];
};

void tcp_init(struct tcp *t, struct loop *loop,
	      void (*serve)(struct tcp *t, const struct dns_client *from, struct str message));
void tcp_accept(struct tcp *t, int listener, uint32_t vpc);
void tcp_send(struct tcp *t, const struct dns_client *to, struct str message);
void tcp_close_vpc(struct tcp *t, uint32_t vpc);
void tcp_fini(struct tcp *t);

#endif
