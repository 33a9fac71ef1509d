/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the JSON of a policy to its statements. Whatever is not understood is refused, so that no
 * element that was meant to restrict is ever left out.
 */
#ifndef LATTICE_AUTH_POLICY_PARSE_H
#define LATTICE_AUTH_POLICY_PARSE_H

#include "auth/policy.h"

int policy_parse(struct policy *p, struct policy_error *error);

#endif
