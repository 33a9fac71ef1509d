/* SPDX-License-Identifier: Apache-2.0 */
/* What a target is told of a caller that is known: the values of two fields of a request's head. */
#ifndef LATTICE_AUTH_CALLER_TEXT_H
#define LATTICE_AUTH_CALLER_TEXT_H

#include "auth/principal.h"
#include "base/buf.h"

/* Fifty tags of 128 and 256 characters, each byte escaped, and more than all else. */
enum { CALLER_TEXT_BYTES_MAX = 48 << 10 };

void caller_text_identity(const struct principal *p, struct buf *to);
void caller_text_tags(const struct principal *p, struct buf *to);

#endif
