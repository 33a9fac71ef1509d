/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical form of a request, which AWS's signatures are over: method, path, query, signed
 * headers, their names, and what stands for the body. Pure.
 */
#ifndef LATTICE_AUTH_CANONICAL_H
#define LATTICE_AUTH_CANONICAL_H

#include "base/buf.h"
#include "http/message.h"

/* Query parameters that a signed request may have. */
enum { CANONICAL_PARAMS_MAX = 256 };

struct canonical {
	struct str method, path, query; /* as they came */
	bool normalizes;		/* the path: without empty and dot segments */
	bool is_presigned;		/* X-Amz-Signature is not a part of what was signed */
	struct str host;		/* for "host", which the headers need not have */
	const struct http_headers *headers;
	struct str signed_headers; /* "a;b;c" */
	struct str payload;	   /* the last line */
};

enum canonical_outcome {
	CANONICAL_DONE,
	CANONICAL_NO_HEADER, /* a signed header is not there */
	CANONICAL_TOO_MANY,  /* parameters */
	CANONICAL_NO_MEMORY,
};

enum canonical_outcome canonical_write(const struct canonical *c, struct buf *to,
				       struct str *ret_missing);
bool canonical_is_normal(struct str path);
void canonical_write_normal(struct str path, struct buf *to);

#endif
