/* SPDX-License-Identifier: Apache-2.0 */
/* What the plane's own process uses, as the kernel tells it in /proc/self. */
#ifndef LATTICE_LATTICED_PLANE_PROCESS_H
#define LATTICE_LATTICED_PLANE_PROCESS_H

#include <stdint.h>

struct plane_process {
	double cpu_seconds;
	uint64_t memory_bytes, memory_bytes_most; /* in use, and the most that ever was */
	uint64_t open_fds, open_fds_max;
};

struct plane_process plane_process_read(void);

#endif
