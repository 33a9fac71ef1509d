/* SPDX-License-Identifier: Apache-2.0 */
/* Lambda functions as targets: what events a group's get, and where each is called. */
#ifndef LATTICE_STORE_COMPILE_FUNCTION_H
#define LATTICE_STORE_COMPILE_FUNCTION_H

#include "store/build.h"

enum snap_lambda compile_lambda(const struct cJSON *group);
int compile_function_target(struct build *b, const struct record *r, struct snap_target *ret);

#endif
