/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From one request to its reply, without sockets: find the operation, check the request against
 * its tables, run its handler in one transaction, write the answer or the fault.
 */
#ifndef LATTICE_API_DISPATCH_H
#define LATTICE_API_DISPATCH_H

#include "api/api.h"
#include "base/buf.h"
#include "model/fault.h"

struct http_headers;
struct principal;
struct sock_addr;
struct sigv4;

enum { API_REQUEST_ID_BYTES = 37, API_REPLY_BYTES_MAX = 16 << 20 };

/* What every call shares; set once. */
struct api_context {
	struct store *store;
	struct str region, account;
	const struct api_hooks *hooks;
	const struct quotas *quotas; /* NULL: the defaults */
	const struct pool *pool;     /* NULL: the default */
	const struct vault *vault;   /* NULL: no secret is kept */
	const struct local_ca *ca;   /* may be NULL */
	struct sigv4 *verifier;	     /* of signed requests; NULL: none is taken */
};

/* One request. Strings are borrowed; path and query are as received. */
struct api_request {
	struct str method, path, query, body;
	bool is_admin;
	struct str account; /* acted for, 12 digits; empty: the daemon's own */
	/* who signed, where that is asked: administrators' operations are not its; NULL: unsigned
	 */
	const struct principal *principal;
	const struct sock_addr *source;	    /* where it came from; NULL: unknown */
	const struct http_headers *headers; /* may be NULL */
	bool is_metrics_only; /* from the listener for metrics: nothing else is answered */
};

/* One reply; api_reply_fini() when it was written. */
struct api_reply {
	unsigned status;
	struct str error; /* AWS's name of the fault; empty: none */
	struct buf body;  /* empty for a 204 */
	struct str type;  /* of the body; empty: JSON */
	char request_id[API_REQUEST_ID_BYTES];
};

void dispatch_run(const struct api_context *on, const struct api_request *r, struct api_reply *ret);
void dispatch_refuse(const struct fault *fault, struct api_reply *ret);
void api_reply_fini(struct api_reply *r);

#endif
