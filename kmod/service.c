// SPDX-License-Identifier: GPL-2.0-only
/*
 * Services of a namespace. Each entry of a table uses one; a service that the next table names
 * again keeps its counters, one that no table names goes after a grace period.
 */

#include "service.h"

#include <linux/err.h>
#include <linux/slab.h>

static void free_service(struct rcu_head *rcu)
{
	struct lattice_service *service = container_of(rcu, struct lattice_service, rcu);

	free_percpu(service->counters);
	kfree(service);
}

static struct lattice_service *new_service(u32 number)
{
	struct lattice_service *service = kzalloc(sizeof(*service), GFP_KERNEL_ACCOUNT);

	if (!service)
		return NULL;
	service->number = number;
	service->counters = alloc_percpu_gfp(struct lattice_service_counters, GFP_KERNEL_ACCOUNT);
	if (!service->counters) {
		kfree(service);
		return NULL;
	}
	return service;
}

/* The service with @number, made when it is new, for one more entry. NULL without memory. */
struct lattice_service *lattice_service_get(struct lattice_net *ln, u32 number)
{
	struct lattice_service *service;

	lockdep_assert_held(&ln->update_lock);

	service = xa_load(&ln->services, number);
	if (!service) {
		service = new_service(number);
		if (!service)
			return NULL;
		if (xa_is_err(xa_store(&ln->services, number, service, GFP_KERNEL_ACCOUNT))) {
			free_service(&service->rcu); /* nobody has seen it */
			return NULL;
		}
	}
	service->users++;
	return service;
}

/* One entry less uses @service. Packets under way may still count in it. */
void lattice_service_put(struct lattice_net *ln, struct lattice_service *service)
{
	lockdep_assert_held(&ln->update_lock);

	if (--service->users)
		return;
	xa_erase(&ln->services, service->number);
	call_rcu(&service->rcu, free_service);
}
