/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that carry a clientToken are done once: a repeat gets the answer of the first, and
 * the same token with another request is refused.
 */
#ifndef LATTICE_API_TOKEN_H
#define LATTICE_API_TOKEN_H

#include "api/call.h"

int token_recall(struct call *c, const char *operation, bool *ret_repeated);
int token_keep(struct call *c, const char *operation);

#endif
