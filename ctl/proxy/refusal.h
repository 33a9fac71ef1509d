/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request that was refused, with all that was known of it: what an administrator who asks why is
 * told. Made by the worker, kept by the control thread; it holds nothing of connection or snapshot.
 */
#ifndef LATTICE_PROXY_REFUSAL_H
#define LATTICE_PROXY_REFUSAL_H

#include "auth/decision.h"
#include "base/list.h"
#include "io/inbox.h"

struct request;

struct refusal {
	struct letter letter; /* on its way to the control thread */
	struct list link;     /* where it is kept */
	struct arena arena;
	struct str id;	/* of the request */
	uint64_t at_ms; /* wall clock */
	struct str service_id, network_id;
	struct auth_gate network, service; /* references of its own */
	struct auth_request question;
	struct principal principal;
	struct sock_addr source;

	/* of a signature that is not valid: why, and what should have been signed; else empty */
	struct str reason, canonical_request, string_to_sign;
};

struct refusal *refusal_new(const struct request *r, const struct auth_gate *network,
			    const struct auth_request *q);
void refusal_free(struct refusal *f);

#endif
