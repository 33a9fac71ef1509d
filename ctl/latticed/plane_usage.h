/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What services did, brought into the store every ten seconds and at the end: a plane that is
 * killed loses so much at most. Belongs to the control thread.
 */
#ifndef LATTICE_LATTICED_PLANE_USAGE_H
#define LATTICE_LATTICED_PLANE_USAGE_H

#include "base/map.h"
#include "io/loop.h"
#include "model/snapshot.h"
#include "store/store.h"
#include "telemetry/meter.h"

enum {
	PLANE_USAGE_MS = 10 * 1000,
	PLANE_USAGE_DAYS = 100, /* that are kept */
};

struct plane_usage {
	/* set once */
	struct loop *loop;
	struct store *store;
	struct snapshot *const *snapshot; /* in force */

	struct timer flush;
	struct meters pending; /* not in the store yet */
	struct map hours;      /* by a service's id: the last hour that is in the store */
	uint64_t hour;	       /* of the last flush, since 1970 */
	bool has_failed;       /* the last time, and this was said */
};

void plane_usage_start(struct plane_usage *p);
void plane_usage_take(struct plane_usage *p, const struct meter *at, size_t count);
void plane_usage_flush(struct plane_usage *p, uint64_t now_ms);
void plane_usage_stop(struct plane_usage *p);

#endif
