/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions about names that are not ours: forwarder_ask() answers them from the cache or asks the
 * host's resolvers, over sockets of the host's namespace that forwarder_give_sockets() brings when
 * they were needed. Equal questions that run at the same time are asked once.
 */
#ifndef LATTICE_DNS_FORWARD_H
#define LATTICE_DNS_FORWARD_H

#include "dns/counts.h"
#include "dns/wire.h"
#include "io/loop.h"
#include "io/sock.h"

enum {
	FORWARDS_MAX = 256,	  /* questions on their way */
	FORWARD_WAITERS_MAX = 32, /* clients who wait for one answer */
	FORWARD_VPC_MAX = 64,	  /* clients of one VPC who wait for any */
	FORWARD_MS_MAX = 4500,	  /* then a client's libc asks again */
};

/* Where an answer goes; the server's own affair but for is_tcp and vpc. */
struct dns_client {
	uint32_t vpc; /* below LATTICE_VPCS_MAX */
	bool is_tcp;
	uint16_t family; /* of the socket that it asked */
	uint64_t epoch;	 /* of the VPC's sockets, or of the connection */
	uint32_t conn;
	struct sock_addr peer;
};

struct forward_hooks {
	void (*need_sockets)(void *ctx, uint16_t family, int type, unsigned count);
	/* @message, borrowed, answers @q and is that old; empty: there is no answer. */
	void (*answer)(void *ctx, const struct dns_client *to, const struct dns_query *q,
		       struct str message, uint32_t age_seconds);
	void *ctx;
};

struct forwarder;

struct forwarder *forwarder_new(struct loop *loop, const char *resolv_conf,
				const struct forward_hooks *hooks);
void forwarder_free(struct forwarder *f);
enum dns_fate forwarder_ask(struct forwarder *f, const struct dns_query *q,
			    const struct dns_client *client);
unsigned forwarder_waiting(const struct forwarder *f, uint32_t vpc);
unsigned forwarder_in_flight(const struct forwarder *f);
void forwarder_give_sockets(struct forwarder *f, uint16_t family, int type, const int *fds,
			    unsigned count);

#endif
