/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request says of its signature, in the Authorization header or in the query. Pure: what
 * it claims is only read here, and judged in sigv4.h.
 */
#ifndef LATTICE_AUTH_CLAIM_H
#define LATTICE_AUTH_CLAIM_H

#include "base/buf.h"
#include "http/message.h"

enum sigv4_reason {
	SIGV4_REASON_NONE,
#define X(reason, name, words, advice) SIGV4_REASON_##reason,
#include "auth/reasons.def"
#undef X
};

enum { CLAIM_TIME_BYTES = 16, CLAIM_DATE_BYTES = 8 };

/* The headers that it matters of whether they are signed. */
enum claim_header {
	CLAIM_HOST,
	CLAIM_DATE,
	CLAIM_AMZ_DATE,
	CLAIM_REGION_SET,
	CLAIM_TOKEN,
	CLAIM_PAYLOAD,
	CLAIM_HEADERS,
};
extern const struct str claim_header_names[CLAIM_HEADERS]; /* in lower case */

/* Strings are in the request, or in the buffer of decoded text. Empty: not said. */
struct claim {
	bool is_present;
	bool is_presigned; /* in the query */
	bool is_ecdsa;	   /* AWS4-ECDSA-P256-SHA256: SigV4A */
	struct str access_key_id;
	struct str scope; /* what follows the key id: DATE/REGION/SERVICE/aws4_request */
	struct str date, region, service; /* of the scope; no region in SigV4A */
	struct str signed_headers, signature;
	unsigned is_signed;	     /* which of enum claim_header are among them, a bit each */
	unsigned is_sent;	     /* and which are in the request */
	struct str token;	     /* the session's */
	struct str payload;	     /* x-amz-content-sha256 */
	struct str sent_payload;     /* the header of that name, beside a query that counts */
	struct str region_set;	     /* SigV4A */
	char time[CLAIM_TIME_BYTES]; /* 20240506T070809Z */
	uint64_t time_s;
	uint64_t expires_s; /* presigned */
	struct str detail;  /* what is at fault, when a reason is returned; static or as above */
};

enum sigv4_reason claim_parse(const struct http_request *r, struct buf *decoded, struct claim *ret);

static inline bool claim_is_signed(const struct claim *c, enum claim_header header)
{
	return c->is_signed >> header & 1;
}

static inline bool claim_is_sent(const struct claim *c, enum claim_header header)
{
	return c->is_sent >> header & 1;
}

#endif
