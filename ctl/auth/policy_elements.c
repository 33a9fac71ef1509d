/* SPDX-License-Identifier: Apache-2.0 */
/* The elements of a statement that say who, what, on which resource, and under which conditions. */
#include "auth/policy_elements.h"

#include "auth/policy_reader.h"
#include "base/array.h"

#include <cjson/cJSON.h>

/* Principals */

static bool is_account(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n == 12;
}

/* An account or one ARN of the AWS kind; the star is everyone. */
static int add_principal(struct policy_reader *p, const char *text, struct policy_principals *to)
{
	struct str s = policy_reader_keep(p, text);
	struct principal_arn arn;

	if (!s.p)
		return policy_reader_out_of_memory(p);
	if (str_eq(s, STR("*"))) {
		to->is_everyone = true;
		return 0;
	}
	if (!is_account(s)) {
		arn = principal_parse_arn(s);
		if (arn.type == PRINCIPAL_ANONYMOUS)
			return policy_reader_refuse(
				p,
				"%.64s is no principal: *, an account id or the ARN of a "
				"user, role or session without wildcards is wanted",
				text);
		if (arn.type == PRINCIPAL_ACCOUNT)
			s = arn.account;
	}
	to->names[to->name_count++] = s;
	return 0;
}

static int read_principal_list(struct policy_reader *p, const cJSON *value,
			       struct policy_principals *to)
{
	const cJSON *item;
	size_t count;

	if (policy_reader_count_strings(p, value, &count) < 0)
		return -1;
	to->names = arena_new(&p->policy->arena, struct str, count);
	if (!to->names)
		return policy_reader_out_of_memory(p);
	for (item = policy_reader_first(value); item; item = policy_reader_next(value, item))
		if (add_principal(p, item->valuestring, to) < 0)
			return -1;
	return 0;
}

/* "*", an account, or an object by kinds of principals; no caller is of another kind than AWS. */
static int read_principals(struct policy_reader *p, const cJSON *value,
			   struct policy_principals *to)
{
	const cJSON *kind;
	size_t count;

	if (cJSON_IsString(value))
		return read_principal_list(p, value, to);
	if (policy_reader_check_object(p, value) < 0)
		return -1;
	if (!value->child)
		return policy_reader_refuse(p, "must not be empty");
	for (kind = value->child; kind; kind = kind->next) {
		p->op = kind->string;
		if (!strcmp(kind->string, "AWS")) {
			if (read_principal_list(p, kind, to) < 0)
				return -1;
		} else if (strcmp(kind->string, "Service") != 0 &&
			   strcmp(kind->string, "Federated") != 0 &&
			   strcmp(kind->string, "CanonicalUser") != 0) {
			return policy_reader_refuse(
				p, "is no kind of principal: AWS, Service, Federated or "
				   "CanonicalUser are");
		} else if (policy_reader_count_strings(p, kind, &count) < 0) {
			return -1;
		}
	}
	p->op = NULL;
	return 0;
}

/* Principal, which says whom a policy of a network or a service is about. */
int policy_elements_read_principal(struct policy_reader *p, const cJSON *value,
				   struct policy_statement *s)
{
	if (p->policy->kind == POLICY_IDENTITY)
		return policy_reader_refuse(p, "has no place in a policy of an identity");
	return read_principals(p, value, &s->principals);
}

/* NotPrincipal: everyone else. */
int policy_elements_read_not_principal(struct policy_reader *p, const cJSON *value,
				       struct policy_statement *s)
{
	s->not_principal = true;
	return policy_elements_read_principal(p, value, s);
}

/* Actions */

/* @text in lower case, its wildcards compiled. */
static int compile_action(struct policy_reader *p, const char *text, struct glob *ret)
{
	struct glob_form form = { .wildcards = true, .arena = &p->policy->arena };
	char *lower = arena_cstr(&p->policy->arena, str_of(text));
	const char *why;
	size_t i;

	if (!lower)
		return policy_reader_out_of_memory(p);
	for (i = 0; lower[i]; i++)
		if (lower[i] >= 'A' && lower[i] <= 'Z')
			lower[i] |= 0x20;
	if (glob_compile(&form, str_of(lower), ret, &why) < 0)
		return policy_reader_refuse(p, "%.64s %s", text, why);
	return 0;
}

