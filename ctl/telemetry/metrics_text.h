/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces of OpenMetrics text. A sample is a name, '{', labels, "} " and a value; what it is of is
 * said before all samples of its name.
 */
#ifndef LATTICE_TELEMETRY_METRICS_TEXT_H
#define LATTICE_TELEMETRY_METRICS_TEXT_H

#include "base/buf.h"

/* What is said of all samples of a name. */
struct metrics_about {
	const char *name;
	const char *type; /* counter, gauge or histogram */
	const char *unit; /* NULL: none; else the name ends with it */
	const char *help;
};

void metrics_text_about(struct buf *to, const struct metrics_about *a);
void metrics_text_label(struct buf *to, const char *name, struct str value);

#endif
