/* SPDX-License-Identifier: Apache-2.0 */
/* CloudFormation's resource types and the operations of the API that they come down to. */
#ifndef LATTICE_LATTICECTL_STACK_TYPE_H
#define LATTICE_LATTICECTL_STACK_TYPE_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

struct stack_type {
	const char *name;			    /* of CloudFormation */
	const char *kind;			    /* resourceType of the API */
	const char *create, *get, *update, *remove; /* update NULL: nothing can change */
	const char *label;			    /* member that names one */
	const char *parents;  /* members that its parents are named by, between spaces */
	const char *changing; /* members that update takes, between spaces */
	bool replaceable;     /* nothing else hangs on it: it may be made anew */
	unsigned rank;	      /* the least is deleted first; from 1 on it has a name */
	const char *ref;      /* member that Ref yields; NULL: the ARN */
};

const struct stack_type *stack_type_find(const char *name);
const struct stack_type *stack_type_of_kind(const char *kind);
bool stack_word_in(const char *words, const char *word);

/* Room for a generated name: three parts, hyphens and a terminator. */
enum { STACK_NAME_DIGEST = 12, STACK_NAME_BYTES = 13 + 1 + 13 + 1 + STACK_NAME_DIGEST + 1 };

void stack_make_name(const char *stack, const char *logical_id, char to[STACK_NAME_BYTES]);
struct cJSON *stack_members(const struct cJSON *properties);
struct cJSON *stack_take_tags(struct cJSON *members);
bool stack_same(const struct cJSON *wanted, const struct cJSON *current);
const struct cJSON *stack_current(const struct cJSON *described, const char *member);

#endif
