/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy document: the elements of IAM's language in the spelling that IAM asks for.
 * cJSON reads the JSON; members twice, which it would keep both, are refused here.
 */
#include "auth/policy_parse.h"

#include "base/array.h"
#include "base/json.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>

/* Values of one element, for instance the resources of a statement. */
enum { VALUES_MAX = 1024 };

/* One document being read. */
struct parse {
	struct policy *policy;
	struct policy_error *error;
	bool has_variables;		    /* by its version */
	size_t statement;		    /* its number from 1; 0: outside of statements */
	const char *element, *op, *key;	    /* where we are; NULL: not so deep */
	const struct policy_statement *now; /* the statement being read */
};

/* Refuse the document, saying where we are. Returns -1. */
__attribute__((format(printf, 2, 3))) static int refuse(const struct parse *p, const char *format,
							...)
{
	struct policy_error *e = p->error;
	char sid[48] = "", number[32] = "document";
	va_list args;

	va_start(args, format);
	vsnprintf(e->why, sizeof(e->why), format, args);
	va_end(args);
	if (p->statement)
		snprintf(number, sizeof(number), "statement %zu", p->statement);
	if (p->now && p->now->sid.n)
		snprintf(sid, sizeof(sid), " (Sid %.32s)", p->now->sid.p);
	snprintf(e->where, sizeof(e->where), "%s%s%s%s%s%s%s%.48s", number, sid,
		 p->element ? ", " : "", p->element ? p->element : "", p->op ? "/" : "",
		 p->op ? p->op : "", p->key ? "/" : "", p->key ? p->key : "");
	return -1;
}

static int out_of_memory(const struct parse *p)
{
	return refuse(p, "finds no memory");
}

static struct str keep(struct parse *p, const char *text)
{
	return arena_copy(&p->policy->arena, str_of(text));
}

/* An object, in which no name stands twice. */
static int check_object(struct parse *p, const cJSON *object)
{
	const cJSON *a, *b;
	int count = 0;

	if (!cJSON_IsObject(object))
		return refuse(p, "must be an object");
	for (a = object->child; a; a = a->next) {
		if (++count > VALUES_MAX)
			return refuse(p, "has more than %d members", VALUES_MAX);
		for (b = a->next; b; b = b->next)
			if (!strcmp(a->string, b->string))
				return refuse(p, "has %.48s twice", a->string);
	}
	return 0;
}

/* One value, as JSON allows a list of one to be written, or the first of a list. */
static const cJSON *first_of(const cJSON *value)
{
	return cJSON_IsArray(value) ? value->child : value;
}

static const cJSON *next_of(const cJSON *value, const cJSON *item)
{
	return cJSON_IsArray(value) ? item->next : NULL;
}

/* How many strings @value holds; it may be a string or a list of them. */
static int count_strings(struct parse *p, const cJSON *value, size_t *ret)
{
	const cJSON *item;

	*ret = 0;
	for (item = first_of(value); item; item = next_of(value, item)) {
		if (!cJSON_IsString(item))
			return refuse(p, "must be a string or a list of strings");
		if (!item->valuestring[0])
			return refuse(p, "must not be empty");
		if (++*ret > VALUES_MAX)
			return refuse(p, "has more than %d values", VALUES_MAX);
	}
	return *ret ? 0 : refuse(p, "must not be an empty list");
}

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
static int add_principal(struct parse *p, const char *text, struct policy_principals *to)
{
	struct str s = keep(p, text);
	struct principal_arn arn;

	if (!s.p)
		return out_of_memory(p);
	if (str_eq(s, STR("*"))) {
		to->is_everyone = true;
		return 0;
	}
	if (!is_account(s)) {
		arn = principal_parse_arn(s);
		if (arn.type == PRINCIPAL_ANONYMOUS)
			return refuse(p,
				      "%.64s is no principal: *, an account id or the ARN of a "
				      "user, role or session without wildcards is wanted",
				      text);
		if (arn.type == PRINCIPAL_ACCOUNT)
			s = arn.account;
	}
	to->names[to->name_count++] = s;
	return 0;
}

