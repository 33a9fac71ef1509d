/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request may carry, as tables: one struct field for each member, a table ends with an
 * all-zero entry. Whatever a table does not name is refused, so a misspelt member is never lost.
 */
#ifndef LATTICE_API_FIELD_H
#define LATTICE_API_FIELD_H

#include "base/arena.h"
#include "model/fault.h"

#include <stdint.h>

struct cJSON;

enum field_type {
	FIELD_STRING,
	FIELD_INTEGER,
	FIELD_BOOLEAN,
	FIELD_OBJECT,
	FIELD_UNION, /* an object with exactly one member */
	FIELD_LIST,  /* of what the first of members describes */
	FIELD_MAP,   /* of strings; min and max count its entries */
	FIELD_ANY,   /* not looked at; under the name "*" it stands for every member */
};

struct field {
	const char *name;
	enum field_type type;
	bool required;
	int64_t min, max;	     /* bytes, value or entries; max 0: not looked at */
	enum kind identifies;	     /* string: an id or ARN of this kind */
	bool (*matches)(struct str); /* string: further form, put in words by expected */
	const char *expected;
	const char *const *values; /* string: one of these, NULL at the end */
	const struct field *members;
};

int field_check_object(const struct cJSON *object, const struct field *fields, struct fault *fault);
int field_read_query(struct str query, const struct field *fields, struct cJSON *into,
		     struct fault *fault);
bool field_decode(struct str text, char *to, size_t *ret_len);

#endif
