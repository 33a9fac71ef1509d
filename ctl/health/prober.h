/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which targets take traffic: it runs the health checks, hears of failed connections and of VPCs
 * that go, and writes the standing of each target into the snapshot in force. Belongs to the
 * control thread.
 */
#ifndef LATTICE_HEALTH_PROBER_H
#define LATTICE_HEALTH_PROBER_H

#include "io/loop.h"
#include "model/snapshot.h"

#include <openssl/types.h>

/* There may be a hundred thousand targets, of which few wait for a socket. */
enum { PROBER_BUCKETS = 1 << 16, PROBER_TAG_BUCKETS = 1024 };

struct prober_hooks {
	/* Bring an unconnected socket of @vpc to prober_take_socket() with @tag, which is not 0. */
	void (*need_socket)(void *ctx, uint32_t vpc, uint16_t family, uint64_t tag);
	void *ctx;
	SSL_CTX *tls; /* for checks over TLS; NULL: they fail */
};

struct prober {
	struct loop *loop;
	struct prober_hooks hooks;
	struct snapshot *snapshot;
	uint64_t sync_count, last_tag;
	struct list by_addr[PROBER_BUCKETS];	/* all probes */
	struct list by_tag[PROBER_TAG_BUCKETS]; /* those that wait for a socket */
	struct list draining;			/* those that are in no group any more */
	bool vpc_is_gone[LATTICE_VPCS_MAX];
};

/* AWS's words; static. */
struct prober_status {
	struct str status, reason; /* reason: empty for none */
};

void prober_init(struct prober *p, struct loop *l, const struct prober_hooks *hooks);
void prober_fini(struct prober *p);
int prober_sync(struct prober *p, struct snapshot *next);
void prober_take_socket(struct prober *p, uint64_t tag, int fd);
void prober_target_failed(struct prober *p, uint32_t vpc, const struct sock_addr *addr);
void prober_vpc_changed(struct prober *p, uint32_t vpc, bool is_gone);

bool prober_find(const struct prober *p, struct str group_id, const struct sock_addr *addr,
		 struct prober_status *ret);
bool prober_find_draining(const struct prober *p, struct str group_id, size_t nth,
			  struct sock_addr *ret);

#endif
