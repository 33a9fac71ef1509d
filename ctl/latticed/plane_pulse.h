/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the workers are: each gets a letter now and then and says how long it lay. One that does not
 * answer is late by the time since. Belongs to the control thread.
 */
#ifndef LATTICE_LATTICED_PLANE_PULSE_H
#define LATTICE_LATTICED_PLANE_PULSE_H

#include "proxy/worker.h"
#include "telemetry/metrics.h"

enum { PLANE_PULSE_MS = 2000 };

struct plane_pulse {
	struct loop *loop;
	struct worker *workers;
	unsigned count;
	struct timer beat;
	uint64_t sent_us[LATTICE_WORKERS_MAX]; /* of the letter that was sent last */
};

void plane_pulse_start(struct plane_pulse *p);
void plane_pulse_read(const struct plane_pulse *p, uint64_t now_us,
		      struct metrics_worker ret[LATTICE_WORKERS_MAX]);

#endif
