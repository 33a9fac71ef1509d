/* SPDX-License-Identifier: GPL-2.0-only */
/* A service as the module knows it: a number, and counters that outlive the table naming it. */
#ifndef _LATTICE_SERVICE_H
#define _LATTICE_SERVICE_H

#include "lattice.h"

struct lattice_service_counters {
	u64 at[__LATTICE_COUNTER_SERVICE_MAX];
};

struct lattice_service {
	struct rcu_head rcu;
	u32 number;
	u32 users; /* entries of tables; update_lock */
	struct lattice_service_counters __percpu *counters;
};

struct lattice_service *lattice_service_get(struct lattice_net *ln, u32 number);
void lattice_service_put(struct lattice_net *ln, struct lattice_service *service);

static inline void lattice_service_count(struct lattice_service *service, enum lattice_counter c)
{
	this_cpu_inc(service->counters->at[c]);
}

#endif
