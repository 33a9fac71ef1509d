/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a message head says, whichever protocol version carried it. Every str points into the
 * bytes that were parsed (HTTP/1) or into the arena that the parser was given.
 */
#ifndef LATTICE_HTTP_MESSAGE_H
#define LATTICE_HTTP_MESSAGE_H

#include "base/str.h"

#include <lattice/limits.h>
#include <stdint.h>

enum http_version { HTTP_VERSION_1_0, HTTP_VERSION_1_1, HTTP_VERSION_2 };

/* How the end of a body is known (RFC 9112 section 6.3). */
enum http_framing {
	HTTP_FRAMING_NONE,	  /* no body */
	HTTP_FRAMING_LENGTH,	  /* content_length bytes */
	HTTP_FRAMING_CHUNKED,	  /* chunked transfer coding, always the last and only one */
	HTTP_FRAMING_UNTIL_CLOSE, /* responses only */
	HTTP_FRAMING_STREAM,	  /* HTTP/2: the stream says it, not a field */
};

/* One field line; the name as it came, the value without surrounding white space. */
struct http_header {
	struct str name, value;
};

struct http_headers {
	size_t count;
	struct http_header at[LATTICE_HEADERS_MAX]; /* the rest is not initialised */
};

struct http_request {
	struct str method;
	struct str target;	/* as received */
	struct str path, query; /* of the target, still percent-encoded; path "*" for OPTIONS * */
	bool has_query;
	struct str
		authority; /* of an absolute-form target, else of Host; may be empty in HTTP/1.0 */
	enum http_version version;
	enum http_framing framing;
	uint64_t content_length;
	bool keep_alive; /* the connection may carry another request after this one */
	bool expects_continue;
	bool upgrade;		     /* Connection: upgrade, with an Upgrade field */
	struct http_headers headers; /* last, so that it need not be copied whole */
};

struct http_response {
	unsigned status;
	struct str reason;
	enum http_version version;
	enum http_framing framing;
	uint64_t content_length;
	bool keep_alive;
	struct http_headers headers;
};

const struct http_header *http_headers_find(const struct http_headers *h, struct str name);
bool http_header_has_token(struct str value, struct str token);
bool http_header_is_of_hop(struct str name);
bool http_headers_have_option(const struct http_headers *h, struct str name);
struct str http_status_reason(unsigned status);

#endif
