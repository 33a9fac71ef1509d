/* SPDX-License-Identifier: Apache-2.0 */
/* Where something is called over HTTP: "http://ADDRESS[:PORT][/PATH]". */
#ifndef LATTICE_MODEL_ENDPOINT_H
#define LATTICE_MODEL_ENDPOINT_H

#include "io/sock.h"

enum { ENDPOINT_BYTES_MAX = 512 };

/* Borrowed from the text. */
struct endpoint {
	struct sock_addr addr;
	struct str host; /* with its port, as Host says it */
	struct str path; /* "" or "/x", without a last slash */
};

int endpoint_parse(struct str url, struct endpoint *ret) __attribute__((warn_unused_result));

#endif
