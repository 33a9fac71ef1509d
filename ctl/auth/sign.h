/* SPDX-License-Identifier: Apache-2.0 */
/* SigV4 for requests that we make ourselves, in header fields: sign_write_headers(). Pure. */
#ifndef LATTICE_AUTH_SIGN_H
#define LATTICE_AUTH_SIGN_H

#include "base/buf.h"

/* Whose signature, and for what. */
struct signer {
	struct str key_id, secret;
	struct str token; /* of temporary keys; empty: none */
	struct str region, service;
};

struct sign_request {
	struct str method, target, host, body;
	int64_t now; /* seconds since 1970 */
};

void sign_write_headers(const struct signer *s, const struct sign_request *r, struct buf *to);

#endif
