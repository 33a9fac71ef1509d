/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control thread's end of the line to the broker. Sending never waits: what the socket does not
 * take is queued in order, for the broker reads nothing while an answer of its own is stuck.
 */
#ifndef LATTICE_LATTICED_PLANE_LINK_H
#define LATTICE_LATTICED_PLANE_LINK_H

#include "io/loop.h"
#include "steer/link.h"

struct plane_link {
	struct loop *loop;
	struct watch watch;
	struct list queue;
	unsigned queued;
	bool is_writing; /* epoll tells when there is room */
	/* A message came; its fds are the receiver's. Or, with m NULL, the line is dead: -errno. */
	void (*take)(struct plane_link *l, const struct link_msg *m, struct link_fds *fds, int err);
};

void plane_link_init(struct plane_link *l, struct loop *loop, int fd);
int plane_link_watch(struct plane_link *l) __attribute__((warn_unused_result));
int plane_link_send(struct plane_link *l, const struct link_msg *m)
	__attribute__((warn_unused_result));

#endif
