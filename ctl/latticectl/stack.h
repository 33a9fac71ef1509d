/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stack: the resources of one template, known by two tags. stack_open(), stack_plan() says what
 * would be done, stack_run() does it and undoes it all when it fails, stack_close().
 */
#ifndef LATTICE_LATTICECTL_STACK_H
#define LATTICE_LATTICECTL_STACK_H

#include "latticectl/session.h"
#include "latticectl/stack_type.h"
#include "latticectl/template.h"

#define STACK_TAG    "lattice:stack"
#define STACK_ID_TAG "lattice:logical-id"

enum stack_action {
	STACK_KEEP, /* it is as it should be */
	STACK_CREATE,
	STACK_UPDATE,
	STACK_REPLACE, /* delete it, make it anew */
	STACK_SKIP,    /* a type that is not made here */
	STACK_DELETE,  /* the template has it no more */
	STACK_LEAVE,   /* the same, but nobody asked to prune */
};

/* One resource of the template or of the stack. */
struct stack_step {
	enum stack_action action;
	const char *logical_id, *type_name; /* borrowed from template or list */
	const struct stack_type *type;	    /* NULL: skipped */
	const struct cJSON *resource;	    /* of the template; NULL: gone from it */
	const struct cJSON *found;	    /* of the list of what has the stack's tag */
	struct cJSON *described;	    /* what Get says of it; NULL: not made */
	unsigned reasons;		    /* of an update: bits below */
};

enum { STACK_MEMBERS = 1, STACK_TAGS = 2, STACK_TARGETS = 4 };

/* A template's resources, and as many that it no longer has. */
enum { STACK_STEPS_MAX = 2 * TEMPLATE_RESOURCES_MAX };

struct stack {
	struct session *session;
	const char *name;
	bool prune;
	struct template template;
	struct cJSON *found;
	struct stack_step *steps; /* in the order in which they are done */
	size_t count;
	struct cJSON *undo; /* {operation, members} of what was done, the last first */
};

enum exit_status stack_open(struct stack *k, struct session *s, const struct args *a);
enum exit_status stack_plan(struct stack *k);
enum exit_status stack_run(struct stack *k);
enum exit_status stack_outputs(struct stack *k, struct cJSON **ret);
void stack_close(struct stack *k);

/* Shared by the stack's own files. */
struct cJSON *stack_wanted(struct stack *k, const struct stack_step *step, struct cJSON **ret_tags,
			   struct cJSON **ret_targets);
struct cJSON *stack_names(const struct stack_step *step);
enum exit_status stack_fault(const struct stack *k, const char *logical_id);
enum exit_status stack_describe(struct stack *k, struct stack_step *step, struct cJSON *members);
double stack_port(const struct cJSON *of, double otherwise);
enum exit_status stack_list_targets(struct stack *k, const struct stack_step *step,
				    struct cJSON **ret);

#endif
