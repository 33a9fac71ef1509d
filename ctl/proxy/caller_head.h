/* SPDX-License-Identifier: Apache-2.0 */
/* What a target is told of a caller that is known. */
#ifndef LATTICE_PROXY_CALLER_HEAD_H
#define LATTICE_PROXY_CALLER_HEAD_H

#include "auth/principal.h"
#include "http/head_out.h"

void caller_head_fields(const struct principal *p, const struct head_out *to);

#endif
