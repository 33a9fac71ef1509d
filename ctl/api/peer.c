/* SPDX-License-Identifier: Apache-2.0 */
/* Peer credentials. They are those of the moment of connect(), kept by the kernel. */
#include "api/peer.h"

#include <grp.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

/* A process in more groups than this is an administrator by its main group only. */
enum { PEER_GROUPS_MAX = 256 };

/* Look the group up, once: this may read files. */
void peer_admins_init(struct peer_admins *a)
{
	const struct group *g = getgrnam("lattice");

	*a = (struct peer_admins){ .has_group = g != NULL, .group = g ? g->gr_gid : 0 };
}

/* Is @group among the supplementary groups of the peer of @fd? */
static bool is_member(int fd, gid_t group)
{
	gid_t groups[PEER_GROUPS_MAX];
	socklen_t size = sizeof(groups);
	size_t i;

	/* Too many groups is an error, hence no member: it fails closed. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return false;
	for (i = 0; i < size / sizeof(groups[0]); i++)
		if (groups[i] == group)
			return true;
	return false;
}

/* Root, the daemon's own user and members of the group are administrators. */
bool peer_is_admin(int fd, const struct peer_admins *a)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || size != sizeof(peer))
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	return a->has_group && (peer.gid == a->group || is_member(fd, a->group));
}
