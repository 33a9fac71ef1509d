/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the control API by name, and the request that a JSON object of members becomes. */
#ifndef LATTICE_LATTICECTL_OPERATION_H
#define LATTICE_LATTICECTL_OPERATION_H

#include "base/buf.h"

struct cJSON;

struct operation {
	const char *name, *method, *uri;
	const char *query; /* names of the members in the query, between spaces */
};

const struct operation *operation_find(const char *name);
const char *operation_name(size_t at); /* NULL behind the last */
const struct operation *operation_nearest(const char *name);

/*
 * Append the request target to @uri, taking what it holds out of @members; the rest is the body.
 * Returns -EINVAL when a label has no value, and @ret_missing then holds the label's name.
 */
int operation_build(const struct operation *op, struct cJSON *members, struct buf *uri,
		    struct str *ret_missing);

#endif
