/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses of services: each service holds a number for its life, and both its addresses
 * follow from it. The first numbers have an IPv4 address each; past those, numbers share them in
 * turn and the name that a client asks for decides. IPv6 addresses are never shared.
 */
#ifndef LATTICE_MODEL_ADDRESS_H
#define LATTICE_MODEL_ADDRESS_H

#include "io/sock.h"

/* The addresses of services: a prefix of each family, with zero host bits. */
struct pool {
	struct in_addr addr;
	unsigned bits; /* up to POOL_BITS_MAX */
	struct in6_addr addr6;
	unsigned bits6; /* 64 */
};

/* A pool has at least two addresses besides its first and last. */
enum { POOL_BITS_MIN = 8, POOL_BITS_MAX = 30 };

/* 169.254.171.0/24 and fd00:ec2:80::/64, as AWS has them. */
extern const struct pool pool_default;

/* Numbers of services; more would not fit into memory. */
enum { ADDRESS_NUMBER_MIN = 1, ADDRESS_NUMBER_MAX = 1000000 };

uint32_t address_own_max(const struct pool *pool);
struct sock_addr address_v4(const struct pool *pool, uint32_t number);
struct sock_addr address_v6(const struct pool *pool, uint32_t number);
struct sock_addr address_resolver(unsigned family);
bool address_is_usable(const struct pool *pool, const struct sock_addr *a);
uint32_t address_number(const struct pool *pool, const struct sock_addr *a, uint32_t *ret_step);
bool address_in_pool(const struct pool *pool, const struct sock_addr *a);

#endif
