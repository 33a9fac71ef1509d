/* SPDX-License-Identifier: Apache-2.0 */
/* The unprivileged half of the daemon. */
#ifndef LATTICE_LATTICED_PLANE_H
#define LATTICE_LATTICED_PLANE_H

#include "latticed/options.h"

int plane_main(int link_fd, const struct options *o);

#endif
