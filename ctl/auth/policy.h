/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An IAM policy as it is evaluated: policy_new() reads the document (auth/policy_parse.h) and
 * indexes it (auth/policy_index.h); auth/policy_eval.h asks it. Immutable from then on, counted, so
 * that snapshots share what did not change.
 */
#ifndef LATTICE_AUTH_POLICY_H
#define LATTICE_AUTH_POLICY_H

#include "auth/condition.h"

#include <stdatomic.h>

enum {
	/* What the API's model allows; the quota is less. */
	POLICY_TEXT_BYTES_MAX = 36864,

	POLICY_STATEMENTS_MAX = 512,
	POLICY_WORDS_MAX = POLICY_STATEMENTS_MAX / 64,
};

/* Attached to a network or service and naming principals, or attached to a principal. */
enum policy_kind { POLICY_RESOURCE, POLICY_IDENTITY };

/* Whom a statement is about. */
struct policy_principals {
	bool is_everyone;  /* anonymous callers too */
	struct str *names; /* ARNs and account ids; "arn:...:root" is written as the account */
	size_t name_count;
};

/* A pattern of resources. */
struct policy_resource {
	struct str source;
	bool is_arn;	   /* parts are compared one by one: no wildcard crosses a colon */
	struct glob whole; /* else */
	struct glob parts[6];
};

struct policy_statement {
	struct str sid; /* empty: none */
	bool is_deny, not_principal, not_resource;
	unsigned actions; /* a bit for each enum auth_action; NotAction is turned around */

	/* what its Action, or turned around its NotAction, covers of calls; in lower case */
	bool not_call;
	struct glob *calls;
	size_t call_count;

	struct policy_principals principals;
	struct policy_resource *resources;
	size_t resource_count;
	struct condition *conditions;
	size_t condition_count;
};

struct policy_index;

struct policy {
	atomic_uint refs;
	enum policy_kind kind;
	struct str text; /* as it was given */
	struct context_keys keys;
	struct policy_statement *statements;
	size_t statement_count;
	const struct policy_index *index;
	struct arena arena;
};

/* Why a document is refused: where in it, and what is wrong there. */
struct policy_error {
	char where[128]; /* "statement 2 (Sid ReadOnly), Condition/StringEquals/aws:PrincipalArn" */
	char why[160];
};

struct policy *policy_new(enum policy_kind kind, struct str text, struct policy_error *error);
struct policy *policy_get(struct policy *p);
void policy_put(struct policy *p);
bool policy_names_principal(const struct policy_principals *names, bool is_not,
			    const struct principal *p);
bool policy_covers_call(const struct policy_statement *s, struct str action);
bool policy_resource_matches(const struct policy_resource *r, struct context *c);

#endif
