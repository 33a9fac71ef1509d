/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place that log lines are written to, as the scribe sees it: each way of writing has its ops.
 * Belongs to the scribe's thread but for its counts.
 */
#ifndef LATTICE_TELEMETRY_LOG_SINK_H
#define LATTICE_TELEMETRY_LOG_SINK_H

#include "base/list.h"
#include "model/log_place.h"
#include "telemetry/log_batch.h"

#include <stdatomic.h>

struct log_sink;

struct log_sink_ops {
	/* Take whole lines; what cannot be kept is counted as lost. */
	void (*write)(struct log_sink *k, struct str lines, uint32_t count);
	/* The end of a turn: let go of what was taken. */
	void (*flush)(struct log_sink *k);
	/* The file may have been renamed: begin another. */
	void (*reopen)(struct log_sink *k);
	/* Flush, close and free. */
	void (*close)(struct log_sink *k);
};

struct log_sink {
	const struct log_sink_ops *ops;
	struct list link; /* in the scribe's sinks */
	enum log_way way;
	char *identity; /* with its way unlike any other's */
	bool is_wanted;
	uint64_t last_mark; /* that wrote to it, so that none is written twice */

	/* any thread */
	atomic_ullong *written, *lost; /* lines, of all sinks */
};

#endif
