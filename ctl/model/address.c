/* SPDX-License-Identifier: Apache-2.0 */
/* From a service's number in the pool to its addresses, as AWS lays them out. */
#include "model/address.h"

#include <string.h>
#include <sys/socket.h>

/* 169.254.171.0 */
static const uint32_t pool_v4 = 0xa9feab00;

/* fd00:ec2:80::, whose last four bytes are the IPv4 address: fd00:ec2:80::a9fe:ab21. */
static const uint8_t pool_v6[12] = { 0xfd, 0x00, 0x0e, 0xc2, 0x00, 0x80 };

/* The IPv4 address of the service with @number, port 0. */
struct sock_addr address_v4(uint32_t number)
{
	return (struct sock_addr){ .family = AF_INET, .v4.s_addr = htonl(pool_v4 + number) };
}

/* The IPv6 address of the service with @number, port 0. */
struct sock_addr address_v6(uint32_t number)
{
	struct sock_addr a = { .family = AF_INET6 };
	uint32_t v4 = htonl(pool_v4 + number);

	memcpy(a.v6.s6_addr, pool_v6, sizeof(pool_v6));
	memcpy(a.v6.s6_addr + sizeof(pool_v6), &v4, sizeof(v4));
	return a;
}

/* Is @a an address that a service has or may get? */
bool address_in_pool(const struct sock_addr *a)
{
	if (a->family == AF_INET)
		return (ntohl(a->v4.s_addr) & 0xffffff00) == pool_v4;
	return a->family == AF_INET6 && memcmp(a->v6.s6_addr, pool_v6, 8) == 0;
}
