/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a cgroup's id, which the kernel says of a socket, to its path below the root of cgroup v2.
 * That takes a privilege (CAP_DAC_READ_SEARCH), so that the broker does it for the plane.
 */
#ifndef LATTICE_STEER_CGROUP_H
#define LATTICE_STEER_CGROUP_H

#include "base/str.h"

#include <stdint.h>

int cgroup_find_path(uint64_t id, char *to, size_t room);
void cgroup_fit_path(struct str path, char *to, size_t room);

#endif
