/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses in a resolver's answer, for our own use. Pure. */
#ifndef LATTICE_DNS_ADDRESSES_H
#define LATTICE_DNS_ADDRESSES_H

#include "dns/wire.h"
#include "io/sock.h"
#include "model/hosts.h"

enum { ADDRESSES_ALIASES_MAX = 8 };

enum addresses_outcome {
	ADDRESSES_FAILED,  /* no answer, or none of use */
	ADDRESSES_FOUND,   /* one at least */
	ADDRESSES_NONE,	   /* the name is there and has none */
	ADDRESSES_NO_NAME, /* there is no such name */
};

struct addresses {
	struct sock_addr at[HOST_ADDRESSES_MAX]; /* port 0, sorted; the first ones of more */
	unsigned count;
	uint32_t ttl; /* seconds */
};

enum addresses_outcome addresses_read(struct str message, const struct dns_query *q,
				      struct addresses *ret);

#endif
