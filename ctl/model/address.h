/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses of services: each service holds a number in the pool for its life, and both its
 * addresses follow from it.
 */
#ifndef LATTICE_MODEL_ADDRESS_H
#define LATTICE_MODEL_ADDRESS_H

#include "io/sock.h"

/* 169.254.171.0/24 without its first and last address, which some stacks take for broadcast. */
enum { ADDRESS_NUMBER_MIN = 1, ADDRESS_NUMBER_MAX = 254 };

struct sock_addr address_v4(uint32_t number);
struct sock_addr address_v6(uint32_t number);
bool address_in_pool(const struct sock_addr *a);

#endif