static int read_principal_list(struct parse *p, const cJSON *value, struct policy_principals *to)
{
	const cJSON *item;
	size_t count;

	if (count_strings(p, value, &count) < 0)
		return -1;
	to->names = arena_new(&p->policy->arena, struct str, count);
	if (!to->names)
		return out_of_memory(p);
	for (item = first_of(value); item; item = next_of(value, item))
		if (add_principal(p, item->valuestring, to) < 0)
			return -1;
	return 0;
}

/* "*", an account, or an object by kinds of principals; no caller is of another kind than AWS. */
static int read_principals(struct parse *p, const cJSON *value, struct policy_principals *to)
{
	const cJSON *kind;
	size_t count;

	if (cJSON_IsString(value))
		return read_principal_list(p, value, to);
	if (check_object(p, value) < 0)
		return -1;
	if (!value->child)
		return refuse(p, "must not be empty");
	for (kind = value->child; kind; kind = kind->next) {
		p->op = kind->string;
		if (!strcmp(kind->string, "AWS")) {
			if (read_principal_list(p, kind, to) < 0)
				return -1;
		} else if (strcmp(kind->string, "Service") != 0 &&
			   strcmp(kind->string, "Federated") != 0 &&
			   strcmp(kind->string, "CanonicalUser") != 0) {
			return refuse(p, "is no kind of principal: AWS, Service, Federated or "
					 "CanonicalUser are");
		} else if (count_strings(p, kind, &count) < 0) {
			return -1;
		}
	}
	p->op = NULL;
	return 0;
}

static int read_principal(struct parse *p, const cJSON *value, struct policy_statement *s)
{
	if (p->policy->kind == POLICY_IDENTITY)
		return refuse(p, "has no place in a policy of an identity");
	return read_principals(p, value, &s->principals);
}

static int read_not_principal(struct parse *p, const cJSON *value, struct policy_statement *s)
{
	s->not_principal = true;
	return read_principal(p, value, s);
}

/* Actions */

/* @text in lower case, its wildcards compiled. */
static int compile_action(struct parse *p, const char *text, struct glob *ret)
{
	struct glob_form form = { .wildcards = true, .arena = &p->policy->arena };
	char *lower = arena_cstr(&p->policy->arena, str_of(text));
	const char *why;
	size_t i;

	if (!lower)
		return out_of_memory(p);
	for (i = 0; lower[i]; i++)
		if (lower[i] >= 'A' && lower[i] <= 'Z')
			lower[i] |= 0x20;
	if (glob_compile(&form, str_of(lower), ret, &why) < 0)
		return refuse(p, "%.64s %s", text, why);
	return 0;
}

/* May @g cover a call of the control API? */
static bool is_of_calls(const struct glob *g)
{
	return g->kind != GLOB_EXACT || str_starts(g->text, STR("vpc-lattice:"));
}

/* Add to @s what the pattern @text covers; only identities have rights to call. */
static int add_action(struct parse *p, const char *text, struct policy_statement *s)
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
		return refuse(p, "%.64s is no action: SERVICE:NAME is wanted", text);
	if (!covered && p->policy->kind == POLICY_RESOURCE)
		return refuse(p,
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

static int read_action(struct parse *p, const cJSON *value, struct policy_statement *s)
{
	const cJSON *item;
	size_t count;

	if (count_strings(p, value, &count) < 0)
		return -1;
	s->calls = arena_new(&p->policy->arena, struct glob, count);
	if (!s->calls)
		return out_of_memory(p);
	for (item = first_of(value); item; item = next_of(value, item))
		if (add_action(p, item->valuestring, s) < 0)
			return -1;
	return 0;
}

static int read_not_action(struct parse *p, const cJSON *value, struct policy_statement *s)
{
	if (read_action(p, value, s) < 0)
		return -1;
	s->actions = ~s->actions & ((1U << AUTH_ACTIONS) - 1);
	if (p->policy->kind == POLICY_IDENTITY) {
		s->actions |= 1U << AUTH_CALL;
		s->not_call = true;
	}
	return 0;
}

/* Resources */

static struct glob_form form_of(struct parse *p)
{
	return (struct glob_form){ .wildcards = true,
				   .variables = p->has_variables,
				   .keys = &p->policy->keys,
				   .arena = &p->policy->arena };
}

/* The parts of an ARN; variables may stand in the last. */
static int compile_resource_arn(struct parse *p, struct policy_resource *r)
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
				return refuse(p,
					      "%.64s is no ARN: six parts with colons between them "
					      "are wanted",
					      r->source.p);
		}
		if (glob_compile(&form, part, &r->parts[i], &why) < 0)
			return refuse(p, "%.64s %s", r->source.p, why);
	}
	return 0;
}

