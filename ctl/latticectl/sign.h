/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SigV4 for the control API on TCP, with the keys that AWS's own tools take from the environment:
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION or AWS_DEFAULT_REGION.
 */
#ifndef LATTICE_LATTICECTL_SIGN_H
#define LATTICE_LATTICECTL_SIGN_H

#include "base/buf.h"

#include <time.h>

struct sign_request {
	struct str method, target, host, body;
	time_t now;
};

bool sign_has_keys(void);
void sign_write_headers(const struct sign_request *r, struct buf *to);

#endif
