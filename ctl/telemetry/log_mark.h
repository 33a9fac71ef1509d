/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose lines are whose: a batch of log lines travels with marks, each saying for a run of whole
 * lines which subscriptions get it. log_marks_add() for each line.
 */
#ifndef LATTICE_TELEMETRY_LOG_MARK_H
#define LATTICE_TELEMETRY_LOG_MARK_H

#include "base/buf.h"
#include "model/log_place.h"

/* A network and a service have one subscription of each type at most. */
enum { LOG_MARK_NUMBERS_MAX = 2 * (LOG_TYPES - 1) };

struct log_mark {
	uint32_t bytes, lines;
	uint16_t count; /* 0: only readers of the log socket want it */
	uint16_t numbers[LOG_MARK_NUMBERS_MAX];
};

/* A batch is handed on at 64 K, and no line is shorter than some hundred bytes. */
enum { LOG_MARKS_BYTES_MAX = 1024 * sizeof(struct log_mark) };

void log_mark_for(struct log_mark *m, const struct log_subscriptions *s, struct str network_id,
		  struct str service_id);
void log_marks_add(struct buf *marks, const struct log_mark *m);

#endif
