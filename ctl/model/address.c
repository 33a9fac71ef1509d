/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a service's number to its addresses. IPv4 leaves out the first and the last address of the
 * pool, which some stacks take for broadcast. IPv6 is laid out as AWS does it, with the IPv4
 * address in the last four bytes (fd00:ec2:80::a9fe:ab21); the four before it say how often that
 * address was given already.
 */
#include "model/address.h"

#include <string.h>
#include <sys/socket.h>

enum { PREFIX6_BYTES = 8 };

/* htonl() for a constant. */
#define NET32(n) (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap32(n) : (n))

const struct pool pool_default = {
	.addr.s_addr = NET32(0xa9feab00),
	.bits = 24,
	.addr6.s6_addr = { 0xfd, 0, 0x0e, 0xc2, 0, 0x80 },
	.bits6 = 64,
};

/* The last number whose IPv4 address @pool has for it alone as long as there are no more. */
uint32_t address_own_max(const struct pool *pool)
{
	return (UINT32_C(1) << (32 - pool->bits)) - 2;
}

/* The IPv4 address of the service with @number, port 0. */
struct sock_addr address_v4(const struct pool *pool, uint32_t number)
{
	uint32_t place = 1 + (number - ADDRESS_NUMBER_MIN) % address_own_max(pool);

	return (struct sock_addr){ .family = AF_INET,
				   .v4.s_addr = htonl(ntohl(pool->addr.s_addr) + place) };
}

/* The IPv6 address of the service with @number, port 0; no other has it. */
struct sock_addr address_v6(const struct pool *pool, uint32_t number)
{
	struct sock_addr v4 = address_v4(pool, number);
	uint32_t round = htonl((number - ADDRESS_NUMBER_MIN) / address_own_max(pool));
	struct sock_addr a = { .family = AF_INET6 };

	memcpy(a.v6.s6_addr, pool->addr6.s6_addr, PREFIX6_BYTES);
	memcpy(a.v6.s6_addr + PREFIX6_BYTES, &round, sizeof(round));
	memcpy(a.v6.s6_addr + PREFIX6_BYTES + sizeof(round), &v4.v4, sizeof(v4.v4));
	return a;
}

/* Where the name server is in every VPC, as with AWS: 169.254.169.253 or fd00:ec2::253, port 53. */
struct sock_addr address_resolver(unsigned family)
{
	if (family == AF_INET)
		return (struct sock_addr){ .family = AF_INET,
					   .port = 53,
					   .v4.s_addr = htonl(0xa9fea9fd) };
	return (struct sock_addr){ .family = AF_INET6,
				   .port = 53,
				   .v6.s6_addr = { 0xfd, 0, 0x0e, 0xc2, [14] = 0x02, 0x53 } };
}

/* Is @a an address that a service has or may get? */
bool address_in_pool(const struct pool *pool, const struct sock_addr *a)
{
	if (a->family == AF_INET)
		return (ntohl(a->v4.s_addr) ^ ntohl(pool->addr.s_addr)) >> (32 - pool->bits) == 0;
	return a->family == AF_INET6 &&
	       memcmp(a->v6.s6_addr, pool->addr6.s6_addr, PREFIX6_BYTES) == 0;
}

/* Can anything be at @a that is not ourselves? */
bool address_is_usable(const struct pool *pool, const struct sock_addr *a)
{
	uint32_t v4;

	if (address_in_pool(pool, a))
		return false;
	if (a->family == AF_INET6)
		return !IN6_IS_ADDR_UNSPECIFIED(&a->v6) && !IN6_IS_ADDR_LOOPBACK(&a->v6) &&
		       !IN6_IS_ADDR_MULTICAST(&a->v6) && !IN6_IS_ADDR_V4MAPPED(&a->v6) &&
		       !IN6_IS_ADDR_LINKLOCAL(&a->v6);
	v4 = ntohl(a->v4.s_addr);
	return v4 >> 24 != 0 && v4 >> 24 != 127 && v4 >> 28 < 14;
}

/* Which place in the pool the IPv4 address @ip has, from 1 on; 0: none that is given. */
static uint32_t place_of(const struct pool *pool, struct in_addr ip)
{
	uint32_t place = ntohl(ip.s_addr) - ntohl(pool->addr.s_addr);

	return place <= address_own_max(pool) ? place : 0;
}

/*
 * The first number that has @a, whatever its port, and how far it is from each that has it to the
 * next; a step of 0: there is no other. 0: no number has it.
 */
uint32_t address_number(const struct pool *pool, const struct sock_addr *a, uint32_t *ret_step)
{
	uint32_t round;
	struct in_addr v4;
	uint64_t number;

	*ret_step = 0;
	if (a->family == AF_INET) {
		*ret_step = address_own_max(pool);
		return place_of(pool, a->v4);
	}
	if (!address_in_pool(pool, a))
		return 0;
	memcpy(&round, a->v6.s6_addr + PREFIX6_BYTES, sizeof(round));
	memcpy(&v4, a->v6.s6_addr + PREFIX6_BYTES + sizeof(round), sizeof(v4));
	if (!place_of(pool, v4))
		return 0;
	number = (uint64_t)ntohl(round) * address_own_max(pool) + place_of(pool, v4);
	return number <= ADDRESS_NUMBER_MAX ? (uint32_t)number : 0;
}
