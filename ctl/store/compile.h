/* SPDX-License-Identifier: Apache-2.0 */
/* From what the store holds to what the data path reads. */
#ifndef LATTICE_STORE_COMPILE_H
#define LATTICE_STORE_COMPILE_H

#include "model/snapshot.h"
#include "store/store.h"

struct compiler;

/*
 * Compiling again and again, which is cheaper than each time anew: what did not change is not
 * read again. The store is the caller's and outlives the compiler.
 */
struct compiler *compiler_new(struct store *s);
int compiler_run(struct compiler *c, uint64_t generation, struct snapshot **ret,
		 struct fault *fault);
void compiler_free(struct compiler *c);

/* Once. */
int snapshot_compile(struct store *s, uint64_t generation, struct snapshot **ret,
		     struct fault *fault);

#endif
