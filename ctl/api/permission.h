/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May who signed a call of AWS's operations make it? An account's root may; a user or a role what
 * the policy of its identity allows on everything that the call touches.
 */
#ifndef LATTICE_API_PERMISSION_H
#define LATTICE_API_PERMISSION_H

#include "api/call.h"

struct http_headers;
struct policy;
struct principal;
struct sock_addr;

/* Who wants to do what; borrowed. */
struct permission {
	struct str operation, uri; /* its name and the template of its path */
	const struct principal *principal;
	const struct sock_addr *source;	    /* may be NULL */
	const struct http_headers *headers; /* may be NULL */
};

int permission_check(struct call *c, const struct permission *p);
int permission_check_policy(struct call *c, const struct policy *p);

#endif
