/* SPDX-License-Identifier: Apache-2.0 */
/* The streams that a client passed over: one with a higher number was opened first. */
#ifndef LATTICE_PROXY_H2_IDS_H
#define LATTICE_PROXY_H2_IDS_H

#include <stdbool.h>
#include <stdint.h>

/* Clients pass over none; of one that does it often, the latest are known. */
enum { H2_SKIPS_MAX = 4 };

struct h2_ids {
	int32_t last; /* that was opened; 0: none */
	unsigned count;
	struct h2_skip {
		int32_t from, to;
	} skips[H2_SKIPS_MAX]; /* in turn, the oldest is overwritten */
};

bool h2_ids_open(struct h2_ids *ids, int32_t id);

#endif
