/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What handlers share: finding the resource that an identifier names, making records, and showing
 * them. A record's body holds the members that AWS shows, so an answer is a selection from it.
 */
#include "api/call.h"

#include "base/json.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <time.h>

/* Items on a page when the client names no number. */
enum { PAGE_ITEMS = 100 };

/* The body of @r, parsed; it lives as long as the call. An empty object when it is broken. */
const struct cJSON *call_body(struct call *c, const struct record *r)
{
	cJSON *body = json_parse(r->body);

	if (!body)
		body = cJSON_CreateObject();
	if (!body || !cJSON_AddItemToArray(c->kept, body)) {
		cJSON_Delete(body);
		c->failed = true;
		return NULL;
	}
	return body;
}

/* An empty object that lives as long as the call. */
struct cJSON *call_new_object(struct call *c)
{
	cJSON *o = cJSON_CreateObject();

	if (!o || !cJSON_AddItemToArray(c->kept, o)) {
		cJSON_Delete(o);
		c->failed = true;
		return NULL;
	}
	return o;
}

/* A copy of the body of @r that may be changed, for call_update(). */
struct cJSON *call_edit(struct call *c, const struct record *r)
{
	cJSON *copy = cJSON_Duplicate(call_body(c, r), true);

	if (!copy || !cJSON_AddItemToArray(c->kept, copy)) {
		cJSON_Delete(copy);
		c->failed = true;
		return NULL;
	}
	return copy;
}

static int not_found(struct call *c, enum kind kind, struct str id, struct str identifier)
{
	return fault_set_resource(&c->fault, FAULT_NOT_FOUND, kind, id, "%s " STR_FMT " not found",
				  kind_names(kind)->word, STR_ARG(identifier));
}

/* The record of @kind that @identifier, which has the form of one, names, whosever it is. */
int call_find_foreign(struct call *c, enum kind kind, struct str identifier, struct record **ret)
{
	struct record *r;
	struct str id;

	if (!id_parse(kind, identifier, &id))
		return not_found(c, kind, identifier, identifier);
	if (store_get(c->store, kind, id, &c->arena, &r, &c->fault) < 0)
		return -1;
	if (identifier.n != id.n && !str_eq(identifier, json_get_str(call_body(c, r), "arn")))
		return not_found(c, kind, id, identifier);
	*ret = r;
	return 0;
}

/*
 * The record of @kind that @identifier, the request's member @field, names by id or ARN. An ARN
 * must be the resource's own, to the letter.
 */
int call_find(struct call *c, const char *field, enum kind kind, struct str identifier,
	      struct record **ret)
{
	struct record *r;
	struct str id;

	if (!id_parse(kind, identifier, &id))
		return fault_set_field(&c->fault, field, "%s must be the id or ARN of a %s", field,
				       kind_names(kind)->word);
	if (call_find_foreign(c, kind, identifier, &r) < 0)
		return -1;
	if (!str_eq(r->account, c->account))
		return not_found(c, kind, id, identifier);
	*ret = r;
	return 0;
}

/* What the path's members that name records are called, in AWS's model. */
static const char *const identifiers[] = {
	[KIND_VPC] = "vpcIdentifier",
	[KIND_CERTIFICATE] = "certificateIdentifier",
	[KIND_SECURITY_GROUP] = "securityGroupIdentifier",
	[KIND_INSTANCE] = "instanceIdentifier",
	[KIND_FUNCTION] = "functionIdentifier",
	[KIND_SERVICE_NETWORK] = "serviceNetworkIdentifier",
	[KIND_SERVICE] = "serviceIdentifier",
	[KIND_LISTENER] = "listenerIdentifier",
	[KIND_TARGET_GROUP] = "targetGroupIdentifier",
	[KIND_VPC_ASSOCIATION] = "serviceNetworkVpcAssociationIdentifier",
	[KIND_SERVICE_ASSOCIATION] = "serviceNetworkServiceAssociationIdentifier",
	[KIND_RULE] = "ruleIdentifier",
	[KIND_ACCESS_LOG_SUBSCRIPTION] = "accessLogSubscriptionIdentifier",
	[KIND_LOG_DESTINATION] = "logDestinationIdentifier",
	[KIND_RESOURCE_CONFIGURATION] = "resourceConfigurationIdentifier",
	[KIND_RESOURCE_GATEWAY] = "resourceGatewayIdentifier",
	[KIND_RESOURCE_ASSOCIATION] = "serviceNetworkResourceAssociationIdentifier",
	[KIND_RESOURCE_ENDPOINT_ASSOCIATION] = "resourceEndpointAssociationIdentifier",
	[KIND_DOMAIN_VERIFICATION] = "domainVerificationIdentifier",
};

