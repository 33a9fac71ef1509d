/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where something outside is called over HTTP: "http://HOST[:PORT][/PATH]" or "https://...". A host
 * is an address or a name, which is looked up elsewhere (dns/lookup.h).
 */
#ifndef LATTICE_MODEL_ENDPOINT_H
#define LATTICE_MODEL_ENDPOINT_H

#include "io/sock.h"

enum { ENDPOINT_BYTES_MAX = 512 };

/* Borrowed from the text. */
struct endpoint {
	bool is_tls;
	struct sock_addr addr; /* family AF_UNSPEC: only a port, the host is a name */
	struct str name;       /* the host alone, an IPv6 address without its brackets */
	struct str host;       /* with its port, as Host says it */
	struct str path;       /* "" or "/x", without a last slash */
};

int endpoint_parse(struct str url, struct endpoint *ret) __attribute__((warn_unused_result));
int endpoint_parse_url(struct str url, struct endpoint *ret) __attribute__((warn_unused_result));

#endif
