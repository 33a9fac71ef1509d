/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decision about a request. Nobody is asked while neither network nor service asks for IAM.
 * Else a layer that is on must allow, and so must the policy of the caller itself, unless it is
 * anonymous; a Deny of any of them wins.
 */
#include "auth/decision.h"

/* Values that are put together for a request: a header on many lines, a query decoded. */
enum { SCRATCH_BYTES_MAX = 256 << 10 };

static struct auth_part ask_gate(const struct auth_gate *g, const struct auth_request *q,
				 struct arena *scratch)
{
	struct auth_part p = { .is_asked = g->is_on, .policy = g->policy };

	if (p.is_asked && p.policy)
		p.result = policy_eval(p.policy, q, scratch);
	return p;
}

static struct auth_part ask_identity(const struct auth_request *q, struct arena *scratch)
{
	struct auth_part p = { .is_asked = q->principal->type != PRINCIPAL_ANONYMOUS,
			       .policy = q->principal->policy };

	if (p.is_asked && p.policy)
		p.result = policy_eval(p.policy, q, scratch);
	return p;
}

/* The first layer that says @verdict, or AUTH_LAYERS. */
static enum auth_layer find_verdict(const struct auth_decision *d, enum policy_verdict verdict)
{
	int i;

	for (i = 0; i < AUTH_LAYERS; i++)
		if (d->parts[i].is_asked && d->parts[i].result.verdict == verdict)
			break;
	return (enum auth_layer)i;
}

/* Decide about @q, which wants to reach the service through the network. */
void auth_decide(const struct auth_gate *network, const struct auth_gate *service,
		 const struct auth_request *q, struct auth_decision *ret)
{
	struct arena scratch;

	*ret = (struct auth_decision){ .is_allowed = true };
	if (!network->is_on && !service->is_on)
		return;
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	ret->parts[AUTH_NETWORK] = ask_gate(network, q, &scratch);
	ret->parts[AUTH_SERVICE] = ask_gate(service, q, &scratch);
	ret->parts[AUTH_IDENTITY] = ask_identity(q, &scratch);
	arena_fini(&scratch);
	ret->layer = find_verdict(ret, POLICY_DENIES);
	ret->is_explicit = ret->layer != AUTH_LAYERS;
	if (!ret->is_explicit)
		ret->layer = find_verdict(ret, POLICY_SILENT);
	ret->is_allowed = ret->layer == AUTH_LAYERS;
}

static struct auth_gate gate_on_trial(const struct auth_gate *g)
{
	return g->trial ? (struct auth_gate){ .is_on = true, .policy = g->trial } : *g;
}

/* What would be decided if the policies on trial were in force; false: there are none. */
bool auth_decide_trial(const struct auth_gate *network, const struct auth_gate *service,
		       const struct auth_request *q, struct auth_decision *ret)
{
	struct auth_gate n = gate_on_trial(network), s = gate_on_trial(service);

	if (!network->trial && !service->trial)
		return false;
	auth_decide(&n, &s, q, ret);
	return true;
}

/* As the access log names it, static. */
struct str auth_layer_name(enum auth_layer l)
{
	static const struct str names[] = { { "Network", 7 }, { "Service", 7 }, { "Identity", 8 } };

	return l < AUTH_LAYERS ? names[l] : (struct str){ 0 };
}

static struct str layer_words(enum auth_layer l)
{
	static const struct str words[] = { { "network-based", 13 },
					    { "service-based", 13 },
					    { "identity-based", 14 } };

	return words[l];
}

/* What AWS tells a caller whom @d denies. */
void auth_write_denial(const struct auth_decision *d, const struct auth_request *q, struct buf *to)
{
	struct str action = auth_action_name(q);

	buf_add_lit(to, "AccessDeniedException: User: ");
	buf_add(to, q->principal->arn.n ? q->principal->arn : STR("anonymous"));
	buf_add_lit(to, " is not authorized to perform: ");
	buf_add(to, action);
	buf_add_lit(to, " on resource: ");
	buf_add(to, q->resource);
	if (d->is_explicit) {
		buf_add_lit(to, " with an explicit deny in ");
		buf_add(to, d->layer == AUTH_IDENTITY ? STR("an ") : STR("a "));
		buf_add(to, layer_words(d->layer));
		buf_add_lit(to, " policy");
		return;
	}
	buf_add_lit(to, " because no ");
	buf_add(to, layer_words(d->layer));
	buf_add_lit(to, " policy allows the ");
	buf_add(to, action);
	buf_add_lit(to, " action");
}

/* The statement that decided, by its Sid or else its number; "none" when no statement did. */
void auth_write_statement(const struct auth_part *p, struct buf *to)
{
	const struct policy_statement *s = p->result.statement;

	if (!s)
		buf_add_lit(to, "none");
	else if (s->sid.n)
		buf_add(to, s->sid);
	else
		buf_add_u64(to, (uint64_t)(s - p->policy->statements) + 1);
}
