/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets at rest: vault_open() the key file, which is made when there is none, then vault_seal()
 * what goes into the store and vault_unseal() what comes out. A sealed secret is text, and bound
 * to a label: it can be read under no other one. Any number of threads may use an open vault.
 */
#ifndef LATTICE_AUTH_VAULT_H
#define LATTICE_AUTH_VAULT_H

#include "base/arena.h"

struct vault;

enum { VAULT_KEY_BYTES = 32 };

int vault_open(const char *path, struct vault **ret) __attribute__((warn_unused_result));
struct vault *vault_new(const unsigned char key[VAULT_KEY_BYTES]);
void vault_close(struct vault *v);
struct str vault_seal(const struct vault *v, struct arena *a, struct str label, struct str secret)
	__attribute__((warn_unused_result));
int vault_unseal(const struct vault *v, struct arena *a, struct str label, struct str sealed,
		 struct str *ret) __attribute__((warn_unused_result));

#endif
