/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weighted choice by a golden-ratio sequence: ticket k stands at the fractional part of k times
 * the golden ratio, and each choice owns a stretch of [0,1) as long as its share. Such points fill
 * every stretch in proportion, and neighbours in time fall far apart, so the shares are met over
 * any run of requests and no choice is served in bursts.
 */
#include "balance/weighted.h"

/* 2^32 over the golden ratio, rounded to odd. */
#define GOLDEN_STEP UINT32_C(0x9e3779b1)

/* The forward whose turn @ticket is; NULL when all weights are zero. Tickets count up from 0. */
const struct snap_forward *weighted_choose(const struct snap_action *a, uint32_t ticket)
{
	uint32_t point = ticket * GOLDEN_STEP;
	uint64_t at = (uint64_t)point * a->weight_sum >> 32;
	size_t i;

	for (i = 0; i < a->forward_count; i++) {
		if (at < a->forward[i].weight)
			return &a->forward[i];
		at -= a->forward[i].weight;
	}
	return NULL;
}
