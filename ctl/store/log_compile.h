/* SPDX-License-Identifier: Apache-2.0 */
/* Access log subscriptions and their destinations, from their records into the snapshot. */
#ifndef LATTICE_STORE_LOG_COMPILE_H
#define LATTICE_STORE_LOG_COMPILE_H

#include "model/snapshot.h"
#include "store/store.h"

int log_compile(struct store *s, struct snapshot *into, struct arena *records, struct fault *fault);

#endif
