/* SPDX-License-Identifier: Apache-2.0 */
/* Between the broker's messages and the name server's letters. */
#include "latticed/plane_dns.h"

#include <unistd.h>

/*
 * A LINK_VPC_STATE came: its last fds, m->count of them, are the name server's and leave @fds.
 */
void plane_dns_take_vpc(struct dns_server *s, const struct link_msg *m, struct link_fds *fds)
{
	unsigned count = m->count < fds->count ? m->count : fds->count;

	fds->count -= count;
	if (count == 0 || count > DNS_SOCKETS || m->error) {
		dns_server_drop_vpc(s, m->vpc);
		for (; count; count--)
			close(fds->at[fds->count + count - 1]);
		return;
	}
	dns_server_set_vpc(s, m->vpc, fds->at + fds->count, count);
}

/* What to ask the broker for when the name server needs sockets of the host's namespace. */
struct link_msg plane_dns_need_sockets(uint16_t family, int type, unsigned count)
{
	return (struct link_msg){ .kind = LINK_HOST_SOCKETS,
				  .family = family,
				  .type = (uint32_t)type,
				  .count = count,
				  .worker = PLANE_DNS };
}
