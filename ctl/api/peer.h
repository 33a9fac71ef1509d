/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a unix socket, and whether the API is theirs to use. */
#ifndef LATTICE_API_PEER_H
#define LATTICE_API_PEER_H

#include <stdbool.h>
#include <sys/types.h>

/* The group whose members are administrators, when the system has it. */
struct peer_admins {
	bool has_group;
	gid_t group;
};

void peer_admins_init(struct peer_admins *a);
bool peer_is_admin(int fd, const struct peer_admins *a);

#endif
