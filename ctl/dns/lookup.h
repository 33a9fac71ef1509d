/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that the plane itself calls, kept looked up: lookup_want() says which, and each time that
 * something of them changes a new book is given away. Belongs to the name server's thread, whose
 * forwarder asks the host's resolvers; what that answers comes back with lookup_take().
 */
#ifndef LATTICE_DNS_LOOKUP_H
#define LATTICE_DNS_LOOKUP_H

#include "dns/forward.h"
#include "model/hosts.h"

/* How long what was answered counts, whatever it says itself; and when to ask again without. */
enum {
	LOOKUP_SECONDS_MIN = 5,
	LOOKUP_SECONDS_MAX = 3600,
	LOOKUP_RETRY_MS_MIN = 1000,
	LOOKUP_RETRY_MS_MAX = 15 * 1000,
	LOOKUPS_AT_ONCE = 16, /* names; two questions each */
};

struct lookup_hooks {
	void (*ask)(void *ctx, const struct dns_query *q, const struct dns_client *as);
	void (*changed)(void *ctx, struct hosts *h); /* the reference moves */
	void *ctx;
};

struct lookup {
	struct loop *loop;
	struct lookup_hooks hooks;
	struct timer due;
	struct list names; /* sorted */
	size_t count;
	unsigned asking;      /* names */
	uint64_t last_ticket; /* tells questions about one name from those about an earlier one */
	bool is_running;
};

void lookup_init(struct lookup *l, struct loop *loop, const struct lookup_hooks *hooks);
void lookup_fini(struct lookup *l);
void lookup_want(struct lookup *l, const struct host_names *names);
bool lookup_is_asker(const struct dns_client *c);
void lookup_take(struct lookup *l, const struct dns_client *as, const struct dns_query *q,
		 struct str message, uint32_t age_seconds);

#endif
