/* SPDX-License-Identifier: Apache-2.0 */
/* Traces, as the operator asked for them, and the last spans when the plane ends. */
#ifndef LATTICE_LATTICED_PLANE_TRACE_H
#define LATTICE_LATTICED_PLANE_TRACE_H

#include "latticed/options.h"
#include "latticed/plane_logs.h"

/* Belongs to the control thread. */
struct plane_trace {
	struct loop *loop; /* stopped when the spans are gone */
	struct plane_logs *logs;
	struct timer look;
	uint64_t until_ms; /* of clock_mono_ms() */
};

const struct trace_rules *plane_trace_rules(const struct options *o);
void plane_trace_drain(struct plane_trace *t);

#endif
