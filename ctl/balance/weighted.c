/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weighted choice by turns: each choice owns a stretch of a cycle as long as its weight, and ticket
 * k takes the place k strides on. Since the stride has no divisor in common with the cycle, every
 * place is taken once in each cycle: the shares are met exactly, whatever ticket begins. Since it
 * is near the golden ratio of the cycle, neighbours in time fall far apart: no choice is served in
 * bursts.
 */
#include "balance/weighted.h"

/* The forward whose turn @ticket is; NULL when all weights are zero. Tickets count up from 0. */
const struct snap_forward *weighted_choose(const struct snap_action *a, uint32_t ticket)
{
	uint64_t at;
	size_t i;

	if (a->forward_count == 1)
		return a->forward[0].weight ? &a->forward[0] : NULL;
	if (!a->cycle)
		return NULL;
	at = (uint64_t)(ticket % a->cycle) * a->stride % a->cycle;
	for (i = 0; i < a->forward_count; i++) {
		uint32_t share = a->forward[i].weight / a->unit;

		if (at < share)
			return &a->forward[i];
		at -= share;
	}
	return NULL;
}
