/* SPDX-License-Identifier: Apache-2.0 */
/* Prefixes to and from text. */
#include "model/prefix.h"

#include "base/num.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

/* Of a known family, no longer than an address of it, and 0 behind the prefix? */
bool prefix_is_valid(const struct prefix *p)
{
	const unsigned char *bytes = (const unsigned char *)&p->addr.v6;
	uint32_t i, length = p->addr.family == AF_INET ? 32 : 128;

	if (p->addr.family != AF_INET && p->addr.family != AF_INET6)
		return false;
	/* To the module a mapped address is IPv4, which is to be said as such. */
	if (p->bits > length || (length == 128 && IN6_IS_ADDR_V4MAPPED(&p->addr.v6)))
		return false;
	for (i = p->bits; i < length; i++)
		if (bytes[i / 8] & (0x80 >> i % 8))
			return false;
	return true;
}

/* "ADDRESS/BITS". 0, -EINVAL, or -EDOM when there are bits behind the prefix. */
int prefix_parse(struct str text, struct prefix *ret)
{
	struct str_cut c = str_cut(text, '/');
	struct prefix p = { 0 };

	if (!c.found || sock_addr_parse(c.head, &p.addr) < 0 || num_parse_u32(c.tail, &p.bits) < 0)
		return -EINVAL;
	if (p.bits > (p.addr.family == AF_INET ? 32 : 128))
		return -EINVAL;
	if (!prefix_is_valid(&p))
		return -EDOM;
	*ret = p;
	return 0;
}

/* @p in @text, terminated. */
struct str prefix_write(const struct prefix *p, char text[PREFIX_TEXT_MAX])
{
	struct str ip = sock_addr_write_ip(&p->addr, text);
	int n = snprintf(text + ip.n, PREFIX_TEXT_MAX - ip.n, "/%u", (unsigned)p->bits);

	return (struct str){ text, ip.n + (size_t)n };
}
