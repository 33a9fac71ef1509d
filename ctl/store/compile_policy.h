/* SPDX-License-Identifier: Apache-2.0 */
/* Policies of networks, services and identities, compiled into the part that has them. */
#ifndef LATTICE_STORE_COMPILE_POLICY_H
#define LATTICE_STORE_COMPILE_POLICY_H

#include "store/build.h"

const struct policy *compile_policy(struct build *b, enum policy_kind kind, struct str text);
int compile_gate(struct build *b, const struct record *r, const struct cJSON *body,
		 struct auth_gate *g);

#endif
