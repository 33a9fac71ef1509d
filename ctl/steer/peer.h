/* SPDX-License-Identifier: Apache-2.0 */
/* Who made a steered connection, as the module attests it. */
#ifndef LATTICE_STEER_PEER_H
#define LATTICE_STEER_PEER_H

#include <stdbool.h>
#include <stdint.h>

/* All-zero: nobody in the VPC's namespace, or there is no module to say who. */
struct peer {
	bool is_local;
	uint32_t uid;
	uint64_t cgroup; /* its id; 0: unknown */
};

void peer_read(int fd, uint16_t family, struct peer *ret);

#endif
