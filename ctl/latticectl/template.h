/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CloudFormation template: its parameters, conditions and functions. template_load(), give
 * values to what has none, then evaluate the properties of its resources; template_fini(). What
 * goes wrong is said in fault.
 */
#ifndef LATTICE_LATTICECTL_TEMPLATE_H
#define LATTICE_LATTICECTL_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

enum { TEMPLATE_RESOURCES_MAX = 500, TEMPLATE_FAULT_BYTES = 256 };

struct template
{
	struct cJSON *root;
	struct cJSON *values; /* of parameters, by name; a list where the parameter is one */
	struct cJSON *live;   /* by logical id: the API's description; null: not made yet */
	unsigned depth;	      /* of conditions that name conditions */
	char fault[TEMPLATE_FAULT_BYTES];
};

/* Member of a live description that Ref yields; without it, the ARN. */
#define TEMPLATE_REF "$ref"

enum template_result { TEMPLATE_FAILED = -1, TEMPLATE_DONE, TEMPLATE_NO_VALUE };

int template_load(struct template *t, const char *path);
void template_fini(struct template *t);
int template_set(struct template *t, const char *text);
int template_settle_parameters(struct template *t);
int template_order(struct template *t, const struct cJSON *ret[TEMPLATE_RESOURCES_MAX],
		   size_t *ret_count);

enum template_result template_eval(struct template *t, const struct cJSON *value,
				   struct cJSON **ret);
int template_is_wanted(struct template *t, const struct cJSON *resource, bool *ret);

/* Shared by the template's own files. */
int template_fail(struct template *t, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
enum template_result template_function(struct template *t, const struct cJSON *call,
				       struct cJSON **ret);
bool template_is_function(const struct cJSON *value);
const struct cJSON *template_attribute(const struct cJSON *live, const char *path);

#endif
