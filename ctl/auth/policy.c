/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a compiled policy, and whom and what its statements name. */
#include "auth/policy.h"

#include "auth/policy_index.h"
#include "auth/policy_parse.h"

#include <stdio.h>
#include <stdlib.h>

/* Of the name of a call's action. */
enum { CALL_ACTION_BYTES_MAX = 128 };

/*
 * A compiled policy holds its text some times over, and sets of 64 bytes for each value that is
 * indexed; a longer document than the model allows is refused long before.
 */
static const size_t policy_bytes_max = (size_t)16 << 20;

/*
 * Compile @text. Returns a policy with one reference, or NULL with @error set; @text is copied.
 */
struct policy *policy_new(enum policy_kind kind, struct str text, struct policy_error *error)
{
	struct policy *p = calloc(1, sizeof(*p));

	*error = (struct policy_error){ .where = "document", .why = "finds no memory" };
	if (!p)
		return NULL;
	atomic_init(&p->refs, 1);
	arena_init(&p->arena, policy_bytes_max);
	p->kind = kind;
	p->keys.without_calls = kind == POLICY_RESOURCE;
	p->text = arena_copy(&p->arena, text);
	if (!p->text.p || policy_parse(p, error) < 0)
		goto err;
	p->index = policy_index_new(&p->arena, p);
	if (!p->index) {
		*error = (struct policy_error){ .where = "document", .why = "finds no memory" };
		goto err;
	}
	return p;

err:
	policy_put(p);
	return NULL;
}

/* Take one more reference. */
struct policy *policy_get(struct policy *p)
{
	/* Whoever calls holds a reference already, so nothing needs to be ordered. */
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
	return p;
}

/* Drop a reference, from any thread; the last frees the policy. NULL is fine. */
void policy_put(struct policy *p)
{
	/* Release: our reads come before the free; acquire: the free comes after all of them. */
	if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
		return;
	arena_fini(&p->arena);
	free(p);
}

static bool holds(const struct policy_principals *names, struct str name)
{
	size_t i;

	for (i = 0; i < names->name_count; i++)
		if (str_eq(names->names[i], name))
			return true;
	return false;
}

/*
 * Is @p among those that a statement's Principal names? It is by its account, by its ARN, or by
 * that of its role. Turned around (NotPrincipal, @is_not): every name that @p goes by must be in
 * the list for it to be spared, as IAM has it: a session by its own ARN, its role and its account.
 */
bool policy_names_principal(const struct policy_principals *names, bool is_not,
			    const struct principal *p)
{
	bool account, role, self;

	if (names->is_everyone)
		return !is_not;
	if (p->type == PRINCIPAL_ANONYMOUS)
		return is_not;
	account = holds(names, p->account);
	role = holds(names, p->iam_arn);
	self = holds(names, p->arn);
	if (p->type == PRINCIPAL_ACCOUNT) /* its ARN is written as the account */
		role = self = account;
	return is_not ? !(account && role && self) : account || role || self;
}

/* May @s, whose actions cover calls, be about the call's @action? */
bool policy_covers_call(const struct policy_statement *s, struct str action)
{
	char lower[CALL_ACTION_BYTES_MAX];
	size_t i;

	/* No such action: not covered by what allows, and by all that denies. */
	if (action.n > sizeof(lower))
		return s->is_deny;
	for (i = 0; i < action.n; i++)
		lower[i] = (char)(action.p[i] | (action.p[i] >= 'A' && action.p[i] <= 'Z') << 5);
	for (i = 0; i < s->call_count; i++)
		if (glob_matches(&s->calls[i], (struct str){ lower, action.n }, NULL))
			return !s->not_call;
	return s->not_call;
}

/* Does @r cover the resource of the request? */
bool policy_resource_matches(const struct policy_resource *r, struct context *c)
{
	struct str_cut cut = { .tail = c->request->resource };
	int i;

	if (!r->is_arn)
		return glob_matches(&r->whole, cut.tail, c);
	for (i = 0; i < 5; i++) {
		cut = str_cut(cut.tail, ':');
		if (!cut.found || !glob_matches(&r->parts[i], cut.head, c))
			return false;
	}
	return glob_matches(&r->parts[5], cut.tail, c);
}
