/* SPDX-License-Identifier: Apache-2.0 */
/* Targets that are Lambda functions: a request is an event, and what is returned the response. */
#ifndef LATTICE_PROXY_TARGET_LAMBDA_H
#define LATTICE_PROXY_TARGET_LAMBDA_H

#include "proxy/side.h"

extern const struct target_ops target_lambda;

#endif
