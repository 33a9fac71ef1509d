/* SPDX-License-Identifier: Apache-2.0 */
/* Of which format a file is, and how it comes to the present one. */
#ifndef LATTICE_STORE_STORE_SCHEMA_H
#define LATTICE_STORE_STORE_SCHEMA_H

#include "model/fault.h"
#include "store/statements.h"

int store_schema_open(struct statements *s, const char *path, struct fault *fault);

#endif
