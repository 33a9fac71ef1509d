/* SPDX-License-Identifier: Apache-2.0 */
/* The authority of a request: what Host, :authority and absolute-form targets hold. */
#ifndef LATTICE_HTTP_AUTHORITY_H
#define LATTICE_HTTP_AUTHORITY_H

#include "base/str.h"

#include <stdint.h>

/* A host and perhaps a port, both inside the text that was parsed. */
struct authority {
	const char *reason; /* not NULL: refused, and why; the rest is then empty */
	struct str host;    /* with its brackets when it is an IPv6 address */
	uint16_t port;
	bool has_port;
};

struct authority authority_parse(struct str text);

#endif