static int compile_resource(struct parse *p, const char *text, struct policy_resource *r)
{
	struct glob_form form = form_of(p);
	const char *why;

	r->source = keep(p, text);
	if (!r->source.p)
		return out_of_memory(p);
	if (str_starts(r->source, STR("arn:")))
		return compile_resource_arn(p, r);
	if (glob_compile(&form, r->source, &r->whole, &why) < 0)
		return refuse(p, "%.64s %s", text, why);
	return 0;
}

static int read_resource(struct parse *p, const cJSON *value, struct policy_statement *s)
{
	const cJSON *item;
	size_t count;

	if (count_strings(p, value, &count) < 0)
		return -1;
	s->resources = arena_new(&p->policy->arena, struct policy_resource, count);
	if (!s->resources)
		return out_of_memory(p);
	for (item = first_of(value); item; item = next_of(value, item))
		if (compile_resource(p, item->valuestring, &s->resources[s->resource_count++]) < 0)
			return -1;
	return 0;
}

static int read_not_resource(struct parse *p, const cJSON *value, struct policy_statement *s)
{
	s->not_resource = true;
	return read_resource(p, value, s);
}

/* Conditions */

/* A value as text: strings, and numbers and truth that were written without quotes. */
static int read_text(struct parse *p, const cJSON *item, struct str *ret)
{
	if (cJSON_IsString(item))
		*ret = keep(p, item->valuestring);
	else if (cJSON_IsNumber(item))
		*ret = arena_printf(&p->policy->arena, "%.15g", item->valuedouble);
	else if (cJSON_IsBool(item))
		*ret = keep(p, cJSON_IsTrue(item) ? "true" : "false");
	else
		return refuse(p, "must be a string or a list of strings");
	return ret->p ? 0 : out_of_memory(p);
}

static int read_condition_values(struct parse *p, const cJSON *value, struct condition *c)
{
	struct glob_form form = form_of(p);
	const cJSON *item;
	size_t count = 0;
	const char *why;
	struct str text;

	for (item = first_of(value); item; item = next_of(value, item))
		count++;
	if (!count || count > VALUES_MAX)
		return refuse(p, "must have 1 to %d values", VALUES_MAX);
	c->values = arena_new(&p->policy->arena, struct condition_value, count);
	if (!c->values)
		return out_of_memory(p);
	for (item = first_of(value); item; item = next_of(value, item)) {
		if (read_text(p, item, &text) < 0)
			return -1;
		if (condition_compile_value(c, &form, text, &c->values[c->value_count++], &why) < 0)
			return refuse(p, "%.64s %s", text.p, why);
	}
	return 0;
}

/* All keys of one operator. */
static int read_operator(struct parse *p, const cJSON *op, struct policy_statement *s)
{
	const char *why;
	const cJSON *key;

	p->op = op->string;
	if (check_object(p, op) < 0)
		return -1;
	if (!op->child)
		return refuse(p, "must not be empty");
	for (key = op->child; key; key = key->next) {
		struct condition *c = &s->conditions[s->condition_count++];
		struct str text = keep(p, key->string), name = keep(p, op->string);

		if (!text.p || !name.p)
			return out_of_memory(p);
		if (condition_read_operator(name, c, &why) < 0)
			return refuse(p, "%s", why);
		p->key = key->string;
		if (context_keys_add(&p->policy->keys, text, &c->key, &why) < 0)
			return refuse(p, "%s", why);
		if (read_condition_values(p, key, c) < 0)
			return -1;
		p->key = NULL;
	}
	p->op = NULL;
	return 0;
}

