/* SPDX-License-Identifier: Apache-2.0 */
/* Access log subscriptions and their destinations, from their records into the snapshot. */
#ifndef LATTICE_STORE_LOG_COMPILE_H
#define LATTICE_STORE_LOG_COMPILE_H

#include "store/build.h"

int log_compile(struct build *b);

#endif
