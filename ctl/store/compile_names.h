/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a VPC's clients may know. */
#ifndef LATTICE_STORE_COMPILE_NAMES_H
#define LATTICE_STORE_COMPILE_NAMES_H

#include "model/snapshot.h"

/* A service's names: the generated and the custom one. */
enum { NAMES_PER_SERVICE = 2 };

bool compile_names_add(struct arena *a, struct snap_vpc *v, const struct snap_service *s);
void compile_names_end(struct snap_vpc *v);

#endif
