/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who calls the API over TCP: a request there carries a SigV4 signature for the service
 * vpc-lattice over its body too, and acts for the account of the key that signed it.
 */
#ifndef LATTICE_API_CALLER_H
#define LATTICE_API_CALLER_H

#include "api/dispatch.h"
#include "auth/sigv4.h"

enum { CALLER_WORDS_BYTES = 512 };

/* What is known of a caller. */
struct caller {
	const struct principal *principal; /* the snapshot's; NULL: refused */
	struct str error;		   /* AWS's name of the refusal; static */
	char words[CALLER_WORDS_BYTES];
};

int caller_init(struct sigv4 *s, struct str region, const struct vault *v);
void caller_check(const struct api_context *on, const struct http_request *r, struct str body,
		  struct caller *ret);

#endif
