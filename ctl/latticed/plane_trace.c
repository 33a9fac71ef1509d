/* SPDX-License-Identifier: Apache-2.0 */
/* Where nobody asked for traces workers are given no rules, and look at no request for them. */
#include "latticed/plane_trace.h"

/* The rules for workers, which live as long as @o; NULL: there is nothing to do. */
const struct trace_rules *plane_trace_rules(const struct options *o)
{
	return o->trace.ratio || o->trace.is_recorded ? &o->trace : NULL;
}
