/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1 heads and chunked bodies from bytes (RFC 9112, RFC 9110). Strict: whatever two servers
 * could read differently is refused, never repaired. Pure: no allocation, no I/O; call again with
 * more bytes while the answer is H1_MORE.
 */
#ifndef LATTICE_HTTP_H1_PARSE_H
#define LATTICE_HTTP_H1_PARSE_H

#include "http/message.h"

enum h1_outcome { H1_MORE, H1_DONE, H1_BAD };

struct h1_result {
	enum h1_outcome outcome;
	size_t head_bytes;  /* H1_DONE: length of the head, its empty line included */
	unsigned status;    /* H1_BAD of a request: 400, 414, 431, 501 or 505 */
	const char *reason; /* H1_BAD: a static sentence that names what is wrong */
};

/*
 * @scanned remembers, between calls with the same growing @input, how far it was searched for the
 * end of the head, so that bytes arriving singly cost linear time. Start it at 0.
 */
struct h1_result h1_parse_request(struct str input, size_t *scanned, struct http_request *ret);

/* @request_method decides whether a body may follow (HEAD, CONNECT; RFC 9112 section 6.3). */
struct h1_result h1_parse_response(struct str input, size_t *scanned, struct str request_method,
				   struct http_response *ret);

enum h1_chunk_outcome {
	H1_CHUNK_MORE,
	H1_CHUNK_DATA,
	H1_CHUNK_TRAILER,
	H1_CHUNK_END,
	H1_CHUNK_BAD,
};

/* Where a chunked body stands; all-zero at its start. */
struct h1_chunked {
	uint64_t left;	   /* data bytes left in this chunk */
	unsigned line_len; /* bytes of the current size line or trailer line seen */
	unsigned trailer_bytes;
	uint8_t state;
	bool any_digit;
};

struct h1_chunk {
	enum h1_chunk_outcome outcome;
	size_t consumed; /* bytes of input to drop, framing and data */
	struct str data; /* payload, or a piece of the trailer's lines; inside the input */
	const char *reason;
};

/*
 * Take the next step in @input: at most one span of data, or of the trailer, at a time.
 * H1_CHUNK_END: the body and its trailer are complete. The spans of the trailer, that of the end
 * among them, put together are well-formed lines and the empty one. H1_CHUNK_MORE: all of @input
 * was consumed (see consumed) and more is needed.
 */
struct h1_chunk h1_chunked_next(struct h1_chunked *c, struct str input);

#endif
