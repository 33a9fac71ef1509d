/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where names outside lead: what the plane calls by name, and the addresses that it has. The name
 * server's thread looks names up (dns/lookup.h) and makes a new book when something changed; who
 * calls has a reference to one, hosts_find(), hosts_put(). Immutable once shared.
 */
#ifndef LATTICE_MODEL_HOSTS_H
#define LATTICE_MODEL_HOSTS_H

#include "io/sock.h"

#include <stdatomic.h>

enum {
	HOSTS_MAX = 256, /* names that are looked up */
	HOST_NAME_BYTES_MAX = 253,
	HOST_ADDRESSES_MAX = 8, /* of one family */
};

enum host_state {
	HOST_PENDING,	 /* nobody has answered yet */
	HOST_RESOLVED,	 /* it has addresses */
	HOST_STALE,	 /* it has those of earlier: nobody answers any more */
	HOST_UNRESOLVED, /* it has none */
};

struct host {
	char name[HOST_NAME_BYTES_MAX + 1]; /* lower case */
	enum host_state state;
	const char *reason; /* why it has none, or old ones; static, or NULL */
	uint64_t since_ms;  /* wall clock: when it came into this state */
	unsigned count;
	struct sock_addr addrs[2 * HOST_ADDRESSES_MAX]; /* port 0; IPv4 first */
};

/* By name. */
struct hosts {
	atomic_uint refs;
	size_t count;
	struct host at[];
};

/* Names, in lower case, sorted, each once. */
struct host_names {
	struct str *at;
	size_t count;
};

struct hosts *hosts_new(size_t count) __attribute__((warn_unused_result));
struct hosts *hosts_get(struct hosts *h);
void hosts_put(struct hosts *h);
const struct host *hosts_find(const struct hosts *h, struct str name);
bool hosts_choose(const struct hosts *h, struct str name, unsigned nth, struct sock_addr *ret);
const char *host_state_word(enum host_state s);
int host_name_cmp(const void *a, const void *b);

#endif
