/* SPDX-License-Identifier: Apache-2.0 */
/* A prefix of IPv4 or IPv6 addresses, as in "10.0.0.0/8", and who it lets in. */
#ifndef LATTICE_MODEL_PREFIX_H
#define LATTICE_MODEL_PREFIX_H

#include "io/sock.h"

struct prefix {
	struct sock_addr addr; /* port 0; the bits behind the prefix are 0 */
	uint32_t bits;
};

/* A rule of a security group: clients in @source may connect to these ports. */
struct ingress {
	struct prefix source;
	uint16_t port_min, port_max;
};

/* Longest text of prefix_write() and a terminator. */
enum { PREFIX_TEXT_MAX = SOCK_ADDR_TEXT_MAX + 4 };

int prefix_parse(struct str text, struct prefix *ret) __attribute__((warn_unused_result));
struct str prefix_write(const struct prefix *p, char text[PREFIX_TEXT_MAX]);
bool prefix_is_valid(const struct prefix *p);

#endif
