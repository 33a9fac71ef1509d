/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds through the VPCs: each answer asks for the next one. */
#include "latticed/plane_counters.h"

#include <errno.h>

/* Ask for the next VPC of the round that there is, or end the round. 0 or -errno. */
static int ask_next(struct plane_counters *p)
{
	while (p->next < LATTICE_VPCS_MAX && p->vpcs->state[p->next] != PLANE_VPC_ACTIVE)
		p->next++;
	if (p->next < LATTICE_VPCS_MAX) {
		struct link_msg m = { .kind = LINK_COUNTERS, .vpc = p->next++ };

		return plane_link_send(p->link, &m);
	}
	timer_arm(p->loop, &p->round, PLANE_COUNTERS_MS);
	return 0;
}

static void begin_round(struct timer *t)
{
	struct plane_counters *p = container_of(t, struct plane_counters, round);

	p->next = 0;
	/* A line that is broken is found so by whoever reads it. */
	if (ask_next(p))
		timer_arm(p->loop, &p->round, PLANE_COUNTERS_MS);
}

/* Begin; @p has what is set once. 0 or -errno. */
int plane_counters_start(struct plane_counters *p)
{
	p->round.expired = begin_round;
	return ask_next(p);
}

/* A LINK_COUNTERS came. 0 or -errno. */
int plane_counters_take(struct plane_counters *p, const struct link_msg *m)
{
	if (m->vpc >= LATTICE_VPCS_MAX || timer_is_armed(&p->round))
		return -EBADMSG;
	p->at[m->vpc] = m->error ? (struct steer_counters){ 0 } : m->counters;
	return ask_next(p);
}

/* A LINK_VPC_STATE came: what was counted in another namespace is not this one's. */
void plane_counters_vpc(struct plane_counters *p, const struct link_msg *m)
{
	if (m->vpc < LATTICE_VPCS_MAX)
		p->at[m->vpc] = (struct steer_counters){ 0 };
}
