/* SPDX-License-Identifier: Apache-2.0 */
/* Where nobody asked for traces workers are given no rules, and look at no request for them. */
#include "latticed/plane_trace.h"

#include "base/clock.h"

/* How long the plane stays for spans that wait, and how often it looks. */
enum { SPANS_MS_MAX = 2000, LOOK_MS = 20 };

/* The rules for workers, which live as long as @o; NULL: there is nothing to do. */
const struct trace_rules *plane_trace_rules(const struct options *o)
{
	return o->trace.ratio || o->trace.is_recorded ? &o->trace : NULL;
}

static void look_expired(struct timer *timer)
{
	struct plane_trace *t = container_of(timer, struct plane_trace, look);

	if (!scribe_counts(t->logs->scribe).spans_waiting || clock_mono_ms() >= t->until_ms)
		loop_stop(t->loop);
	else
		timer_arm(t->loop, timer, LOOK_MS);
}

/*
 * No request runs any more: stop the loop when the collector has all spans, or in a while. The
 * control thread runs until then, since who posts may need a socket.
 */
void plane_trace_drain(struct plane_trace *t)
{
	t->look.expired = look_expired;
	t->until_ms = clock_mono_ms() + SPANS_MS_MAX;
	look_expired(&t->look);
}
