/* SPDX-License-Identifier: Apache-2.0 */
/* From an address back to the services that have it. */
#include "model/binding.h"

static const struct snap_listener *find_listener(const struct snap_service *s, uint16_t port)
{
	size_t i;

	for (i = 0; i < s->listener_count; i++)
		if (s->listeners[i].port == port)
			return &s->listeners[i];
	return NULL;
}

/* Move @b, all-zero at first, to the next service of @n that listens at @addr. False: no more. */
bool binding_next(const struct snapshot *s, const struct snap_network *n,
		  const struct sock_addr *addr, struct binding *b)
{
	uint32_t step, number = address_number(s->pool, addr, &step);
	size_t end = n ? n->word_count * 64 : 0;

	if (!number)
		return false;
	if (b->service)
		number = step ? b->service->index + step : end;
	for (; number < end; number += step) {
		const struct snap_service *service =
			snap_network_has(n, number) ? snapshot_find_service(s, number) : NULL;
		const struct snap_listener *l = service ? find_listener(service, addr->port) : NULL;

		if (l) {
			*b = (struct binding){ service, l };
			return true;
		}
		if (!step)
			break;
	}
	return false;
}

/*
 * What a client of @v that connected to @addr wants; false: nothing is there. A service that is
 * alone at its address has it whatever @host the client names; others must be named.
 */
bool binding_find(const struct snapshot *s, const struct snap_vpc *v, const struct sock_addr *addr,
		  struct str host, struct binding *ret)
{
	const struct snap_network *n = snapshot_find_network(s, v->network);
	struct binding next;

	*ret = (struct binding){ 0 };
	if (!binding_next(s, n, addr, ret))
		return false;
	next = *ret;
	if (!binding_next(s, n, addr, &next))
		return true;
	while (!snap_service_has_name(ret->service, host))
		if (!binding_next(s, n, addr, ret))
			return false;
	return true;
}
