/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line between broker and plane: messages of one fixed size over a SOCK_SEQPACKET pair, fds
 * beside them. The broker trusts nothing in a message: the plane reads the network.
 *
 * The plane says                          the broker answers
 *   LINK_VPC_SET  vpc, place                LINK_VPC_STATE vpc, error, one listener fd a worker
 *                                           for IPv4, then as many or none for IPv6, then count
 *                                           sockets of the name server (steer/resolver.h); and
 *                                           again whenever the namespace goes or comes back
 *   LINK_VPC_REMOVE vpc                     nothing
 *   LINK_SYNCED                             nothing: VPCs not set since the plane started go
 *   LINK_TABLE_BEGIN vpc, generation, count, and with has_filter rule_count: without it every
 *                                           client is admitted, without rules none
 *     or, with base, which generation it
 *     changes: bindings that are new, and
 *     those that go (LINK_SERVICE_NONE)
 *   LINK_TABLE_ADD vpc, bindings            (as often as needed)
 *   LINK_TABLE_RULES vpc, rules             (as often as needed)
 *   LINK_TABLE_COMMIT vpc, generation       LINK_TABLE_DONE vpc, generation, error
 *   LINK_SOCKETS vpc, family, count, worker LINK_SOCKETS with the fds: unconnected, nonblocking
 *     and generation, as the plane likes    TCP sockets of that namespace, or error and none; the
 *                                           rest as it was said
 *   LINK_HOST_SOCKETS family, type, count,  LINK_HOST_SOCKETS alike, of type SOCK_STREAM or
 *     and as above                          SOCK_DGRAM, of the broker's own namespace;
 *                                           or one of AF_UNIX and SOCK_DGRAM
 *   LINK_CGROUP worker and as generation    LINK_CGROUP with the path, or with an error and ""
 *     the id of a cgroup
 *   LINK_COUNTERS vpc                       LINK_COUNTERS vpc with the counters, or with an error
 * LINK_PEERS brings listening unix sockets of the API beside the first, when there are to be some.
 * LINK_SIGNED brings the listening TCP sockets of the API, when there are to be some.
 * LINK_METRICS brings the listening socket for metrics, when there is to be one.
 * LINK_FLOWS brings the socket of the module's audit and the listener of who reads flow logs.
 * LINK_VPC_STATE has the inode number of the namespace as its generation.
 * LINK_ALIVE, where a service manager wants to know, asks for a LINK_ALIVE from the control thread.
 * LINK_REOPEN tells the plane that log files may have been renamed.
 * The broker's first message is LINK_HELLO with how it steers (steer_describe()) and two fds: the
 * listening sockets of the API and of the access log. Each side ends when the other closes.
 */
#ifndef LATTICE_STEER_LINK_H
#define LATTICE_STEER_LINK_H

#include "model/prefix.h"
#include "steer/counters.h"

#include <lattice/limits.h>

enum link_kind {
	LINK_HELLO = 1,
	LINK_VPC_SET,
	LINK_VPC_REMOVE,
	LINK_SYNCED,
	LINK_VPC_STATE,
	LINK_TABLE_BEGIN,
	LINK_TABLE_ADD,
	LINK_TABLE_COMMIT,
	LINK_TABLE_DONE,
	LINK_SOCKETS,
	LINK_TABLE_RULES,
	LINK_HOST_SOCKETS,
	LINK_REOPEN,
	LINK_METRICS,
	LINK_CGROUP,
	LINK_FLOWS,
	LINK_SIGNED,
	LINK_COUNTERS,
	LINK_PEERS,
	LINK_ALIVE,
};

enum {
	LINK_BINDINGS_MAX = 32,			      /* in one LINK_TABLE_ADD */
	LINK_RULES_MAX = 24,			      /* in one LINK_TABLE_RULES */
	LINK_NAME_SOCKETS_MAX = 4,		      /* of the name server of one VPC */
	LINK_LISTENERS_MAX = 2 * LATTICE_WORKERS_MAX, /* of one VPC */
	LINK_FDS_MAX = LINK_LISTENERS_MAX + LINK_NAME_SOCKETS_MAX, /* the kernel takes 253 */
	LINK_SOCKETS_MAX = 32,					   /* asked for at once */
	LINK_CGROUP_BYTES = 640, /* of a cgroup's path, terminated; of a longer one the beginning */
	LINK_PATH_BYTES = 256,	 /* of a place (steer/place.h), terminated */
};

/* In the place of a service: the entry goes. */
#define LINK_SERVICE_NONE UINT32_MAX

struct link_binding {
	struct sock_addr addr;
	uint32_t service;
};

/* One message; members that its kind does not use are zero. */
struct link_msg {
	uint32_t kind;
	uint32_t vpc;
	uint64_t generation, base;
	int32_t error;	/* 0 or -errno */
	uint32_t count; /* bindings of the table, bindings or rules of this message, or sockets */
	uint32_t has_filter, rule_count;
	uint32_t worker;
	uint32_t family;
	uint32_t type; /* SOCK_STREAM or SOCK_DGRAM */
	union {
		char path[LINK_PATH_BYTES];
		char cgroup[LINK_CGROUP_BYTES];
		struct link_binding bindings[LINK_BINDINGS_MAX];
		struct ingress rules[LINK_RULES_MAX];
		struct steer_counters counters;
	};
};

struct link_fds {
	int at[LINK_FDS_MAX];
	unsigned count;
};

int link_send(int fd, const struct link_msg *m, const struct link_fds *fds);
int link_recv(int fd, struct link_msg *ret, struct link_fds *ret_fds);
void link_fds_close(struct link_fds *fds);

#endif
