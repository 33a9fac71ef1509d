/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy document being read. Functions that return int return 0, or -1 when they have refused
 * the document; strings are kept in the policy's arena.
 */
#ifndef LATTICE_AUTH_POLICY_READER_H
#define LATTICE_AUTH_POLICY_READER_H

#include "auth/policy.h"

struct cJSON;

/* Values of one element, for instance the resources of a statement. */
enum { POLICY_VALUES_MAX = 1024 };

struct policy_reader {
	struct policy *policy;
	struct policy_error *error;
	bool has_variables;		    /* by its version */
	size_t statement;		    /* its number from 1; 0: outside of statements */
	const char *element, *op, *key;	    /* where we are; NULL: not so deep */
	const struct policy_statement *now; /* the statement being read */
};

int policy_reader_refuse(const struct policy_reader *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int policy_reader_out_of_memory(const struct policy_reader *p);
struct str policy_reader_keep(struct policy_reader *p, const char *text);
int policy_reader_check_object(struct policy_reader *p, const struct cJSON *object);
int policy_reader_count_strings(struct policy_reader *p, const struct cJSON *value, size_t *ret);
const struct cJSON *policy_reader_first(const struct cJSON *value);
const struct cJSON *policy_reader_next(const struct cJSON *value, const struct cJSON *item);

#endif
