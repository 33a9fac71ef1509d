/* SPDX-License-Identifier: Apache-2.0 */
/* The head of Lambda's Invoke, signed if the function's calls are. */
#ifndef LATTICE_PROXY_LAMBDA_INVOKE_H
#define LATTICE_PROXY_LAMBDA_INVOKE_H

#include "base/buf.h"
#include "model/snapshot.h"

struct vault;

struct lambda_invoke {
	const struct snap_target *target; /* a function */
	struct str event;
	const struct vault *vault; /* that its secrets are sealed with; may be NULL */
	int64_t now;		   /* seconds since 1970 */
};

bool lambda_invoke_write(const struct lambda_invoke *i, struct buf *to)
	__attribute__((warn_unused_result));

#endif
