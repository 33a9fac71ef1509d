/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explanations. Statements are looked at one by one and without the index, so that what is said
 * here can be held against what was decided.
 */
#include "api/explanation.h"

#include "base/json.h"

#include <cjson/cJSON.h>

/* Values that conditions of one policy put together. */
enum { SCRATCH_BYTES_MAX = 1 << 20 };

static void add_text(struct call *c, struct cJSON *list, struct str s)
{
	char *text = arena_cstr(&c->arena, s);
	cJSON *item = text ? cJSON_CreateString(text) : NULL;

	if (!item || !cJSON_AddItemToArray(list, item)) {
		cJSON_Delete(item);
		c->failed = true;
	}
}

/* An empty list that is the member @name of @to. */
static struct cJSON *add_list(struct call *c, struct cJSON *to, const char *name)
{
	cJSON *list = cJSON_AddArrayToObject(to, name);

	if (!list)
		c->failed = true;
	return list;
}

static struct str caller_of(const struct auth_request *q)
{
	return q->principal->arn.n ? q->principal->arn : STR("anonymous");
}

static void put_principal(struct call *c, const struct policy_statement *s,
			  const struct auth_request *q, struct cJSON *into)
{
	struct cJSON *wanted = add_list(c, into, "wanted");
	size_t i;

	for (i = 0; i < s->principals.name_count; i++)
		add_text(c, wanted, s->principals.names[i]);
	if (s->principals.is_everyone)
		add_text(c, wanted, STR("*"));
	add_text(c, add_list(c, into, "seen"), caller_of(q));
}

static void put_resource(struct call *c, const struct policy_statement *s,
			 const struct auth_request *q, struct cJSON *into)
{
	struct cJSON *wanted = add_list(c, into, "wanted");
	size_t i;

	for (i = 0; i < s->resource_count; i++)
		add_text(c, wanted, s->resources[i].source);
	add_text(c, add_list(c, into, "seen"), q->resource);
}

/* An empty list of what was seen: the key is missing. */
static void put_condition(struct call *c, const struct condition *d, struct context *x,
			  struct cJSON *into)
{
	const struct context_values *v = context_get(x, d->key);
	struct cJSON *list;
	size_t i;

	call_put_str(c, into, "operator", d->op_text);
	call_put_str(c, into, "key", x->keys->at[d->key].text);
	list = add_list(c, into, "wanted");
	for (i = 0; i < d->value_count; i++)
		add_text(c, list, d->values[i].source);
	list = add_list(c, into, "seen");
	for (i = 0; i < v->count; i++)
		add_text(c, list, context_value(v, i));
}

static void put_statement(struct call *c, const struct policy *p, size_t i, struct context *x,
			  struct cJSON *list)
{
	const struct policy_statement *s = &p->statements[i];
	struct policy_finding f = policy_look(p, s, x);
	struct cJSON *into = call_add_item(c, list);

	call_put_number(c, into, "number", (double)i + 1);
	if (s->sid.n)
		call_put_str(c, into, "sid", s->sid);
	call_put_str(c, into, "effect", s->is_deny ? STR("Deny") : STR("Allow"));
	call_put(c, into, "matches", cJSON_CreateBool(f.failed == POLICY_MATCHES));
	switch (f.failed) {
	case POLICY_MATCHES:
		break;
	case POLICY_PRINCIPAL:
		call_put_str(c, into, "element",
			     s->not_principal ? STR("NotPrincipal") : STR("Principal"));
		put_principal(c, s, x->request, into);
		break;
	case POLICY_ACTION:
		call_put_str(c, into, "element", STR("Action"));
		add_text(c, add_list(c, into, "seen"), auth_action_name(x->request));
		break;
	case POLICY_RESOURCE_ELEMENT:
		call_put_str(c, into, "element",
			     s->not_resource ? STR("NotResource") : STR("Resource"));
		put_resource(c, s, x->request, into);
		break;
	case POLICY_CONDITION:
		call_put_str(c, into, "element", STR("Condition"));
		put_condition(c, f.condition, x, into);
		break;
	}
}

static struct str verdict_of(const struct auth_part *p)
{
	if (!p->is_asked)
		return STR("NOT_ASKED");
	if (!p->policy)
		return STR("NO_POLICY");
	switch (p->result.verdict) {
	case POLICY_ALLOWS:
		return STR("ALLOWS");
	case POLICY_DENIES:
		return STR("DENIES");
	case POLICY_SILENT:
		break;
	}
	return STR("SILENT");
}

static void put_part(struct call *c, const struct explanation *e, const struct auth_part *p,
		     enum auth_layer layer, struct cJSON *list)
{
	const struct str of[] = { e->network_id, e->service_id, caller_of(e->question) };
	struct cJSON *into = call_add_item(c, list), *statements;
	struct arena scratch;
	struct context x;
	size_t i;

	call_put_str(c, into, "layer", auth_layer_name(layer));
	call_put_str(c, into, "of", of[layer]);
	call_put_str(c, into, "verdict", verdict_of(p));
	statements = add_list(c, into, "statements");
	if (!p->is_asked || !p->policy)
		return;
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	context_init(&x, &p->policy->keys, e->question, &scratch);
	for (i = 0; i < p->policy->statement_count; i++)
		put_statement(c, p->policy, i, &x, statements);
	c->failed |= x.failed;
	arena_fini(&scratch);
}

static void put_decision(struct call *c, const struct explanation *e, const struct auth_decision *d,
			 struct cJSON *into)
{
	struct cJSON *list;
	struct buf text;
	int i;

	call_put_str(c, into, "verdict", d->is_allowed ? STR("ALLOWED") : STR("DENIED"));
	if (!d->is_allowed) {
		buf_init(&text, 1 << 20);
		auth_write_denial(d, e->question, &text);
		call_put_str(c, into, "deniedReason", auth_layer_name(d->layer));
		call_put_str(c, into, "message", buf_str(&text));
		buf_fini(&text);
	}
	list = add_list(c, into, "policies");
	for (i = 0; i < AUTH_LAYERS; i++)
		put_part(c, e, &d->parts[i], (enum auth_layer)i, list);
}

/* Say in @into what is decided about the question of @e, and why; and what a trial would. */
void explanation_put(struct call *c, const struct explanation *e, struct cJSON *into)
{
	const struct auth_request *q = e->question;
	struct auth_decision d;

	call_put_str(c, into, "caller", caller_of(q));
	call_put(c, into, "isAttested", cJSON_CreateBool(q->principal->is_attested));
	call_put_str(c, into, "action", auth_action_name(q));
	call_put_str(c, into, "resource", q->resource);
	call_put_str(c, into, "sourceVpc", q->source_vpc);
	auth_decide(e->network, e->service, q, &d);
	put_decision(c, e, &d, into);
	if (auth_decide_trial(e->network, e->service, q, &d)) {
		cJSON *trial = cJSON_AddObjectToObject(into, "trial");

		put_decision(c, e, &d, trial);
	}
}
