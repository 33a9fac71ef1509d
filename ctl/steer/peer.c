/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the module who is at the other end. It answers for accepted connections only. */
#include "steer/peer.h"

#include <linux/lattice.h>
#include <netinet/in.h>
#include <sys/socket.h>

/*
 * What the kernel knows of the client of @fd, an accepted connection of @family. Whatever it does
 * not know, or refuses to say, is nobody: who is not attested is anonymous.
 */
void peer_read(int fd, uint16_t family, struct peer *ret)
{
	struct lattice_peer p = { 0 };
	socklen_t n = sizeof(p);

	*ret = (struct peer){ .is_local = false };
	if (getsockopt(fd, family == AF_INET6 ? SOL_IPV6 : SOL_IP, LATTICE_SO_PEER, &p, &n) ||
	    n < sizeof(p) || !(p.flags & LATTICE_PEER_LOCAL))
		return;
	*ret = (struct peer){ .is_local = true, .uid = p.uid, .cgroup = p.cgroup_id };
}
