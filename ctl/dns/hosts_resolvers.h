/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom to ask, in which order: the resolvers of a resolv.conf, which is read again when it has
 * changed, beginning with the one that answered last.
 */
#ifndef LATTICE_DNS_HOSTS_RESOLVERS_H
#define LATTICE_DNS_HOSTS_RESOLVERS_H

#include "dns/resolv_conf.h"

#include <sys/stat.h>

struct hosts_resolvers {
	const char *path;
	struct resolvers list;
	unsigned preferred;
	bool was_read;
	uint64_t looked_ms;
	struct stat seen;
};

void hosts_resolvers_init(struct hosts_resolvers *h, const char *path);
void hosts_resolvers_refresh(struct hosts_resolvers *h, uint64_t now_ms);
const struct sock_addr *hosts_resolvers_nth(const struct hosts_resolvers *h, unsigned n);

#endif
