/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluation. Deny statements come first: the first that matches decides, whatever allows. Then
 * the first Allow that matches; without one the policy is silent.
 */
#include "auth/policy_eval.h"

#include "auth/policy_index.h"

static bool covers_resource(const struct policy_statement *s, struct context *c)
{
	size_t i;

	for (i = 0; i < s->resource_count; i++)
		if (policy_resource_matches(&s->resources[i], c))
			return !s->not_resource;
	return s->not_resource;
}

static bool covers_action(const struct policy_statement *s, const struct auth_request *q)
{
	if (!(s->actions & 1U << q->action))
		return false;
	return q->action != AUTH_CALL || policy_covers_call(s, q->call->action);
}

/* Does a candidate of the index match in what the index does not know? */
static bool matches(const struct policy_statement *s, struct context *c)
{
	size_t i;

	if (s->not_principal &&
	    !policy_names_principal(&s->principals, true, c->request->principal))
		return false;
	if (!covers_action(s, c->request))
		return false;
	if (!covers_resource(s, c))
		return false;
	for (i = 0; i < s->condition_count; i++)
		if (!s->conditions[i].is_indexed && !condition_holds(&s->conditions[i], c))
			return false;
	return true;
}

/* The first statement of @set that matches, of those that deny or those that allow; or NULL. */
static const struct policy_statement *first_match(const struct policy *p, const uint64_t *set,
						  bool denies, struct context *c)
{
	const uint64_t *mask = policy_index_denies(p->index);
	size_t w;

	for (w = 0; w < (p->statement_count + 63) / 64; w++) {
		uint64_t left = set[w] & (denies ? mask[w] : ~mask[w]);

		for (; left; left &= left - 1) {
			size_t i = w * 64 + (size_t)__builtin_ctzll(left);

			if (matches(&p->statements[i], c))
				return &p->statements[i];
		}
	}
	return NULL;
}

/*
 * What @p says to @q. When @scratch is too small for the values that were asked for, the policy
 * allows nothing.
 */
struct policy_result policy_eval(const struct policy *p, const struct auth_request *q,
				 struct arena *scratch)
{
	const struct policy_statement *deny, *allow = NULL;
	uint64_t set[POLICY_WORDS_MAX];
	struct context c;

	context_init(&c, &p->keys, q, scratch);
	policy_index_find(p, &c, set);
	deny = first_match(p, set, true, &c);
	if (!deny)
		allow = first_match(p, set, false, &c);
	if (c.failed) /* a Deny may have been missed for want of its value */
		return (struct policy_result){ POLICY_SILENT, NULL };
	if (deny)
		return (struct policy_result){ POLICY_DENIES, deny };
	return (struct policy_result){ allow ? POLICY_ALLOWS : POLICY_SILENT, allow };
}

/* What of @s, a statement of @p, does not match the request of @c; without the index. */
struct policy_finding policy_look(const struct policy *p, const struct policy_statement *s,
				  struct context *c)
{
	size_t i;

	if (p->kind == POLICY_RESOURCE &&
	    !policy_names_principal(&s->principals, s->not_principal, c->request->principal))
		return (struct policy_finding){ POLICY_PRINCIPAL, NULL };
	if (!covers_action(s, c->request))
		return (struct policy_finding){ POLICY_ACTION, NULL };
	if (!covers_resource(s, c))
		return (struct policy_finding){ POLICY_RESOURCE_ELEMENT, NULL };
	for (i = 0; i < s->condition_count; i++)
		if (!condition_holds(&s->conditions[i], c))
			return (struct policy_finding){ POLICY_CONDITION, &s->conditions[i] };
	return (struct policy_finding){ POLICY_MATCHES, NULL };
}
