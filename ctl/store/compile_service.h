/* SPDX-License-Identifier: Apache-2.0 */
/* From a service's record and those below it to its part of a snapshot. */
#ifndef LATTICE_STORE_COMPILE_SERVICE_H
#define LATTICE_STORE_COMPILE_SERVICE_H

#include "store/build.h"

int compile_service(struct build *b, const struct unit *u);

#endif
