/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics as OpenMetrics text: CloudWatch's names for services and target groups, and their like
 * for targets, networks and VPCs. Only what the snapshot holds is a label, so that labels are as
 * many as resources.
 */
#ifndef LATTICE_TELEMETRY_METRICS_H
#define LATTICE_TELEMETRY_METRICS_H

#include "base/buf.h"
#include "dns/counts.h"
#include "model/snapshot.h"
#include "steer/counters.h"
#include "telemetry/meter.h"

#define METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

/* Text that is served at most: some ten thousand services. */
enum { METRICS_BYTES_MAX = 256 << 20 };

/* One value of the process's own, with its metadata. */
struct metrics_fact {
	const char *name; /* without "lattice_" and "_total" */
	const char *unit; /* NULL: none; else the name ends with it */
	bool is_counter;
	const char *help;
	double value;
};

/* How a worker is. */
struct metrics_worker {
	uint64_t lag_us; /* how long a letter to it lies */
	uint64_t generation;
	unsigned conns;
};

struct metrics_source {
	const struct snapshot *snapshot;
	struct meters *book;
	const struct metrics_fact *facts;
	size_t fact_count;
	const struct steer_counters *counters; /* by VPC number; NULL: there are none */
	const struct metrics_worker *workers;
	size_t worker_count;
	/* What the name server counted in a VPC; NULL: there is none. */
	void (*dns)(void *ctx, uint32_t vpc, struct dns_counts *ret);
	/* AWS's word for a target's health; empty: it is not known. */
	struct str (*health)(void *ctx, struct str group_id, const struct sock_addr *addr);
	void *ctx;
};

void metrics_write(struct buf *to, const struct metrics_source *s);

/* The time in ms that the share @part of 0 to 1 of what @buckets count is within; 0 for none. */
double metrics_quantile_ms(const uint64_t buckets[METER_BUCKETS], double part);

#endif
