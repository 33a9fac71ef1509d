/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a target group's record and its targets' to its part of a snapshot: group_place() for each,
 * then the services that forward to them, then compile_group(), since a group says whether it is
 * used; then compile_turned_groups() for those where that alone is new.
 */
#ifndef LATTICE_STORE_COMPILE_GROUP_H
#define LATTICE_STORE_COMPILE_GROUP_H

#include "store/build.h"

int group_place(struct build *b, const struct unit *u);
int group_count_uses(struct build *b, const struct snap_action *a, bool more);
int compile_group(struct build *b, const struct unit *u);
int compile_turned_groups(struct build *b);

#endif
