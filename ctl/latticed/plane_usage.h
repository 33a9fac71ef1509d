/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What services did, brought into the store every ten seconds and at the end: a plane that is
 * killed loses so much at most. A pass over all of them is made of turns, each a transaction that
 * makes the control thread wait for a few milliseconds; it may do other things between them.
 * Belongs to the control thread.
 */
#ifndef LATTICE_LATTICED_PLANE_USAGE_H
#define LATTICE_LATTICED_PLANE_USAGE_H

#include "base/map.h"
#include "io/loop.h"
#include "model/snapshot.h"
#include "store/store.h"
#include "telemetry/meter.h"

enum {
	PLANE_USAGE_MS = 10 * 1000, /* from the beginning of a pass to that of the next */
	PLANE_USAGE_DAYS = 100,	    /* that are kept */
	PLANE_USAGE_ROWS = 256,	    /* written in a turn */
	PLANE_USAGE_LOOKS = 4096,   /* services looked at in a turn */
	PLANE_USAGE_TURN_MS = 10,   /* from a turn to the next */
};

struct plane_usage {
	/* set once */
	struct loop *loop;
	struct store *store;
	struct snapshot *const *snapshot; /* in force */

	struct timer flush;
	struct meters pending; /* not in the store yet */
	struct shelf known;    /* services, as of the last turn */
	struct map services;   /* those by id: place on the shelf, and the last hour in the store */
	bool has_failed;       /* the last time, and this was said */

	/* of the pass under way, or the last one */
	uint64_t hour;	    /* since 1970 */
	uint64_t began_ms;  /* of clock_mono_ms() */
	size_t counts_left; /* of those that were pending when it began */
	size_t next;	    /* place of the service whose hour is looked at next */
	bool forgets;	    /* there may be days that are too old */
	bool is_passing;
};

void plane_usage_start(struct plane_usage *p);
void plane_usage_take(struct plane_usage *p, const struct meter *at, size_t count);
void plane_usage_flush(struct plane_usage *p, uint64_t now_ms);
void plane_usage_stop(struct plane_usage *p);

#endif
