/* SPDX-License-Identifier: Apache-2.0 */
/* From what the store holds to what the data path reads. */
#ifndef LATTICE_STORE_COMPILE_H
#define LATTICE_STORE_COMPILE_H

#include "model/snapshot.h"
#include "store/store.h"

int snapshot_compile(struct store *s, uint64_t generation, struct snapshot **ret,
		     struct fault *fault);

#endif
