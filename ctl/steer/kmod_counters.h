/* SPDX-License-Identifier: Apache-2.0 */
/* The module's counters of a namespace, out of its answer to LATTICE_CMD_STATUS_GET. */
#ifndef LATTICE_STEER_KMOD_COUNTERS_H
#define LATTICE_STEER_KMOD_COUNTERS_H

#include "steer/counters.h"

#include <netlink/msg.h>

int kmod_counters_read(struct nlmsghdr *answer, struct steer_counters *ret);

#endif
