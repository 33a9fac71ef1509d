/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a namespace is found: "/its/path", "pid:" and a process's mark (io/process.h), or
 * "container:" and an id. place_open() finds it, place_holds() looks whether it is there still.
 */
#ifndef LATTICE_STEER_PLACE_H
#define LATTICE_STEER_PLACE_H

#include "base/str.h"
#include "steer/netns.h"

#include <stdint.h>

/* The containers of all processes, as they were a moment ago. All zero but for proc at first. */
struct processes {
	const char *proc; /* "/proc" */
	uint64_t read_ms; /* the loop's time, 0: never */
	struct process *at;
	size_t count, room;
};

struct place {
	const char *how; /* the caller's, terminated */
	pid_t pid;	 /* of the container, when it was found */
};

const char *place_check(struct str how);
int place_open(struct place *p, struct processes *all, uint64_t now_ms, struct netns *ret);
bool place_holds(struct place *p, struct processes *all, uint64_t now_ms, const struct netns *n);
void processes_fini(struct processes *all);

#endif
