/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May the caller? What the policies of the network, of the service and of the caller itself say
 * together, and the words in which a caller is refused.
 */
#ifndef LATTICE_AUTH_DECISION_H
#define LATTICE_AUTH_DECISION_H

#include "auth/policy_eval.h"
#include "base/buf.h"

/* How a network or a service decides who may call. */
struct auth_gate {
	bool is_on; /* AWS_IAM: without a policy nobody may */
	const struct policy *policy;
	const struct policy *trial; /* evaluated and logged; decides nothing */
};

/* In the order in which a missing permission is reported. */
enum auth_layer { AUTH_NETWORK, AUTH_SERVICE, AUTH_IDENTITY, AUTH_LAYERS };

/* What one layer's policy said. */
struct auth_part {
	bool is_asked; /* the layer decides at all */
	const struct policy *policy;
	struct policy_result result;
};

struct auth_decision {
	bool is_allowed, is_explicit; /* explicit: some statement denies */
	enum auth_layer layer;	      /* that denied */
	struct auth_part parts[AUTH_LAYERS];
};

void auth_decide(const struct auth_gate *network, const struct auth_gate *service,
		 const struct auth_request *q, struct auth_decision *ret);
bool auth_decide_trial(const struct auth_gate *network, const struct auth_gate *service,
		       const struct auth_request *q, struct auth_decision *ret);
void auth_write_denial(const struct auth_decision *d, const struct auth_request *q, struct buf *to);
void auth_write_statement(const struct auth_part *p, struct buf *to);
struct str auth_layer_name(enum auth_layer l);

#endif
