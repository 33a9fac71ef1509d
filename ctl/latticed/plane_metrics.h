/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control thread's book of what workers counted, and what is told of it. Belongs to the
 * control thread but for plane_metrics_take().
 */
#ifndef LATTICE_LATTICED_PLANE_METRICS_H
#define LATTICE_LATTICED_PLANE_METRICS_H

#include "dns/server.h"
#include "health/prober.h"
#include "io/inbox.h"
#include "latticed/plane_logs.h"
#include "latticed/plane_pulse.h"
#include "latticed/plane_usage.h"
#include "telemetry/metrics.h"

struct plane_metrics {
	/* set once */
	struct inbox *inbox; /* the control thread's */
	int letter_kind;     /* of a letter for plane_metrics_open() */
	struct prober *prober;
	struct plane_logs *logs;
	const struct steer_counters *counters; /* by VPC number */
	const struct plane_pulse *pulse;
	struct plane_usage *usage; /* is told too */
	uint64_t started_ms;	   /* wall clock */

	const struct dns_server *dns;
	struct meters book;
	unsigned worker_count;
	uint64_t generation;
};

void plane_metrics_take(struct plane_metrics *p, const struct meter *at, size_t count);
void plane_metrics_open(struct plane_metrics *p, struct letter *l);
void plane_metrics_write(struct plane_metrics *p, const struct snapshot *s, struct buf *to);
void plane_metrics_services(struct plane_metrics *p, const struct snapshot *s, struct cJSON *into);

#endif
