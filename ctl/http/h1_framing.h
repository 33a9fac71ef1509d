/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a message ends and what its connection may do next, from its fields (RFC 9112 sections 6
 * and 9). Start all-zero, add each field in order, then ask once for the request or response.
 */
#ifndef LATTICE_HTTP_H1_FRAMING_H
#define LATTICE_HTTP_H1_FRAMING_H

#include "http/message.h"

/* Why a message is refused; a NULL reason means that it is not. */
struct h1_refusal {
	unsigned status; /* to answer a request with */
	const char *reason;
};

/* What the fields seen so far say. */
struct h1_framing {
	struct str host;
	uint64_t content_length;
	size_t connection_bytes;
	bool has_host, has_length, has_coding;
	bool says_close, says_keep_alive, says_upgrade;
	bool has_upgrade, offers_h2c, expects_continue, expects_other;
};

struct h1_refusal h1_framing_add(struct h1_framing *f, const struct http_header *h);

/* Fills authority, framing, content_length and the claims; @ret holds version and target's
 * authority already. */
struct h1_refusal h1_framing_request(const struct h1_framing *f, struct http_request *ret);

/* The part of h1_framing_request() that all versions share. */
struct h1_refusal h1_framing_expectation(const struct h1_framing *f);

/* Fills framing, content_length and keep_alive; @ret holds version and status already. */
struct h1_refusal h1_framing_response(const struct h1_framing *f, struct str request_method,
				      struct http_response *ret);

#endif