static int read_conditions(struct parse *p, const cJSON *value, struct policy_statement *s)
{
	const cJSON *op;
	size_t count = 0;

	if (check_object(p, value) < 0)
		return -1;
	for (op = value->child; op; op = op->next)
		count += (size_t)cJSON_GetArraySize(op);
	s->conditions = arena_new(&p->policy->arena, struct condition, count + 1);
	if (!s->conditions)
		return out_of_memory(p);
	for (op = value->child; op; op = op->next)
		if (read_operator(p, op, s) < 0)
			return -1;
	return 0;
}

/* Statements */

static int read_sid(struct parse *p, const cJSON *value, struct policy_statement *s)
{
	size_t i;

	if (!cJSON_IsString(value))
		return refuse(p, "must be a string");
	s->sid = keep(p, value->valuestring);
	if (!s->sid.p)
		return out_of_memory(p);
	for (i = 0; s->sid.n && i + 1 < p->statement; i++)
		if (str_eq(p->policy->statements[i].sid, s->sid))
			return refuse(p, "is that of statement %zu too", i + 1);
	return 0;
}

static int read_effect(struct parse *p, const cJSON *value, struct policy_statement *s)
{
	if (!cJSON_IsString(value) ||
	    (strcmp(value->valuestring, "Allow") != 0 && strcmp(value->valuestring, "Deny") != 0))
		return refuse(p, "must be Allow or Deny");
	s->is_deny = !strcmp(value->valuestring, "Deny");
	return 0;
}

enum {
	SID,
	EFFECT,
	PRINCIPAL,
	NOT_PRINCIPAL,
	ACTION,
	NOT_ACTION,
	RESOURCE,
	NOT_RESOURCE,
	CONDITION
};

static const struct {
	const char *name;
	int (*read)(struct parse *p, const cJSON *value, struct policy_statement *s);
} elements[] = {
	[SID] = { "Sid", read_sid },
	[EFFECT] = { "Effect", read_effect },
	[PRINCIPAL] = { "Principal", read_principal },
	[NOT_PRINCIPAL] = { "NotPrincipal", read_not_principal },
	[ACTION] = { "Action", read_action },
	[NOT_ACTION] = { "NotAction", read_not_action },
	[RESOURCE] = { "Resource", read_resource },
	[NOT_RESOURCE] = { "NotResource", read_not_resource },
	[CONDITION] = { "Condition", read_conditions },
};

/* Exactly one of two elements must stand in the statement whose elements are the bits @has. */
static int check_one_of(struct parse *p, unsigned has, int a, int b)
{
	bool has_a = has & 1U << a, has_b = has & 1U << b;

	if (has_a != has_b)
		return 0;
	return refuse(p, "needs one of %s and %s%s", elements[a].name, elements[b].name,
		      has_a ? ", not both" : "");
}

/* Which elements must stand together and which must not, before any of them is read. */
static int check_elements(struct parse *p, unsigned has)
{
	if (!(has & 1U << EFFECT))
		return refuse(p, "has no Effect");
	if (check_one_of(p, has, ACTION, NOT_ACTION) < 0 ||
	    check_one_of(p, has, RESOURCE, NOT_RESOURCE) < 0)
		return -1;
	if (p->policy->kind == POLICY_RESOURCE)
		return check_one_of(p, has, PRINCIPAL, NOT_PRINCIPAL);
	return 0;
}

/* The elements that @object has, as bits; others than IAM's are refused. */
static int find_elements(struct parse *p, const cJSON *object, unsigned *ret)
{
	const cJSON *item;
	size_t i;

	*ret = 0;
	for (item = object->child; item; item = item->next) {
		for (i = 0; i < ARRAY_SIZE(elements) && strcmp(elements[i].name, item->string); i++)
			;
		p->element = item->string;
		if (i == ARRAY_SIZE(elements))
			return refuse(p, "is no element of a statement");
		p->element = NULL;
		*ret |= 1U << i;
	}
	return 0;
}

