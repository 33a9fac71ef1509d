/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rule of a listener a request meets. The rules are compiled into one table when the
 * snapshot is made; asking it costs what the request is long, whether there is one rule or a
 * thousand.
 */
#ifndef LATTICE_MODEL_ROUTE_H
#define LATTICE_MODEL_ROUTE_H

#include "http/message.h"
#include "model/snapshot.h"

/* Bounds of a table; AWS allows 2000 rules, 5 headers each and values of 200 bytes. */
enum {
	ROUTE_RULES_MAX = 2048,
	ROUTE_HEADERS_MAX = 5,
	ROUTE_TEXT_BYTES_MAX = 255,
};

struct route_table;

/*
 * Compile @rules, sorted by priority, into memory of @a; the rules and their texts must live as
 * long. NULL when they are beyond the bounds or @a is spent.
 */
struct route_table *route_compile(struct arena *a, const struct snap_rule *rules, size_t count);

/* The first rule by priority that @q meets, or NULL; a NULL table has no rules. */
const struct snap_rule *route_find(const struct route_table *t, const struct http_request *q);

#endif
