/* SPDX-License-Identifier: Apache-2.0 */
/* What a Lambda function returned, as a response. Pure; everything lives in the arena given. */
#ifndef LATTICE_PROXY_LAMBDA_ANSWER_H
#define LATTICE_PROXY_LAMBDA_ANSWER_H

#include "base/arena.h"
#include "http/message.h"

struct lambda_answer {
	unsigned status;
	struct http_headers headers; /* names in lower case; none that frames the body */
	struct str body;
};

bool lambda_answer_parse(struct str json, struct arena *a, struct lambda_answer *ret);

#endif
