/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One VPC as the broker holds it: a namespace by its place, which may be away, and what was put
 * into it. vpc_new(), vpc_refresh() now and then, vpc_publish() for tables, and vpc_free() at the
 * end.
 */
#ifndef LATTICE_STEER_VPC_H
#define LATTICE_STEER_VPC_H

#include "io/loop.h"
#include "steer/place.h"
#include "steer/resolver.h"
#include "steer/route.h"

/* What all VPCs share; outlives them. */
struct vpc_site {
	const struct steer_ops *steer;
	struct loop *loop;
	struct netns home;
	struct pool pool;
	struct processes processes;
	unsigned workers;
	bool tells_ends; /* see struct handoff */
	struct keep keep;
	struct list present; /* VPCs whose namespace is held */
};

struct vpc {
	struct vpc_site *site;
	uint32_t number;
	char path[LINK_PATH_BYTES]; /* how it is found */
	struct place place;

	/* while the namespace is there and all is in place: error is 0 */
	int error;
	struct netns netns;
	struct list link; /* in site->present */
	struct handoff handoff;
	struct route route;
	struct resolver resolver;
	struct watch route_events;
	void *steering;
	unsigned kept; /* fds that the service manager keeps; 0: none */

	struct table pending, table; /* arriving, and last committed: kept while away */

	/* owner: the broker */
	bool is_wanted; /* set by this plane */
	bool is_untold; /* the plane has not heard of the present state */
	bool has_all;	/* at the end: its clients have what they were sent */
};

struct vpc *vpc_new(struct vpc_site *site, uint32_t number, const char *path);
void vpc_free(struct vpc *v);
void vpc_leave(struct vpc *v);
void vpc_clear(struct vpc_site *site, const struct netns *n);
bool vpc_refresh(struct vpc *v);
int vpc_publish(struct vpc *v);
int vpc_count(struct vpc *v, struct steer_counters *ret);
void vpc_refuse(struct vpc *v);
uint64_t vpc_count_unsent(const struct vpc *v);
int vpc_make_upstreams(struct vpc *v, unsigned family, unsigned count, struct link_fds *ret);

#endif
