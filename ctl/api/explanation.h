/* SPDX-License-Identifier: Apache-2.0 */
/* Why a request is allowed or denied: every statement of every policy, and the verdict. */
#ifndef LATTICE_API_EXPLANATION_H
#define LATTICE_API_EXPLANATION_H

#include "api/call.h"
#include "auth/decision.h"

/* What is asked, and the gates that it must pass. */
struct explanation {
	const struct auth_request *question;
	const struct auth_gate *network, *service;
	struct str network_id, service_id;
};

void explanation_put(struct call *c, const struct explanation *e, struct cJSON *into);

#endif
