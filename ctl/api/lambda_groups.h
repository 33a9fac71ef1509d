/* SPDX-License-Identifier: Apache-2.0 */
/* Target groups of the type LAMBDA: they have no VPC, no protocol and no checks. */
#ifndef LATTICE_API_LAMBDA_GROUPS_H
#define LATTICE_API_LAMBDA_GROUPS_H

#include "api/call.h"

extern const char *const lambda_group_versions[];

int lambda_group_check(struct call *c, struct str type, const struct cJSON *config);
void lambda_group_fill(struct call *c, const struct cJSON *given, struct cJSON *body);

#endif
