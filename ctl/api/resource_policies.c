/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource policies: one document a service network or service that says which accounts may use
 * it, and for what. It is kept as it came; what it grants is read when it is put, and whatever
 * could not be honoured is refused. As an auth policy it is a record with an id and tags, so that a
 * stack can own it, and AWS's operations take that id too.
 */
#include "api/form.h"
#include "api/handlers.h"
#include "api/sharing.h"
#include "base/json.h"

#include <cjson/cJSON.h>

enum { POLICY_BYTES_MAX = 10000, STATEMENTS_MAX = 32 };

static bool is_not_blank(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] > ' ')
			return true;
	return false;
}

const struct field resource_policy_fields[] = {
	{ .name = "policy",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = POLICY_BYTES_MAX,
	  .matches = is_not_blank,
	  .expected = "not blank" },
	FORM_TAGS,
	{ 0 },
};

/* The resource of the caller's own policy @identifier. */
static int find_resource_of(struct call *c, struct str identifier, struct record **ret)
{
	struct record *policy;
	enum kind kind;

	if (call_find(c, "resourceArn", KIND_RESOURCE_POLICY, identifier, &policy) < 0)
		return -1;
	kind = id_is_valid(KIND_SERVICE, policy->parent) ? KIND_SERVICE : KIND_SERVICE_NETWORK;
	return store_get(c->store, kind, policy->parent, &c->arena, ret, &c->fault);
}

/* The caller's own resource whose ARN, or whose policy, is in the path. */
static int find_resource(struct call *c, struct record **ret)
{
	struct str arn = c->params[0], id;
	enum kind kind = id_parse(KIND_SERVICE, arn, &id) ? KIND_SERVICE : KIND_SERVICE_NETWORK;

	if (id_parse(KIND_RESOURCE_POLICY, arn, &id))
		return find_resource_of(c, arn, ret);
	if (!str_starts(arn, STR("arn:")) || !id_parse(kind, arn, &id))
		return fault_set_field(&c->fault, "resourceArn",
				       "resourceArn must be the ARN of a service network or "
				       "service");
	return call_find(c, "resourceArn", kind, arn, ret);
}

static int find_policy(struct call *c, const struct record *resource, struct record **ret)
{
	struct store_query q = { .kind = KIND_RESOURCE_POLICY, .parent = resource->id };

	return store_list(c->store, &q, &c->arena, ret, &c->fault);
}

static int refuse(struct call *c, int statement, const char *why)
{
	return fault_set_field(&c->fault, "policy", "policy: statement %d: %s", statement, why);
}

/* The members of @value, which is one text or a list of them, one by one. */
static const cJSON *first_of(const cJSON *value)
{
	return cJSON_IsArray(value) ? value->child : value;
}

/* Add the principals of a statement to @grant. NULL, or why not. */
static const char *read_principals(struct call *c, const cJSON *statement, cJSON *grant)
{
	const cJSON *principal = cJSON_GetObjectItemCaseSensitive(statement, "Principal");
	const cJSON *aws = cJSON_GetObjectItemCaseSensitive(principal, "AWS"), *item;
	cJSON *list = cJSON_CreateArray();
	struct str s;
	int n = 0;

	call_put(c, grant, "principals", list);
	if (!aws || principal->child->next)
		return "Principal must be {\"AWS\": accounts}";
	for (item = first_of(aws); item; item = cJSON_IsArray(aws) ? item->next : NULL) {
		char *text;

		if (++n > SHARING_PRINCIPALS_MAX || !sharing_read_principal(item, &s))
			return "Principal must name accounts, organisations or organisational "
			       "units, 50 at most";
		text = arena_cstr(&c->arena, s);
		if (!text || !cJSON_AddItemToArray(list, cJSON_CreateString(text)))
			return "out of memory";
	}
	return n ? NULL : "Principal names nobody";
}

static const char *read_actions(struct call *c, enum kind kind, const cJSON *statement,
				cJSON *grant)
{
	const cJSON *action = cJSON_GetObjectItemCaseSensitive(statement, "Action"), *item;
	cJSON *list = cJSON_CreateArray();
	int n = 0;

	call_put(c, grant, "actions", list);
	for (item = first_of(action); item; item = cJSON_IsArray(action) ? item->next : NULL) {
		if (!cJSON_IsString(item) || !sharing_conveys(kind, str_of(item->valuestring)))
			return "Action must be of those that a share of the resource conveys";
		if (!cJSON_AddItemToArray(list, cJSON_CreateString(item->valuestring)))
			return "out of memory";
		n++;
	}
	return n ? NULL : "Action is missing";
}

