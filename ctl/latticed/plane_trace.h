/* SPDX-License-Identifier: Apache-2.0 */
/* Traces, as the operator asked for them. */
#ifndef LATTICE_LATTICED_PLANE_TRACE_H
#define LATTICE_LATTICED_PLANE_TRACE_H

#include "latticed/options.h"

const struct trace_rules *plane_trace_rules(const struct options *o);

#endif
