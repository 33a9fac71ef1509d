/* SPDX-License-Identifier: Apache-2.0 */
/* ARNs of Lambda functions: arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]. */
#ifndef LATTICE_MODEL_FUNCTION_ARN_H
#define LATTICE_MODEL_FUNCTION_ARN_H

#include "base/str.h"

enum { FUNCTION_NAME_BYTES_MAX = 64, FUNCTION_ARN_BYTES_MAX = 200 };

/* What the id of a function's record ends with in the label that its session token is sealed under.
 */
#define FUNCTION_TOKEN_LABEL_END "/token"

struct function_arn {
	struct str unqualified; /* all but the qualifier */
	struct str region, name;
};

bool function_arn_parse(struct str text, struct function_arn *ret);
bool function_name_is_valid(struct str name);

#endif