/* A statement allows something with this resource, and nothing that we would not honour. */
static const char *read_statement(struct call *c, const struct record *resource,
				  const cJSON *statement, cJSON *grant)
{
	static const char *const known[] = { "Sid", "Effect", "Principal", "Action", "Resource" };
	struct str arn = json_get_str(call_body(c, resource), "arn");
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(statement, "Resource"), *item;
	const char *why;
	size_t i;

	cJSON_ArrayForEach (item, statement) {
		for (i = 0; i < 5 && !str_eq(str_of(item->string), str_of(known[i])); i++)
			;
		if (i == 5)
			return "only Sid, Effect, Principal, Action and Resource are understood";
	}
	if (!str_eq(json_get_str(statement, "Effect"), STR("Allow")))
		return "Effect must be Allow";
	for (item = first_of(value); item; item = cJSON_IsArray(value) ? item->next : NULL)
		if (!cJSON_IsString(item) || (!str_eq(str_of(item->valuestring), arn) &&
					      !str_eq(str_of(item->valuestring), STR("*"))))
			return "Resource must be the resource's ARN";
	if (!first_of(value))
		return "Resource is missing";
	why = read_principals(c, statement, grant);
	return why ? why : read_actions(c, resource->kind, statement, grant);
}

/* What the document grants, as a list in @body. */
static int read_document(struct call *c, const struct record *resource, struct str text,
			 cJSON *body)
{
	cJSON *document = json_parse(text), *grants = cJSON_CreateArray();
	const cJSON *statements, *statement;
	const char *why;
	int n = 0;

	cJSON_DeleteItemFromObjectCaseSensitive(body, "grants");
	call_put(c, body, "grants", grants);
	if (!document || c->failed || !cJSON_AddItemToArray(c->kept, document)) {
		cJSON_Delete(document);
		return fault_set_field(&c->fault, "policy", "policy must be JSON");
	}
	statements = cJSON_GetObjectItemCaseSensitive(document, "Statement");
	for (statement = first_of(statements); statement;
	     statement = cJSON_IsArray(statements) ? statement->next : NULL) {
		if (++n > STATEMENTS_MAX)
			return refuse(c, n, "32 statements are the most");
		if (!cJSON_IsObject(statement))
			return refuse(c, n, "a statement is an object");
		why = read_statement(c, resource, statement, call_add_item(c, grants));
		if (why)
			return refuse(c, n, why);
	}
	return n ? 0 : fault_set_field(&c->fault, "policy", "policy must have a Statement");
}

/* An answer beside what AWS says: what the policy is and protects. */
static void put_answer(struct call *c, const struct record *resource, const struct record *r)
{
	static const char *const view[] = { "id", "arn", NULL };

	call_view(c, r, view, c->answer);
	call_put_str(c, c->answer, "resourceArn", json_get_str(call_body(c, resource), "arn"));
}

/* Its document and what that grants; tags come with a new one only. */
static int change(struct call *c, const struct record *resource, struct record *r)
{
	cJSON *body = call_edit(c, r);

	if (cJSON_GetObjectItemCaseSensitive(c->body, "tags"))
		return fault_set_resource(&c->fault, FAULT_CONFLICT, KIND_RESOURCE_POLICY, r->id,
					  STR_FMT " already has a resource policy",
					  STR_ARG(resource->id));
	call_replace(c, body, "policy", cJSON_GetObjectItemCaseSensitive(c->body, "policy"));
	if (read_document(c, resource, json_get_str(c->body, "policy"), body) < 0)
		return -1;
	return call_update(c, r, body);
}

static int create(struct call *c, const struct record *resource, struct record **ret)
{
	struct record *r = call_new_record(c, KIND_RESOURCE_POLICY, STR(""));
	cJSON *body = call_new_object(c);

	if (!r)
		return -1;
	r->parent = resource->id;
	call_put_str(c, body, "arn", call_arn(c, r));
	call_merge(c, body, c->body);
	*ret = r;
	if (read_document(c, resource, json_get_str(c->body, "policy"), body) < 0)
		return -1;
	return call_insert(c, r, body, NULL);
}

int resource_policy_put(struct call *c)
{
	struct record *resource, *r;

	if (find_resource(c, &resource) < 0 || find_policy(c, resource, &r) < 0)
		return -1;
	if ((r ? change(c, resource, r) : create(c, resource, &r)) < 0)
		return -1;
	put_answer(c, resource, r);
	return 0;
}

static int find_own(struct call *c, struct record **ret_resource, struct record **ret)
{
	struct record *resource;

	if (find_resource(c, &resource) < 0 || find_policy(c, resource, ret) < 0)
		return -1;
	*ret_resource = resource;
	if (*ret)
		return 0;
	return fault_set_resource(&c->fault, FAULT_NOT_FOUND, resource->kind, resource->id,
				  "%s " STR_FMT " has no resource policy",
				  kind_names(resource->kind)->word, STR_ARG(resource->id));
}

int resource_policy_get(struct call *c)
{
	static const char *const view[] = { "policy", NULL };
	struct record *resource, *r;

	if (find_own(c, &resource, &r) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	put_answer(c, resource, r);
	return 0;
}

int resource_policy_delete(struct call *c)
{
	struct record *resource, *r;

	return find_own(c, &resource, &r) < 0 ? -1 : call_delete(c, r->id);
}
