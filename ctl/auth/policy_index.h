/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which statements of a policy may match a request, found by looking things up, so that a long
 * policy costs about what a short one does. A candidate's principal, action and indexed conditions
 * match for certain; the rest of it is still to be looked at.
 */
#ifndef LATTICE_AUTH_POLICY_INDEX_H
#define LATTICE_AUTH_POLICY_INDEX_H

#include "auth/policy.h"

const struct policy_index *policy_index_new(struct arena *a, struct policy *p);
void policy_index_find(const struct policy *p, struct context *c, uint64_t set[POLICY_WORDS_MAX]);
const uint64_t *policy_index_denies(const struct policy_index *x);

#endif
