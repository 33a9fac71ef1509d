/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of the workers, by their numbers. */
#ifndef LATTICE_TELEMETRY_METRICS_WORKER_H
#define LATTICE_TELEMETRY_METRICS_WORKER_H

#include "telemetry/metrics.h"

void metrics_worker_write(struct buf *to, const struct metrics_source *s);

#endif
