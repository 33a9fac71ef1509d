/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs the kernel of one namespace to hand connections over: chosen once at start with
 * steer_choose(), then, for each VPC: attach(), or resume() where sockets were kept, publish() as
 * often as the table changes, and at the end detach(), or forget() when the namespace itself is
 * gone.
 */
#ifndef LATTICE_STEER_STEER_H
#define LATTICE_STEER_STEER_H

#include "model/address.h"
#include "steer/counters.h"
#include "steer/table.h"

#include <netinet/in.h>

/*
 * The handoff listeners of one namespace: one a worker, all on one port of 127.0.0.1, and behind
 * them as many on one port of ::1. A namespace without IPv6 has none of those, and port6 is 0.
 */
struct handoff {
	int fds[LINK_LISTENERS_MAX];
	unsigned count;
	uint16_t port, port6;
	bool tells_ends; /* of connections, in the audit */
	int module;	 /* fd of who set these with the module: the steering's; -1: none */
};

enum steer_mode { STEER_AUTO, STEER_KMOD, STEER_NFT };

/*
 * All but forget() are called with the namespace entered. @state is the backend's own, kept by
 * the caller from attach() on.
 */
struct steer_ops {
	const char *name;
	/* Everything sent to @pool is refused from now on. 0 or -errno, then nothing is left. */
	int (*attach)(const struct pool *pool, struct handoff *h, void **ret_state);
	/*
	 * Go on with what a broker before put in force for these listeners, until publish(). 0, or
	 * -errno, and then nothing has changed. h->module is taken in both cases.
	 */
	int (*resume)(const struct pool *pool, struct handoff *h, void **ret_state);
	/*
	 * Swap the table whole, or leave the one before in force and return -errno. @change is
	 * what differs from that one, for who would rather do only that, or NULL.
	 */
	int (*publish)(void *state, const struct table *t, const struct table *change);
	/* What was counted since attach(), or longer. 0 or -errno. */
	int (*count)(void *state, struct steer_counters *ret);
	void (*detach)(void *state);
	void (*forget)(void *state);
};

int steer_mode_parse(struct str name, enum steer_mode *ret);
const struct steer_ops *steer_choose(enum steer_mode mode);
void steer_describe(const struct steer_ops *ops, char *to, size_t room);

#endif
