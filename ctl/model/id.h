/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids and ARNs of resources. A request may name a resource by either: id_parse() yields the id,
 * and whoever finds the resource then compares its ARN with the one that was given.
 */
#ifndef LATTICE_MODEL_ID_H
#define LATTICE_MODEL_ID_H

#include "base/arena.h"
#include "model/kind.h"

enum { ID_BYTES_MAX = 40, ID_RANDOM_DIGITS = 17, ACCOUNT_DIGITS = 12 };

/* Where a resource lives and what it is: everything that its ARN says. */
struct arn {
	enum kind kind;
	struct str region, account;
	struct str parent; /* listener: the id of its service; else empty */
	struct str id;
};

struct str id_new(enum kind kind, char text[ID_BYTES_MAX]);
bool id_is_valid(enum kind kind, struct str id);
bool id_is_account(struct str s);
bool id_parse(enum kind kind, struct str identifier, struct str *ret);
struct str arn_account(struct str arn);
struct str arn_write(struct arena *a, const struct arn *arn);

#endif