/* The record of @kind that the path names. */
int call_find_param(struct call *c, size_t param, enum kind kind, struct record **ret)
{
	return call_find(c, identifiers[kind], kind, c->params[param], ret);
}

/* The record of @kind that the path names, by its name too. */
int call_find_named(struct call *c, enum kind kind, struct record **ret)
{
	struct str word = c->params[0], id;
	struct store_query q = { .kind = kind, .account = c->account, .name = word };

	if (id_parse(kind, word, &id))
		return call_find_param(c, 0, kind, ret);
	if (store_list(c->store, &q, &c->arena, ret, &c->fault) < 0)
		return -1;
	return *ret ? 0 : not_found(c, kind, word, word);
}

/* The record of @kind that the path names, which must be @parent's. */
int call_find_child(struct call *c, size_t param, enum kind kind, const struct record *parent,
		    struct record **ret)
{
	struct record *r;

	if (call_find_param(c, param, kind, &r) < 0)
		return -1;
	if (!str_eq(r->parent, parent->id))
		return not_found(c, kind, r->id, r->id);
	*ret = r;
	return 0;
}

/* The listener that the path names, which must be the named service's. */
int call_find_listener(struct call *c, struct record **ret)
{
	struct record *service;

	if (call_find_param(c, 0, KIND_SERVICE, &service) < 0)
		return -1;
	return call_find_child(c, 1, KIND_LISTENER, service, ret);
}

/* A record with a fresh id in the call's arena, or NULL. @name is borrowed. */
struct record *call_new_record(struct call *c, enum kind kind, struct str name)
{
	struct record *r = arena_new(&c->arena, struct record, 1);
	char *id = arena_new(&c->arena, char, ID_BYTES_MAX);

	if (!r || !id) {
		fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
		return NULL;
	}
	r->kind = kind;
	r->id = id_new(kind, id);
	r->account = c->account;
	r->name = name;
	r->created_ms = c->now_ms;
	r->updated_ms = c->now_ms;
	return r;
}

/*
 * A record of @kind that belongs to the VPC of the request, with the name and the tags in that; or
 * NULL. @body gets what all such records have.
 */
struct record *call_new_in_vpc(struct call *c, enum kind kind, struct cJSON *body)
{
	struct record *r = call_new_record(c, kind, json_get_str(c->body, "name"));
	struct record *vpc;

	if (!r || call_find(c, "vpcIdentifier", KIND_VPC, json_get_str(c->body, "vpcIdentifier"),
			    &vpc) < 0)
		return NULL;
	r->parent = vpc->id;
	call_put_str(c, body, "arn", call_arn(c, r));
	call_put_str(c, body, "vpcIdentifier", vpc->id);
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
	return r;
}

/* The ARN of @r; empty, and the call failed, when memory is spent. */
struct str call_arn(struct call *c, const struct record *r)
{
	struct arn arn = { .kind = r->kind,
			   .region = c->region,
			   .account = r->account,
			   .parent = r->kind == KIND_LISTENER ? r->parent : STR(""),
			   .id = r->id };
	struct str text = arn_write(&c->arena, &arn);

	if (!text.p)
		c->failed = true;
	return text;
}

