/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The thread that answers DNS for all VPCs: dns_server_start(), then, from the control thread,
 * publish, set and drop as things change; each is a letter. dns_server_stop() waits for its end.
 */
#ifndef LATTICE_DNS_SERVER_H
#define LATTICE_DNS_SERVER_H

#include "dns/counts.h"
#include "model/snapshot.h"
#include "steer/link.h"

/* Sockets of one VPC: UDP and TCP for IPv4, then for IPv6 or none. */
enum dns_socket { DNS_UDP4, DNS_TCP4, DNS_UDP6, DNS_TCP6, DNS_SOCKETS };

struct dns_config {
	struct str region;	 /* copied */
	const char *resolv_conf; /* the host's; borrowed */
	struct str host;	 /* one more name that is looked up, borrowed; empty: none */
	/* Called in the server's thread: sockets of the host's namespace are wanted. */
	void (*need_sockets)(void *ctx, uint16_t family, int type, unsigned count);
	/* The same: what is known of the snapshot's names outside has changed; the reference moves.
	 */
	void (*hosts_changed)(void *ctx, struct hosts *h);
	void *ctx;
};

struct dns_server;

int dns_server_start(const struct dns_config *config, struct dns_server **ret)
	__attribute__((warn_unused_result));
void dns_server_publish(struct dns_server *s, struct snapshot *snapshot);
void dns_server_set_vpc(struct dns_server *s, uint32_t vpc, const int *fds, unsigned count);
void dns_server_drop_vpc(struct dns_server *s, uint32_t vpc);
void dns_server_give_sockets(struct dns_server *s, const struct link_msg *m,
			     const struct link_fds *fds);
void dns_server_count(const struct dns_server *s, uint32_t vpc, struct dns_counts *ret);
unsigned dns_server_in_flight(const struct dns_server *s);
void dns_server_stop(struct dns_server *s);

#endif
