/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the plane needs for TLS: plane_tls_open() before the sandbox, since it opens key files;
 * plane_tls_start() when the store is open. Belongs to the control thread.
 */
#ifndef LATTICE_LATTICED_PLANE_TLS_H
#define LATTICE_LATTICED_PLANE_TLS_H

#include "io/loop.h"
#include "proxy/worker.h"
#include "store/certificates.h"

struct plane_tls {
	struct loop *loop;
	struct store *store;
	struct vault *vault;
	struct local_ca *ca;
	struct certificates *certificates;
	struct worker_tls shared;
	struct tls_tickets tickets;
	struct timer expiry, rotation;
	void (*rotated)(struct plane_tls *t); /* give the workers the tickets */
};

int plane_tls_open(struct plane_tls *t, struct loop *l, const char *state_dir);
void plane_tls_start(struct plane_tls *t, struct store *s);
void plane_tls_status(const struct worker *workers, unsigned count, struct cJSON *into);
void plane_tls_close(struct plane_tls *t);

#endif
