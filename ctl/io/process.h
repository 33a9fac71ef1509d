/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes as /proc shows them. A pid is used again after its process's death, and after a boot;
 * the time of its start and the boot make it unique: process_mark().
 */
#ifndef LATTICE_IO_PROCESS_H
#define LATTICE_IO_PROCESS_H

#include "base/str.h"

#include <sys/types.h>

/* "PID:START:BOOT": 10 and 20 digits, an UUID, two colons and a terminator. */
enum { PROCESS_MARK_BYTES = 10 + 20 + 36 + 3, PROCESS_CGROUP_BYTES_MAX = 4096 };

int process_mark(pid_t pid, char ret[PROCESS_MARK_BYTES]) __attribute__((warn_unused_result));
pid_t process_of_mark(struct str mark);
bool process_is_alive(struct str mark);

int process_read_cgroup(const char *proc, pid_t pid, char ret[PROCESS_CGROUP_BYTES_MAX])
	__attribute__((warn_unused_result));
int process_container_depth(struct str cgroup, struct str id);
bool process_is_container_id(struct str id);

#endif
