/* SPDX-License-Identifier: Apache-2.0 */
/* From what the store holds to what the data path reads. */
#ifndef LATTICE_STORE_COMPILE_H
#define LATTICE_STORE_COMPILE_H

#include "model/address.h"
#include "model/snapshot.h"
#include "store/store.h"

struct certificates;

struct compiler;

/*
 * Compiling again and again, which is cheaper than each time anew: what did not change is not
 * read again. Store and pool are the caller's and outlive the compiler.
 */
struct compiler *compiler_new(struct store *s, const struct pool *pool);
int compiler_run(struct compiler *c, uint64_t generation, struct snapshot **ret,
		 struct fault *fault);
void compiler_free(struct compiler *c);
/* What services show comes from @all, the caller's; without it HTTPS cannot be served. */
void compiler_use_certificates(struct compiler *c, struct certificates *all);

/* Once, with the default pool. */
int snapshot_compile(struct store *s, uint64_t generation, struct snapshot **ret,
		     struct fault *fault);

#endif
