/* SPDX-License-Identifier: Apache-2.0 */
/* What a request asks of Lambda's Invoke API or of its Runtime API, from its method and path. */
#ifndef LATTICE_LATTICECTL_LAMBDA_PATH_H
#define LATTICE_LATTICECTL_LAMBDA_PATH_H

#include "base/str.h"

enum { LAMBDA_ARN_BYTES = 256 };

enum lambda_operation {
	LAMBDA_UNKNOWN,
	LAMBDA_INVOKE,
	LAMBDA_OTHER_FUNCTION, /* an Invoke, of another one */
	LAMBDA_NEXT,
	LAMBDA_RESPONSE,
	LAMBDA_ERROR,
	LAMBDA_INIT_ERROR,
};

struct lambda_call {
	/* RESPONSE, ERROR: of the request; borrowed from the path. */
	struct str id;
	/* INVOKE: the function's, as it was called or made up. */
	char arn[LAMBDA_ARN_BYTES];
};

enum lambda_operation lambda_path_of_invoke(struct str method, struct str path, const char *name,
					    struct lambda_call *ret);
enum lambda_operation lambda_path_of_runtime(struct str method, struct str path,
					     struct lambda_call *ret);

#endif
