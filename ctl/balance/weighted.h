/* SPDX-License-Identifier: Apache-2.0 */
/* Choose one of several by weight, without keeping anything but a ticket counter. */
#ifndef LATTICE_BALANCE_WEIGHTED_H
#define LATTICE_BALANCE_WEIGHTED_H

#include "model/snapshot.h"

const struct snap_forward *weighted_choose(const struct snap_action *a, uint32_t ticket);

#endif