/* May @g cover a call of the control API? */
static bool is_of_calls(const struct glob *g)
{
	return g->kind != GLOB_EXACT || str_starts(g->text, STR("vpc-lattice:"));
}

/* Add to @s what the pattern @text covers; only identities have rights to call. */
static int add_action(struct policy_reader *p, const char *text, struct policy_statement *s)
{
	static const struct str names[] = { { "vpc-lattice-svcs:invoke", 23 },
					    { "vpc-lattice-svcs:connect", 24 } };
	unsigned covered = 0, i;
	struct glob g;

	if (compile_action(p, text, &g) < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (glob_matches(&g, names[i], NULL))
			covered |= 1U << i;
	if (!strchr(text, ':') && strcmp(text, "*") != 0)
		return policy_reader_refuse(p, "%.64s is no action: SERVICE:NAME is wanted", text);
	if (!covered && p->policy->kind == POLICY_RESOURCE)
		return policy_reader_refuse(
			p,
			"%.64s is none of the actions vpc-lattice-svcs:Invoke and "
			"vpc-lattice-svcs:Connect",
			text);
	if (p->policy->kind == POLICY_IDENTITY && is_of_calls(&g)) {
		s->calls[s->call_count++] = g;
		covered |= 1U << AUTH_CALL;
	}
	s->actions |= covered;
	return 0;
}

/* Action: names with wildcards, in any case. */
int policy_elements_read_action(struct policy_reader *p, const cJSON *value,
				struct policy_statement *s)
{
	const cJSON *item;
	size_t count;

	if (policy_reader_count_strings(p, value, &count) < 0)
		return -1;
	s->calls = arena_new(&p->policy->arena, struct glob, count);
	if (!s->calls)
		return policy_reader_out_of_memory(p);
	for (item = policy_reader_first(value); item; item = policy_reader_next(value, item))
		if (add_action(p, item->valuestring, s) < 0)
			return -1;
	return 0;
}

/* NotAction: all others. */
int policy_elements_read_not_action(struct policy_reader *p, const cJSON *value,
				    struct policy_statement *s)
{
	if (policy_elements_read_action(p, value, s) < 0)
		return -1;
	s->actions = ~s->actions & ((1U << AUTH_ACTIONS) - 1);
	if (p->policy->kind == POLICY_IDENTITY) {
		s->actions |= 1U << AUTH_CALL;
		s->not_call = true;
	}
	return 0;
}

/* Resources */

static struct glob_form form_of(struct policy_reader *p)
{
	return (struct glob_form){ .wildcards = true,
				   .variables = p->has_variables,
				   .keys = &p->policy->keys,
				   .arena = &p->policy->arena };
}

/* The parts of an ARN; variables may stand in the last. */
static int compile_resource_arn(struct policy_reader *p, struct policy_resource *r)
{
	struct glob_form form = form_of(p);
	struct str_cut c = { .tail = r->source };
	const char *why;
	size_t i;

	r->is_arn = true;
	for (i = 0; i < 6; i++) {
		struct str part = c.tail;

		form.variables = i == 5 && p->has_variables;
		if (i < 5) {
			c = str_cut(c.tail, ':');
			part = c.head;
			if (!c.found)
				return policy_reader_refuse(
					p,
					"%.64s is no ARN: six parts with colons between them "
					"are wanted",
					r->source.p);
		}
		if (glob_compile(&form, part, &r->parts[i], &why) < 0)
			return policy_reader_refuse(p, "%.64s %s", r->source.p, why);
	}
	return 0;
}

static int compile_resource(struct policy_reader *p, const char *text, struct policy_resource *r)
{
	struct glob_form form = form_of(p);
	const char *why;

	r->source = policy_reader_keep(p, text);
	if (!r->source.p)
		return policy_reader_out_of_memory(p);
	if (str_starts(r->source, STR("arn:")))
		return compile_resource_arn(p, r);
	if (glob_compile(&form, r->source, &r->whole, &why) < 0)
		return policy_reader_refuse(p, "%.64s %s", text, why);
	return 0;
}

/* Resource: ARNs with wildcards and variables, or parts of them. */
int policy_elements_read_resource(struct policy_reader *p, const cJSON *value,
				  struct policy_statement *s)
{
	const cJSON *item;
	size_t count;

	if (policy_reader_count_strings(p, value, &count) < 0)
		return -1;
	s->resources = arena_new(&p->policy->arena, struct policy_resource, count);
	if (!s->resources)
		return policy_reader_out_of_memory(p);
	for (item = policy_reader_first(value); item; item = policy_reader_next(value, item))
		if (compile_resource(p, item->valuestring, &s->resources[s->resource_count++]) < 0)
			return -1;
	return 0;
}

/* NotResource: all others. */
int policy_elements_read_not_resource(struct policy_reader *p, const cJSON *value,
				      struct policy_statement *s)
{
	s->not_resource = true;
	return policy_elements_read_resource(p, value, s);
}

/* Conditions */

/* A value as text: strings, and numbers and truth that were written without quotes. */
static int read_text(struct policy_reader *p, const cJSON *item, struct str *ret)
{
	if (cJSON_IsString(item))
		*ret = policy_reader_keep(p, item->valuestring);
	else if (cJSON_IsNumber(item))
		*ret = arena_printf(&p->policy->arena, "%.15g", item->valuedouble);
	else if (cJSON_IsBool(item))
		*ret = policy_reader_keep(p, cJSON_IsTrue(item) ? "true" : "false");
	else
		return policy_reader_refuse(p, "must be a string or a list of strings");
	return ret->p ? 0 : policy_reader_out_of_memory(p);
}

static int read_condition_values(struct policy_reader *p, const cJSON *value, struct condition *c)
{
	struct glob_form form = form_of(p);
	const cJSON *item;
	size_t count = 0;
	const char *why;
	struct str text;

	for (item = policy_reader_first(value); item; item = policy_reader_next(value, item))
		count++;
	if (!count || count > POLICY_VALUES_MAX)
		return policy_reader_refuse(p, "must have 1 to %d values", POLICY_VALUES_MAX);
	c->values = arena_new(&p->policy->arena, struct condition_value, count);
	if (!c->values)
		return policy_reader_out_of_memory(p);
	for (item = policy_reader_first(value); item; item = policy_reader_next(value, item)) {
		if (read_text(p, item, &text) < 0)
			return -1;
		if (condition_compile_value(c, &form, text, &c->values[c->value_count++], &why) < 0)
			return policy_reader_refuse(p, "%.64s %s", text.p, why);
	}
	return 0;
}

/* All keys of one operator. */
static int read_operator(struct policy_reader *p, const cJSON *op, struct policy_statement *s)
{
	const char *why;
	const cJSON *key;

	p->op = op->string;
	if (policy_reader_check_object(p, op) < 0)
		return -1;
	if (!op->child)
		return policy_reader_refuse(p, "must not be empty");
	for (key = op->child; key; key = key->next) {
		struct condition *c = &s->conditions[s->condition_count++];
		struct str text = policy_reader_keep(p, key->string),
			   name = policy_reader_keep(p, op->string);

		if (!text.p || !name.p)
			return policy_reader_out_of_memory(p);
		if (condition_read_operator(name, c, &why) < 0)
			return policy_reader_refuse(p, "%s", why);
		p->key = key->string;
		if (context_keys_add(&p->policy->keys, text, &c->key, &why) < 0)
			return policy_reader_refuse(p, "%s", why);
		if (read_condition_values(p, key, c) < 0)
			return -1;
		p->key = NULL;
	}
	p->op = NULL;
	return 0;
}

/* Condition: operators, keys below them, and below these values. */
int policy_elements_read_conditions(struct policy_reader *p, const cJSON *value,
				    struct policy_statement *s)
{
	const cJSON *op;
	size_t count = 0;

	if (policy_reader_check_object(p, value) < 0)
		return -1;
	for (op = value->child; op; op = op->next)
		count += (size_t)cJSON_GetArraySize(op);
	s->conditions = arena_new(&p->policy->arena, struct condition, count + 1);
	if (!s->conditions)
		return policy_reader_out_of_memory(p);
	for (op = value->child; op; op = op->next)
		if (read_operator(p, op, s) < 0)
			return -1;
	return 0;
}
