/* SPDX-License-Identifier: Apache-2.0 */
/* The plane's side of the name server's thread (dns/server.h): its sockets come from the broker. */
#ifndef LATTICE_LATTICED_PLANE_DNS_H
#define LATTICE_LATTICED_PLANE_DNS_H

#include "dns/server.h"

/* Whom the sockets of a LINK_HOST_SOCKETS are for: this in place of a worker's number. */
enum { PLANE_DNS = LATTICE_WORKERS_MAX };

void plane_dns_take_vpc(struct dns_server *s, const struct link_msg *m, struct link_fds *fds);
struct link_msg plane_dns_need_sockets(uint16_t family, int type, unsigned count);

#endif