/* Give @r the text of @body. */
static int set_body(struct call *c, struct record *r, const cJSON *body)
{
	char *text = c->failed ? NULL : cJSON_PrintUnformatted(body);

	r->body = (struct str){ 0 };
	if (text)
		r->body = arena_copy(&c->arena, str_of(text));
	cJSON_free(text);
	if (!r->body.p)
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	return 0;
}

/* Store the new record @r, with a number from @number_range unless that is NULL. */
int call_insert(struct call *c, struct record *r, const struct cJSON *body,
		const uint32_t number_range[2])
{
	struct store_change insert = { .action = STORE_INSERT, .record = r };

	if (number_range) {
		insert.number_min = number_range[0];
		insert.number_max = number_range[1];
	}
	if (set_body(c, r, body) < 0)
		return -1;
	return store_change(c->store, &insert, &c->fault);
}

/* Store @body as the new body of @r, and its number. */
int call_update(struct call *c, struct record *r, const struct cJSON *body)
{
	struct store_change update = { .action = STORE_UPDATE, .record = r };

	r->updated_ms = c->now_ms;
	if (set_body(c, r, body) < 0)
		return -1;
	return store_change(c->store, &update, &c->fault);
}

/* From now on @to cannot be deleted while @from exists. */
int call_link(struct call *c, struct str from, struct str to)
{
	struct store_change link = { .action = STORE_LINK, .id = from, .target = to };

	return store_change(c->store, &link, &c->fault);
}

/* Drop every link from @from. */
int call_unlink(struct call *c, struct str from)
{
	struct store_change unlink = { .action = STORE_UNLINK, .id = from };

	return store_change(c->store, &unlink, &c->fault);
}

/* Delete the record @id with its children; a conflict when it is in use. */
int call_delete(struct call *c, struct str id)
{
	struct store_change remove = { .action = STORE_DELETE, .id = id };

	return store_change(c->store, &remove, &c->fault);
}

/* Delete the record of @kind that the path names. */
int call_delete_param(struct call *c, enum kind kind)
{
	struct record *r;

	return call_find_param(c, 0, kind, &r) < 0 ? -1 : call_delete(c, r->id);
}

/* Building answers: what fails marks the call, which is looked at once, at its end. */

/* Give @value, which may be NULL when memory was short, to @to. */
void call_put(struct call *c, struct cJSON *to, const char *name, struct cJSON *value)
{
	if (!to || !value || !cJSON_AddItemToObject(to, name, value)) {
		cJSON_Delete(value);
		c->failed = true;
	}
}

void call_put_str(struct call *c, struct cJSON *to, const char *name, struct str value)
{
	char *text = arena_cstr(&c->arena, value);

	call_put(c, to, name, text ? cJSON_CreateString(text) : NULL);
}

void call_put_number(struct call *c, struct cJSON *to, const char *name, double value)
{
	call_put(c, to, name, cJSON_CreateNumber(value));
}

/* Copy @from, if there is one, into @to. */
void call_put_copy(struct call *c, struct cJSON *to, const char *name, const struct cJSON *from)
{
	if (from && !cJSON_IsNull(from))
		call_put(c, to, name, cJSON_Duplicate(from, true));
}

/* Give @in a copy of @from in the place of its member @name. */
void call_replace(struct call *c, struct cJSON *in, const char *name, const struct cJSON *from)
{
	cJSON_DeleteItemFromObjectCaseSensitive(in, name);
	call_put_copy(c, in, name, from);
}

/* Give @into every member of @from, which may be NULL, but for those that are null. */
void call_merge(struct call *c, struct cJSON *into, const struct cJSON *from)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, from) {
		if (!cJSON_IsNull(item))
			call_replace(c, into, item->string, item);
	}
}

/* ISO 8601, as AWS's clients demand. */
static void put_time(struct call *c, cJSON *to, const char *name, uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[40];
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%03uZ", (unsigned)(ms % 1000));
	call_put_str(c, to, name, str_of(text));
}

/*
 * Add the @members, NULL at the end, of @r to @into: id, name and times from the record, all
 * others from its body, where one that is absent is left out.
 */
