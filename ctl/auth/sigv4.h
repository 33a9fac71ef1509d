/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS Signature Version 4 and 4A, verified. sigv4_init() once a thread, sigv4_verify() for each
 * request; when an administrator asks why, sigv4_explain() writes what should have been signed.
 * The clock and the keys are the caller's.
 */
#ifndef LATTICE_AUTH_SIGV4_H
#define LATTICE_AUTH_SIGV4_H

#include "auth/access_key.h"
#include "auth/claim.h"
#include "auth/keyring.h"

/* What must stand for the body in the signature. */
enum sigv4_payload {
	SIGV4_PAYLOAD_UNSIGNED, /* Lattice's data plane: x-amz-content-sha256 says UNSIGNED-PAYLOAD
				 */
	SIGV4_PAYLOAD_SIGNED,	/* the control API: the body's hash */
};

/* Which signatures are taken; strings are borrowed for good. */
struct sigv4_rules {
	struct str region, service;
	enum sigv4_payload payload;
};

/* One thread's verifier. */
struct sigv4 {
	struct sigv4_rules rules;
	struct keyring *keyring;
	struct buf decoded, text; /* scratch */
};

/* One request. */
struct sigv4_request {
	const struct http_request *http;
	struct str body; /* all of it, where it is signed */
	uint64_t now_ms; /* wall clock */
	const struct access_key *(*find_key)(const void *ctx, struct str id);
	const void *ctx;
};

enum sigv4_verdict {
	SIGV4_NONE, /* it is not signed */
	SIGV4_VALID,
	SIGV4_INVALID,
};

struct sigv4_result {
	enum sigv4_verdict verdict;
	enum sigv4_reason reason;     /* INVALID */
	const struct access_key *key; /* VALID: whose */
	/* VALID: what was signed is the path without empty and dot segments, not the one that came:
	 * go on with that (canonical_write_normal()) */
	bool is_normalized;
	char detail[64]; /* INVALID: what is at fault, terminated; printable */
};

int sigv4_init(struct sigv4 *s, const struct sigv4_rules *rules, const struct vault *v);
void sigv4_fini(struct sigv4 *s);
struct sigv4_result sigv4_verify(struct sigv4 *s, const struct sigv4_request *r);
struct str sigv4_reason_id(enum sigv4_reason reason);
struct str sigv4_reason_advice(enum sigv4_reason reason);
struct str sigv4_reason_name(enum sigv4_reason reason);
void sigv4_write_reason(const struct sigv4_result *r, struct buf *to);
void sigv4_explain(struct sigv4 *s, const struct sigv4_request *r, struct buf *canonical,
		   struct buf *string_to_sign);

#endif
