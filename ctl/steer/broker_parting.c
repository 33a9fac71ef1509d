/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time between the end of the last plane and that of steering. New connections are refused
 * already; what was answered is still on its way to clients who read slowly.
 */
#include "base/clock.h"
#include "base/log.h"
#include "steer/broker_state.h"

enum {
	LOOK_MS = 50,
	STALL_MS = 3000,   /* without any progress: those clients are gone */
	PARTING_MS = 4000, /* in all; the manager kills somewhat later */
};

/*
 * The kernel looks through the sockets of all namespaces to find those of one. So each is asked
 * about until it has nothing left, and none after the time is up.
 */
static uint64_t count_unsent(struct broker *b)
{
	uint64_t all = 0;
	unsigned i;

	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		struct vpc *v = b->vpcs[i];
		uint64_t n;

		if (!v || v->has_all)
			continue;
		if (clock_mono_ms() - b->parting.since_ms >= PARTING_MS)
			break;
		n = vpc_count_unsent(v);
		v->has_all = !n;
		all += n;
	}
	return all;
}

static void look(struct timer *t)
{
	struct broker *b = container_of(t, struct broker, parting.timer);
	struct broker_parting *p = &b->parting;
	uint64_t left = count_unsent(b), now_ms = clock_mono_ms();

	if (left != p->left)
		p->moved_ms = now_ms;
	p->left = left;
	if (left && now_ms - p->moved_ms < STALL_MS && now_ms - p->since_ms < PARTING_MS) {
		timer_arm(&b->loop, t, LOOK_MS);
		return;
	}
	if (left)
		log_warn("clients have not taken what they were sent bytes=%llu",
			 (unsigned long long)left);
	loop_stop(&b->loop);
}

/* The plane is gone and none follows: end the loop, when clients have what it said to them. */
void broker_part(struct broker *b)
{
	struct broker_parting *p = &b->parting;
	unsigned i;

	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		if (b->vpcs[i])
			vpc_refuse(b->vpcs[i]);
	}
	p->timer.expired = look;
	p->since_ms = p->moved_ms = clock_mono_ms();
	look(&p->timer);
}
