/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of networks, services and identities into the snapshot. What was compiled is kept
 * while some snapshot's records have the document, so that a change elsewhere compiles nothing.
 */
#ifndef LATTICE_STORE_COMPILE_POLICY_H
#define LATTICE_STORE_COMPILE_POLICY_H

#include "model/snapshot.h"
#include "store/children.h"

struct policy_cache;

struct policy_cache *policy_cache_new(void);
void policy_cache_free(struct policy_cache *c);
int compile_policies(struct policy_cache *c, const struct children *policies,
		     const struct record *networks, struct snapshot *into, struct fault *fault);

#endif
