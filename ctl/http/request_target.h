/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request-target says (RFC 9112 section 3.2), for the request line of HTTP/1 and the :path
 * of HTTP/2. CONNECT's authority form is not among them: there are no tunnels.
 */
#ifndef LATTICE_HTTP_REQUEST_TARGET_H
#define LATTICE_HTTP_REQUEST_TARGET_H

#include "base/str.h"

/*
 * The parts, inside the target that was parsed and still percent-encoded. When an absolute form
 * leaves the path out, path is a constant: "/", or "*" for OPTIONS.
 */
struct request_target {
	const char *reason;   /* not NULL: refused, and why; the rest is then empty */
	struct str authority; /* of an absolute form, as written; else empty */
	struct str path, query;
	bool has_query;
};

struct request_target request_target_parse(struct str method, struct str text);

#endif
