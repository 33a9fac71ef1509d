/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields behind a body, between where they were read and where they are written: lines of text,
 * "name: value" CR LF, of names that may stand there. What frames, routes or vouches for a message
 * has no business behind it (RFC 9110 section 6.5.1) and is left out.
 */
#ifndef LATTICE_HTTP_TRAILERS_H
#define LATTICE_HTTP_TRAILERS_H

#include "base/buf.h"
#include "http/message.h"

enum { TRAILER_BYTES_MAX = 8192 };

bool trailers_allow(struct str name);
void trailers_add(struct buf *to, struct str name, struct str value);
bool trailers_next(struct str *text, struct http_header *ret);

#endif
