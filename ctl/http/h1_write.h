/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1.1 heads and chunk framing as bytes, appended to a buf whose failed flag is the error. */
#ifndef LATTICE_HTTP_H1_WRITE_H
#define LATTICE_HTTP_H1_WRITE_H

#include "base/buf.h"
#include "http/message.h"

void h1_write_request_line(struct buf *b, struct str method, struct str target);
void h1_write_status_line(struct buf *b, unsigned status);
void h1_write_header(struct buf *b, struct str name, struct str value);
void h1_write_header_u64(struct buf *b, struct str name, uint64_t value);
void h1_write_upgrade(struct buf *b, const struct http_headers *from);
void h1_write_head_end(struct buf *b);
void h1_write_chunk(struct buf *b, struct str data);
void h1_write_last_chunk(struct buf *b);

#endif
