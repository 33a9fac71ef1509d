/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Targets that speak HTTP/2: a worker's requests to one of them share its connections, a stream
 * for each exchange.
 */
#ifndef LATTICE_PROXY_H2_TARGET_H
#define LATTICE_PROXY_H2_TARGET_H

#include "proxy/side.h"

struct worker_vpc;

extern const struct target_ops target_h2;

void h2_target_forget(struct worker_vpc *v);

#endif
