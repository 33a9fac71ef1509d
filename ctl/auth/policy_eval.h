/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy says to a request: policy_eval() decides, policy_look() says of one statement why
 * it matches or not. Both are pure: the time is in the request.
 */
#ifndef LATTICE_AUTH_POLICY_EVAL_H
#define LATTICE_AUTH_POLICY_EVAL_H

#include "auth/policy.h"

enum policy_verdict {
	POLICY_SILENT, /* no statement matches: denied, but for other policies to say */
	POLICY_ALLOWS,
	POLICY_DENIES, /* whatever others say */
};

struct policy_result {
	enum policy_verdict verdict;
	const struct policy_statement *statement; /* the first that decides; NULL: none */
};

/* What of a statement does not match; in this order it is looked at. */
enum policy_element {
	POLICY_MATCHES,
	POLICY_PRINCIPAL,
	POLICY_ACTION,
	POLICY_RESOURCE_ELEMENT,
	POLICY_CONDITION,
};

struct policy_finding {
	enum policy_element failed;
	const struct condition *condition; /* of CONDITION */
};

struct policy_result policy_eval(const struct policy *p, const struct auth_request *q,
				 struct arena *scratch);
struct policy_finding policy_look(const struct policy *p, const struct policy_statement *s,
				  struct context *c);

#endif
