/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision and its words, which are AWS's. Actions are the names of the operations behind
 * "vpc-lattice:"; two are AWS's exceptions.
 */
#include "api/permission.h"

#include "api/permission_keys.h"
#include "auth/policy_eval.h"
#include "base/array.h"

#include <cjson/cJSON.h>

/* Values that are put together for one evaluation. */
enum { SCRATCH_BYTES_MAX = 64 << 10 };

#define SERVICE "vpc-lattice:"

/* AWS's operations; others, of our own, are administrators'. */
static const struct {
	struct str name, uri;
} operations[] = {
#define X(name, method, uri, status, handler, body, query) \
	{ { #name, sizeof(#name) - 1 }, { uri, sizeof(uri) - 1 } },
#include "api/operations.def"
#undef X
};

/* Actions that AWS has without an operation. */
static const struct str other_actions[] = {
	{ "AssociateViaAWSService", 22 },
	{ "AssociateViaAWSService-EventsAndStates", 38 },
	{ "CreateServiceNetworkVpcEndpointAssociation", 42 },
};

/* The action that @operation needs: several rules are updated with the right to update one. */
static struct str action_of(struct call *c, struct str operation)
{
	if (str_eq(operation, STR("BatchUpdateRule")))
		return STR(SERVICE "UpdateRule");
	return arena_printf(&c->arena, SERVICE STR_FMT, STR_ARG(operation));
}

/* Refuse as AWS does; without a resource nothing is said of one. */
static int deny(struct call *c, const struct auth_request *q, bool is_explicit)
{
	const struct str action = q->call->action;
	const struct str resource = str_eq(q->resource, STR("*")) ? STR("") : q->resource;
	struct str why = STR(" with an explicit deny in an identity-based policy");

	if (!is_explicit)
		why = arena_printf(&c->arena,
				   " because no identity-based policy allows the " STR_FMT
				   " action",
				   STR_ARG(action));
	return fault_set(&c->fault, FAULT_ACCESS_DENIED,
			 "User: " STR_FMT " is not authorized to perform: " STR_FMT
			 "%s" STR_FMT STR_FMT,
			 STR_ARG(q->principal->arn), STR_ARG(action),
			 resource.n ? " on resource: " : "", STR_ARG(resource), STR_ARG(why));
}

/* Ask the policy of the caller about @r, one of the things that the call touches. */
static int ask_policy(struct call *c, const struct permission *p, const struct auth_call *said,
		      const struct permission_resource *r)
{
	const struct policy *policy = p->principal->policy;
	struct policy_result result = { 0 };
	struct auth_call call = *said;
	struct auth_request q = {
		.action = AUTH_CALL,
		.principal = p->principal,
		.resource = r->arn,
		.source = p->source,
		.now_ms = c->now_ms,
		.headers = p->headers,
		.call = &call,
	};
	struct arena scratch;

	permission_read_record(r, &call);
	if (permission_read_tags(c, cJSON_GetObjectItemCaseSensitive(r->body, "tags"),
				 &q.resource_tags, &q.resource_tag_count) < 0)
		return -1;
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	if (policy)
		result = policy_eval(policy, &q, &scratch);
	arena_fini(&scratch);
	if (result.verdict == POLICY_ALLOWS)
		return 0;
	return deny(c, &q, result.verdict == POLICY_DENIES);
}

/* May @p->principal make the call? 0, or -1 with a fault. Inside the call's transaction. */
int permission_check(struct call *c, const struct permission *p)
{
	static const struct permission_resource everything = { .arn = { "*", 1 } };
	struct auth_call call = { .region = c->region };
	struct permission_resource *list;
	const struct permission_resource *r;

	if (p->principal->type == PRINCIPAL_ACCOUNT)
		return 0;
	call.action = action_of(c, p->operation);
	if (!call.action.p)
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	if (permission_scope(c, p->operation, p->uri, &list) < 0 ||
	    permission_read_keys(c, p->operation, &call) < 0)
		return -1;
	for (r = list ? list : &everything; r; r = r->next)
		if (ask_policy(c, p, &call, r) < 0)
			return -1;
	return 0;
}

/* Does the pattern @g, in lower case, cover the action @name? */
static bool covers(const struct glob *g, struct str name)
{
	char lower[128];
	size_t i, n = sizeof(SERVICE) - 1;

	if (n + name.n > sizeof(lower))
		return false;
	memcpy(lower, SERVICE, n);
	for (i = 0; i < name.n; i++)
		lower[n++] = (char)(name.p[i] | (name.p[i] >= 'A' && name.p[i] <= 'Z') << 5);
	return glob_matches(g, (struct str){ lower, n }, NULL);
}

static bool covers_any(const struct glob *g)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++)
		if (!str_starts(operations[i].uri, STR("/lattice/")) &&
		    covers(g, operations[i].name))
			return true;
	for (i = 0; i < ARRAY_SIZE(other_actions); i++)
		if (covers(g, other_actions[i]))
			return true;
	return false;
}

/* The text of the pattern @g as it was written, but in lower case and without a star at its end. */
static struct str written(struct call *c, const struct glob *g)
{
	char *text = arena_cstr(&c->arena, g->text);
	size_t i;

	if (!text)
		return STR("");
	for (i = 0; i < g->text.n; i++) {
		if (text[i] == GLOB_BYTE_RUN)
			text[i] = '*';
		else if (text[i] == GLOB_BYTE_ONE)
			text[i] = '?';
	}
	return str_of(text);
}

/* An action of @p that is named as one of this service must be one: it may be a restriction. */
int permission_check_policy(struct call *c, const struct policy *p)
{
	size_t i, k;

	for (i = 0; i < p->statement_count; i++) {
		const struct policy_statement *s = &p->statements[i];

		for (k = 0; k < s->call_count; k++) {
			const struct glob *g = &s->calls[k];

			if (str_starts(g->text, STR(SERVICE)) && !covers_any(g))
				return fault_set_field(&c->fault, "policy",
						       "policy: statement %zu, %s: " STR_FMT
						       " is no action of VPC Lattice",
						       i + 1, s->not_call ? "NotAction" : "Action",
						       STR_ARG(written(c, g)));
		}
	}
	return 0;
}
