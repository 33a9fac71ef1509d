/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel still has to send for connections that nobody has open any more: a program that
 * wrote an answer and ended left it there. Without the way back, the client's acknowledgements, it
 * would never arrive.
 */
#ifndef LATTICE_STEER_UNSENT_H
#define LATTICE_STEER_UNSENT_H

#include "model/address.h"

int unsent_count(const struct pool *pool, uint64_t *ret_bytes);

#endif
