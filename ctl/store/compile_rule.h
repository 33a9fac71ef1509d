/* SPDX-License-Identifier: Apache-2.0 */
/* From the records of rules and actions to what the data path matches and does. */
#ifndef LATTICE_STORE_COMPILE_RULE_H
#define LATTICE_STORE_COMPILE_RULE_H

#include "store/build.h"

int compile_action(struct build *b, const struct record *r, const struct cJSON *action,
		   struct snap_action *a);
int compile_rules(struct build *b, struct snap_listener *l);

#endif
