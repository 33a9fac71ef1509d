/* SPDX-License-Identifier: Apache-2.0 */
/* Filling an exchange's buffers, or carrying large bodies past them. */
#ifndef LATTICE_PROXY_SPLICE_H
#define LATTICE_PROXY_SPLICE_H

#include "io/pipe.h"
#include "proxy/body.h"

size_t splice_fill(struct pipes *pipes, struct body *b, struct stream *from, struct stream *to);

#endif
