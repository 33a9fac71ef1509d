/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a policy document: the elements of IAM's language in the spelling that IAM asks for.
 * cJSON reads the JSON; members twice, which it would keep both, are refused here.
 */
#include "auth/policy_parse.h"

#include "auth/policy_elements.h"
#include "auth/policy_reader.h"
#include "base/array.h"
#include "base/json.h"

#include <cjson/cJSON.h>

static int read_sid(struct policy_reader *p, const cJSON *value, struct policy_statement *s)
{
	size_t i;

	if (!cJSON_IsString(value))
		return policy_reader_refuse(p, "must be a string");
	s->sid = policy_reader_keep(p, value->valuestring);
	if (!s->sid.p)
		return policy_reader_out_of_memory(p);
	for (i = 0; s->sid.n && i + 1 < p->statement; i++)
		if (str_eq(p->policy->statements[i].sid, s->sid))
			return policy_reader_refuse(p, "is that of statement %zu too", i + 1);
	return 0;
}

static int read_effect(struct policy_reader *p, const cJSON *value, struct policy_statement *s)
{
	if (!cJSON_IsString(value) ||
	    (strcmp(value->valuestring, "Allow") != 0 && strcmp(value->valuestring, "Deny") != 0))
		return policy_reader_refuse(p, "must be Allow or Deny");
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
	int (*read)(struct policy_reader *p, const cJSON *value, struct policy_statement *s);
} elements[] = {
	[SID] = { "Sid", read_sid },
	[EFFECT] = { "Effect", read_effect },
	[PRINCIPAL] = { "Principal", policy_elements_read_principal },
	[NOT_PRINCIPAL] = { "NotPrincipal", policy_elements_read_not_principal },
	[ACTION] = { "Action", policy_elements_read_action },
	[NOT_ACTION] = { "NotAction", policy_elements_read_not_action },
	[RESOURCE] = { "Resource", policy_elements_read_resource },
	[NOT_RESOURCE] = { "NotResource", policy_elements_read_not_resource },
	[CONDITION] = { "Condition", policy_elements_read_conditions },
};

/* Exactly one of two elements must stand in the statement whose elements are the bits @has. */
static int check_one_of(struct policy_reader *p, unsigned has, int a, int b)
{
	bool has_a = has & 1U << a, has_b = has & 1U << b;

	if (has_a != has_b)
		return 0;
	return policy_reader_refuse(p, "needs one of %s and %s%s", elements[a].name,
				    elements[b].name, has_a ? ", not both" : "");
}

/* Which elements must stand together and which must not, before any of them is read. */
static int check_elements(struct policy_reader *p, unsigned has)
{
	if (!(has & 1U << EFFECT))
		return policy_reader_refuse(p, "has no Effect");
	if (check_one_of(p, has, ACTION, NOT_ACTION) < 0 ||
	    check_one_of(p, has, RESOURCE, NOT_RESOURCE) < 0)
		return -1;
	if (p->policy->kind == POLICY_RESOURCE)
		return check_one_of(p, has, PRINCIPAL, NOT_PRINCIPAL);
	return 0;
}

/* The elements that @object has, as bits; others than IAM's are refused. */
static int find_elements(struct policy_reader *p, const cJSON *object, unsigned *ret)
{
	const cJSON *item;
	size_t i;

	*ret = 0;
	for (item = object->child; item; item = item->next) {
		for (i = 0; i < ARRAY_SIZE(elements) && strcmp(elements[i].name, item->string); i++)
			;
		p->element = item->string;
		if (i == ARRAY_SIZE(elements))
			return policy_reader_refuse(p, "is no element of a statement");
		p->element = NULL;
		*ret |= 1U << i;
	}
	return 0;
}

static int read_element(struct policy_reader *p, const cJSON *object, size_t i,
			struct policy_statement *s)
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
static int read_statement(struct policy_reader *p, const cJSON *object, struct policy_statement *s)
{
	unsigned has;
	size_t i;

	p->now = s;
	if (policy_reader_check_object(p, object) < 0 || read_element(p, object, SID, s) < 0 ||
	    find_elements(p, object, &has) < 0 || check_elements(p, has) < 0)
		return -1;
	for (i = SID + 1; i < ARRAY_SIZE(elements); i++)
		if (read_element(p, object, i, s) < 0)
			return -1;
	if (s->not_principal && !s->is_deny)
		return policy_reader_refuse(p, "has a NotPrincipal, which goes with Deny only");
	return 0;
}

static int read_statements(struct policy_reader *p, const cJSON *value)
{
	struct policy *policy = p->policy;
	const cJSON *item;
	size_t count = 0;

	for (item = policy_reader_first(value); item; item = policy_reader_next(value, item))
		count++;
	p->element = "Statement";
	if (!count || count > POLICY_STATEMENTS_MAX)
		return policy_reader_refuse(p, "must have 1 to %d statements",
					    POLICY_STATEMENTS_MAX);
	policy->statements = arena_new(&policy->arena, struct policy_statement, count);
	if (!policy->statements)
		return policy_reader_out_of_memory(p);
	p->element = NULL;
	for (item = policy_reader_first(value); item; item = policy_reader_next(value, item)) {
		struct policy_statement *s = &policy->statements[policy->statement_count++];

		p->statement++;
		if (read_statement(p, item, s) < 0)
			return -1;
	}
	return 0;
}

/* What stands beside the statements. */
static int read_document(struct policy_reader *p, const cJSON *document)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(document, "Version");
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(document, "Id");
	const cJSON *item;

	if (policy_reader_check_object(p, document) < 0)
		return -1;
	for (item = document->child; item; item = item->next) {
		p->element = item->string;
		if (strcmp(item->string, "Version") != 0 && strcmp(item->string, "Id") != 0 &&
		    strcmp(item->string, "Statement") != 0)
			return policy_reader_refuse(p, "is no element of a policy");
	}
	p->element = "Version";
	if (version &&
	    (!cJSON_IsString(version) || (strcmp(version->valuestring, "2012-10-17") != 0 &&
					  strcmp(version->valuestring, "2008-10-17") != 0)))
		return policy_reader_refuse(p, "must be 2012-10-17 or 2008-10-17");
	p->has_variables = version && !strcmp(version->valuestring, "2012-10-17");
	p->element = "Id";
	if (id && !cJSON_IsString(id))
		return policy_reader_refuse(p, "must be a string");
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
	struct policy_reader parse = { .policy = p, .error = error };
	cJSON *document;
	int err;

	if (p->text.n > POLICY_TEXT_BYTES_MAX)
		return policy_reader_refuse(&parse, "has more than %d bytes",
					    POLICY_TEXT_BYTES_MAX);
	if (holds_nul_escape(p->text))
		return policy_reader_refuse(&parse, "holds the character \\u0000");
	document = json_parse(p->text);
	if (!document)
		return policy_reader_refuse(&parse, "is not valid JSON");
	err = read_document(&parse, document);
	cJSON_Delete(document);
	return err;
}
