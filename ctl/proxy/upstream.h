/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections to targets: upstream_open() gives an idle one or begins a new one in the target's
 * VPC; its owner is told when its state changes; upstream_release() keeps it for the next owner,
 * upstream_close() ends it.
 */
#ifndef LATTICE_PROXY_UPSTREAM_H
#define LATTICE_PROXY_UPSTREAM_H

#include "io/stream.h"
#include "model/snapshot.h"

struct worker;
struct worker_vpc;

enum upstream_state {
	UPSTREAM_NEEDS_SOCKET,
	UPSTREAM_CONNECTING,
	UPSTREAM_SECURING, /* shaking hands */
	UPSTREAM_CONNECTED,
	UPSTREAM_FAILED, /* could not connect */
};

/* What connection somebody wants. */
struct upstream_want {
	const struct snap_target *target;
	const struct sock_addr *addr; /* where to connect to; NULL: where the target is */
	bool may_reuse;		      /* an idle one will do */
	bool is_tls;
	bool wants_h2;	 /* over TLS: agree on HTTP/2, or fail */
	struct str name; /* over TLS: the host that is asked for, sent if it is a name */
	/* Over TLS: whom to believe that it is that host; NULL: anybody. Outlives the handshake. */
	const struct tls_trust *trust;
	/* Over TLS: the group, for whose target a session may be resumed; NULL: none is. */
	const struct snap_target_group *group;
};

struct upstream {
	struct list link; /* in a stock's waiters or the VPC's idle list */
	struct worker *worker;
	struct worker_vpc *vpc;
	struct stream s; /* watch.fd is -1 before there is a socket */
	struct timer timer;
	enum upstream_state state;
	bool reused;  /* has carried an earlier request */
	bool is_idle; /* in the VPC's idle list */
	bool is_h2;   /* for the count of connections; set before it is connected */
	struct sock_addr addr, target; /* the second: what it is counted for */
	bool is_tls, wants_h2;
	char *name;		       /* sent as SNI; NULL: none */
	char *host;		       /* to be proved; NULL: nothing is */
	const struct tls_trust *trust; /* until hands are shaken */
	uint64_t trust_serial;	       /* 0: none */
	uint32_t group;
	uint64_t group_serial;		     /* 0: none */
	void (*changed)(struct upstream *u); /* something happened; NULL while idle */
	void *owner;
};

struct upstream *upstream_open(struct worker *w, const struct upstream_want *want);
bool upstream_suits(const struct upstream *u, const struct upstream_want *want);
void upstream_got_sockets(struct worker_vpc *v, unsigned family);
void upstream_release(struct upstream *u);
void upstream_close(struct upstream *u);

#endif