static int read_element(struct parse *p, const cJSON *object, size_t i, struct policy_statement *s)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, elements[i].name);

	if (!item)
		return 0;
	p->element = elements[i].name;
	if (elements[i].read(p, item, s) < 0)
		return -1;
	p->element = NULL;
	return 0;
}

/* The Sid is read first, so that whatever else is wrong can be said of it. */
static int read_statement(struct parse *p, const cJSON *object, struct policy_statement *s)
{
	unsigned has;
	size_t i;

	p->now = s;
	if (check_object(p, object) < 0 || read_element(p, object, SID, s) < 0 ||
	    find_elements(p, object, &has) < 0 || check_elements(p, has) < 0)
		return -1;
	for (i = SID + 1; i < ARRAY_SIZE(elements); i++)
		if (read_element(p, object, i, s) < 0)
			return -1;
	if (s->not_principal && !s->is_deny)
		return refuse(p, "has a NotPrincipal, which goes with Deny only");
	return 0;
}

static int read_statements(struct parse *p, const cJSON *value)
{
	struct policy *policy = p->policy;
	const cJSON *item;
	size_t count = 0;

	for (item = first_of(value); item; item = next_of(value, item))
		count++;
	p->element = "Statement";
	if (!count || count > POLICY_STATEMENTS_MAX)
		return refuse(p, "must have 1 to %d statements", POLICY_STATEMENTS_MAX);
	policy->statements = arena_new(&policy->arena, struct policy_statement, count);
	if (!policy->statements)
		return out_of_memory(p);
	p->element = NULL;
	for (item = first_of(value); item; item = next_of(value, item)) {
		struct policy_statement *s = &policy->statements[policy->statement_count++];

		p->statement++;
		if (read_statement(p, item, s) < 0)
			return -1;
	}
	return 0;
}

/* What stands beside the statements. */
static int read_document(struct parse *p, const cJSON *document)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(document, "Version");
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(document, "Id");
	const cJSON *item;

	if (check_object(p, document) < 0)
		return -1;
	for (item = document->child; item; item = item->next) {
		p->element = item->string;
		if (strcmp(item->string, "Version") != 0 && strcmp(item->string, "Id") != 0 &&
		    strcmp(item->string, "Statement") != 0)
			return refuse(p, "is no element of a policy");
	}
	p->element = "Version";
	if (version &&
	    (!cJSON_IsString(version) || (strcmp(version->valuestring, "2012-10-17") != 0 &&
					  strcmp(version->valuestring, "2008-10-17") != 0)))
		return refuse(p, "must be 2012-10-17 or 2008-10-17");
	p->has_variables = version && !strcmp(version->valuestring, "2012-10-17");
	p->element = "Id";
	if (id && !cJSON_IsString(id))
		return refuse(p, "must be a string");
	p->element = NULL;
	return read_statements(p, cJSON_GetObjectItemCaseSensitive(document, "Statement"));
}

/* A "\u0000" would end cJSON's string and hide what follows it. */
static bool holds_nul_escape(struct str text)
{
	size_t i;

	for (i = 0; i + 6 <= text.n; i++) {
		if (text.p[i] != '\\')
			continue;
		if (!memcmp(&text.p[i + 1], "u0000", 5))
			return true;
		i++;
	}
	return false;
}

/*
 * Fill @p's statements and keys from its text, which it keeps. Returns 0, or -1 with @error set;
 * then @p is good for policy_put() only.
 */
int policy_parse(struct policy *p, struct policy_error *error)
{
	struct parse parse = { .policy = p, .error = error };
	cJSON *document;
	int err;

	if (p->text.n > POLICY_TEXT_BYTES_MAX)
		return refuse(&parse, "has more than %d bytes", POLICY_TEXT_BYTES_MAX);
	if (holds_nul_escape(p->text))
		return refuse(&parse, "holds the character \\u0000");
	document = json_parse(p->text);
	if (!document)
		return refuse(&parse, "is not valid JSON");
	err = read_document(&parse, document);
	cJSON_Delete(document);
	return err;
}
