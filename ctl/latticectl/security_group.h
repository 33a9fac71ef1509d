/* SPDX-License-Identifier: Apache-2.0 */
/* Security groups as options of other commands name them. */
#ifndef LATTICE_LATTICECTL_SECURITY_GROUP_H
#define LATTICE_LATTICECTL_SECURITY_GROUP_H

#include "latticectl/session.h"

/* Add the groups of each --security-group, which are @vpc's (members), to @members. */
enum exit_status security_groups_into(struct session *s, const struct args *a,
				      const struct cJSON *vpc, struct cJSON *members);

#endif
