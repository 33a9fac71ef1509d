/* SPDX-License-Identifier: Apache-2.0 */
/* The sockets that are made inside a VPC's namespace; both calls act on the one entered. */
#ifndef LATTICE_STEER_HANDOFF_H
#define LATTICE_STEER_HANDOFF_H

#include "steer/keep.h"
#include "steer/steer.h"

int handoff_open(struct handoff *h, unsigned count, struct kept_set *kept);
void handoff_close(struct handoff *h);
int handoff_make_upstreams(unsigned family, int type, unsigned count, struct link_fds *ret);

#endif
