/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up what root may do, for good. */
#ifndef LATTICE_LATTICED_PRIVILEGES_H
#define LATTICE_LATTICED_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

/* The user that the plane runs as; root without capabilities where there is none. */
struct plane_user {
	bool found;
	uid_t uid;
	gid_t gid;
};

void privileges_find_user(const char *name, struct plane_user *ret);
int privileges_drop(const struct plane_user *u) __attribute__((warn_unused_result));
int privileges_check_dropped(void) __attribute__((warn_unused_result));

#endif