void call_view(struct call *c, const struct record *r, const char *const *members,
	       struct cJSON *into)
{
	const cJSON *body = call_body(c, r);

	for (; *members; members++) {
		struct str m = str_of(*members);

		if (str_eq(m, STR("id")))
			call_put_str(c, into, *members, r->id);
		else if (str_eq(m, STR("name")))
			call_put_str(c, into, *members, r->name);
		else if (str_eq(m, STR("createdAt")))
			put_time(c, into, *members, r->created_ms);
		else if (str_eq(m, STR("lastUpdatedAt")))
			put_time(c, into, *members, r->updated_ms);
		else
			call_put_copy(c, into, *members,
				      cJSON_GetObjectItemCaseSensitive(body, *members));
	}
}

/* Answer with the @members of the record of @kind that the path names. */
int call_show_param(struct call *c, enum kind kind, const char *const *members)
{
	struct record *r;

	if (call_find_param(c, 0, kind, &r) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	return 0;
}

/* An empty object at the end of @list, or NULL. */
struct cJSON *call_add_item(struct call *c, struct cJSON *list)
{
	cJSON *item = cJSON_CreateObject();

	if (item && cJSON_AddItemToArray(list, item))
		return item;
	cJSON_Delete(item);
	c->failed = true;
	return NULL;
}

static int list_item(struct call *c, const struct record *r, const struct call_list_view *view,
		     cJSON *items)
{
	cJSON *item = call_add_item(c, items);

	call_view(c, r, view->members, item);
	return view->more ? view->more(c, r, item) : 0;
}

/* Put @r into the list at @first, which is in the order of ids, unless it is there. */
static void merge_record(struct record **first, struct record *r)
{
	while (*first && str_cmp((*first)->id, r->id) < 0)
		first = &(*first)->next;
	if (*first && str_eq((*first)->id, r->id))
		return;
	r->next = *first;
	*first = r;
}

/*
 * Answer with one page of what @q finds and, among it, of the records @more, which are taken
 * apart: "items", and "nextToken" when there are more.
 */
int call_list_with(struct call *c, struct store_query *q, const struct call_list_view *view,
		   struct record *more)
{
	const cJSON *max = cJSON_GetObjectItemCaseSensitive(c->query, "maxResults");
	size_t room = max ? (size_t)max->valuedouble : PAGE_ITEMS;
	cJSON *items = cJSON_AddArrayToObject(c->answer, "items");
	struct record *r, *after;

	if (!items)
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	q->after = json_get_str(c->query, "nextToken");
	q->limit = room + 1;
	if (store_list(c->store, q, &c->arena, &r, &c->fault) < 0)
		return -1;
	for (; more; more = after) {
		after = more->next;
		if (str_cmp(more->id, q->after) > 0)
			merge_record(&r, more);
	}
	for (; r && room; r = r->next, room--) {
		if (list_item(c, r, view, items) < 0)
			return -1;
		if (room == 1 && r->next)
			call_put_str(c, c->answer, "nextToken", r->id);
	}
	return 0;
}

/* One page of what @q finds, in all accounts unless it names one. */
int call_list_all(struct call *c, struct store_query *q, const struct call_list_view *view)
{
	return call_list_with(c, q, view, NULL);
}

/* The same of what is the caller's account's own. */
int call_list(struct call *c, struct store_query *q, const struct call_list_view *view)
{
	q->account = c->account;
	return call_list_all(c, q, view);
}

/* The same of @kind, whose records belong to VPCs: to the one of the query, when that names one. */
int call_list_in_vpc(struct call *c, enum kind kind, const struct call_list_view *view)
{
	struct str vpc = json_get_str(c->query, "vpcIdentifier");
	struct store_query q = { .kind = kind };

	if (vpc.n && !id_parse(KIND_VPC, vpc, &q.parent))
		return fault_set(&c->fault, FAULT_INTERNAL, "unchecked identifier");
	return call_list(c, &q, view);
}
