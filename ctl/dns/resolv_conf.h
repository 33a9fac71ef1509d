/* SPDX-License-Identifier: Apache-2.0 */
/* The host's resolvers, as resolv.conf(5) names them. */
#ifndef LATTICE_DNS_RESOLV_CONF_H
#define LATTICE_DNS_RESOLV_CONF_H

#include "io/sock.h"

/* libc takes three as well. */
enum { RESOLVERS_MAX = 3 };

struct resolvers {
	struct sock_addr at[RESOLVERS_MAX];
	unsigned count; /* one at least, once parsed */
};

void resolv_conf_parse(struct str text, struct resolvers *ret);

#endif
