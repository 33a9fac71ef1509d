/* SPDX-License-Identifier: Apache-2.0 */
/* What a listener or a rule does with a request: the action's form, and its target groups. */
#ifndef LATTICE_API_ACTION_H
#define LATTICE_API_ACTION_H

#include "api/call.h"

/* The members of the union RuleAction. */
extern const struct field action_fields[];

int action_settle(struct call *c, const struct record *owner, const char *field,
		  struct cJSON *action, bool is_tcp);
bool action_is_tcp(const struct cJSON *listener);

#endif
