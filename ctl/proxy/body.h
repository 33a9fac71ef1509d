/* SPDX-License-Identifier: Apache-2.0 */
/* Moving a message body from one side's buffer to the other's, framed anew. */
#ifndef LATTICE_PROXY_BODY_H
#define LATTICE_PROXY_BODY_H

#include "base/buf.h"
#include "http/h1_parse.h"
#include "io/pipe.h"

enum body_outcome { BODY_MORE, BODY_DONE, BODY_BAD };

struct body {
	enum http_framing framing; /* as received */
	bool chunk_out;		   /* sent on in chunks */
	bool done;
	uint64_t left; /* HTTP_FRAMING_LENGTH: bytes still to come */
	struct h1_chunked chunked;
	struct buf trailers; /* lines, as received (http/trailers.h); ours to free */
	uint64_t bytes;	     /* payload moved so far */
	bool is_bulk;	     /* it comes in large pieces: see splice.c */
	struct pipe *pipe;   /* what it goes through at the moment; NULL: the buffers */
};

void body_fini(struct body *b);
void body_init(struct body *b, enum http_framing framing, uint64_t length, bool chunk_out);
enum body_outcome body_move(struct body *b, struct buf *from, struct buf *to, size_t high);
enum body_outcome body_end_at_eof(struct body *b, struct str trailers, struct buf *to);

/* Is some of @b inside a pipe, so that it is not yet sent? */
static inline bool body_is_held(const struct body *b)
{
	return b->pipe && b->pipe->held;
}

#endif
