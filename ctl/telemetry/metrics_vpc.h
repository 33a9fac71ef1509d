/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of VPCs that no worker counts: what the kernel and the name server did there. */
#ifndef LATTICE_TELEMETRY_METRICS_VPC_H
#define LATTICE_TELEMETRY_METRICS_VPC_H

#include "telemetry/metrics.h"

void metrics_vpc_write(struct buf *to, const struct metrics_source *s);

#endif
