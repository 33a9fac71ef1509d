/* SPDX-License-Identifier: Apache-2.0 */
/* Is a message from the plane one that the broker may act on? */
#ifndef LATTICE_STEER_LINK_CHECK_H
#define LATTICE_STEER_LINK_CHECK_H

#include "steer/link.h"

const char *link_check(const struct link_msg *m, unsigned workers);

#endif
