/* SPDX-License-Identifier: Apache-2.0 */
/* Letters to workers, a new one only when the last was answered. */
#include "latticed/plane_pulse.h"

#include "base/clock.h"

#include <stdlib.h>

static bool is_answered(const struct plane_pulse *p, unsigned i)
{
	return atomic_load_explicit(&p->workers[i].pulse.sent_us, memory_order_acquire) ==
	       p->sent_us[i];
}

static void beat(struct timer *t)
{
	struct plane_pulse *p = container_of(t, struct plane_pulse, beat);
	unsigned i;

	for (i = 0; i < p->count; i++) {
		struct worker_letter *l = is_answered(p, i) ? calloc(1, sizeof(*l)) : NULL;

		if (!l)
			continue;
		p->sent_us[i] = clock_mono_us();
		l->letter.kind = WORKER_PING;
		l->sent_us = p->sent_us[i];
		worker_send(&p->workers[i], l);
	}
	timer_arm(p->loop, t, PLANE_PULSE_MS);
}

/* Begin; the workers run, and @p knows them. */
void plane_pulse_start(struct plane_pulse *p)
{
	p->beat.expired = beat;
	beat(&p->beat);
}

/* How each worker was when it last answered, or is, when it does not. */
void plane_pulse_read(const struct plane_pulse *p, uint64_t now_us,
		      struct metrics_worker ret[LATTICE_WORKERS_MAX])
{
	unsigned i;

	for (i = 0; i < p->count; i++) {
		const struct worker_pulse *from = &p->workers[i].pulse;
		bool answered = is_answered(p, i);
		uint64_t since_us = now_us > p->sent_us[i] ? now_us - p->sent_us[i] : 0;

		ret[i].lag_us = atomic_load_explicit(&from->lag_us, memory_order_relaxed);
		if (!answered && since_us > ret[i].lag_us)
			ret[i].lag_us = since_us;
		ret[i].generation = atomic_load_explicit(&from->generation, memory_order_relaxed);
		ret[i].conns = atomic_load_explicit(&from->conns, memory_order_relaxed);
	}
}
