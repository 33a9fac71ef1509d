/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 heads from their fields, one by one as they come out of the session (RFC 9113 section 8).
 * As strict as h1_parse.h, and for the same reason: what is read here may be written for HTTP/1.
 * Pure: h2_head_begin(), h2_head_add() for each field, then h2_head_request() or _response().
 */
#ifndef LATTICE_HTTP_H2_HEAD_H
#define LATTICE_HTTP_H2_HEAD_H

#include "base/buf.h"
#include "http/h1_framing.h"

/* Each field counts its bytes and 32 more (RFC 9113 section 6.5.2). */
enum { H2_FIELD_OVERHEAD = 32 };

enum h2_pseudo { H2_METHOD, H2_SCHEME, H2_AUTHORITY, H2_PATH, H2_STATUS, H2_PSEUDO_COUNT };

/* Where a name and a value are in the text, which moves as it grows. */
struct h2_field {
	uint32_t at, name_n, value_n;
};

struct h2_head {
	struct buf text; /* what the message will point into; whoever takes the message takes it */
	struct h1_refusal refusal; /* the first */
	size_t bytes;		   /* as SETTINGS_MAX_HEADER_LIST_SIZE counts them */
	size_t count, cookies;
	uint8_t seen; /* a bit for each pseudo field */
	struct h2_field pseudo[H2_PSEUDO_COUNT];
	struct h2_field at[LATTICE_HEADERS_MAX];
};

void h2_head_begin(struct h2_head *h);
void h2_head_fini(struct h2_head *h);
void h2_head_add(struct h2_head *h, struct str name, struct str value);
struct h1_refusal h2_head_request(struct h2_head *h, bool is_last, struct http_request *ret);
struct h1_refusal h2_head_response(struct h2_head *h, struct str request_method, bool is_last,
				   struct http_response *ret);

#endif
