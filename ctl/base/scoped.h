/* SPDX-License-Identifier: Apache-2.0 */
/* The few types that may close themselves at the end of a block. */
#ifndef LATTICE_BASE_SCOPED_H
#define LATTICE_BASE_SCOPED_H

#include <unistd.h>

static inline void scoped_fd_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* An fd that is closed when its block ends; set it to -1 to keep it open. */
#define SCOPED_FD __attribute__((cleanup(scoped_fd_close))) int

#endif
