/* SPDX-License-Identifier: Apache-2.0 */
/* Listeners of a service and their default actions. */
#include "api/form.h"
#include "api/handlers.h"
#include "base/json.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* AWS's default quota and its code. */
enum { LISTENERS_PER_SERVICE_MAX = 2 };
static const char listeners_quota_code[] = "L-D64E952E";

enum { WEIGHT_DEFAULT = 100 };

/* What the data path serves today. */
static const char *const protocols[] = { "HTTP", NULL };

static const struct field weighted_fields[] = {
	{ .name = "targetGroupIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 17,
	  .max = 2048,
	  .identifies = KIND_TARGET_GROUP },
	{ .name = "weight", .type = FIELD_INTEGER, .min = 0, .max = 999 },
	{ 0 },
};

static const struct field weighted_item = { .type = FIELD_OBJECT, .members = weighted_fields };

static const struct field forward_fields[] = {
	{ .name = "targetGroups",
	  .type = FIELD_LIST,
	  .required = true,
	  .min = 1,
	  .max = 10,
	  .members = &weighted_item },
	{ 0 },
};

/* The model lets a status be 1xx, which cannot end an exchange; those are refused. */
static const struct field fixed_fields[] = {
	{ .name = "statusCode", .type = FIELD_INTEGER, .required = true, .min = 200, .max = 599 },
	{ 0 },
};

static const struct field action_fields[] = {
	{ .name = "forward", .type = FIELD_OBJECT, .members = forward_fields },
	{ .name = "fixedResponse", .type = FIELD_OBJECT, .members = fixed_fields },
	{ 0 },
};

const struct field listener_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 3,
	  .max = 63,
	  .matches = form_is_listener_name,
	  .expected = FORM_NAME_EXPECTED },
	{ .name = "protocol", .type = FIELD_STRING, .required = true, .values = protocols },
	{ .name = "port", .type = FIELD_INTEGER, .min = 1, .max = 65535 },
	{ .name = "defaultAction",
	  .type = FIELD_UNION,
	  .required = true,
	  .members = action_fields },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

const struct field listener_update_fields[] = {
	{ .name = "defaultAction",
	  .type = FIELD_UNION,
	  .required = true,
	  .members = action_fields },
	{ 0 },
};

static const char *const listener_view[] = { "arn",  "id",	   "name",	"protocol",
					     "port", "serviceArn", "serviceId", "defaultAction",
					     NULL };

/* Name the group of one forward entry by its id, give it its weight, and link to it. */
static int settle_group(struct call *c, const struct record *listener, cJSON *item, int at)
{
	struct str identifier = json_get_str(item, "targetGroupIdentifier");
	struct store_query used = { .kind = KIND_LISTENER, .id = listener->id };
	struct record *group, *doubled;
	char field[96];
	cJSON *id;

	snprintf(field, sizeof(field),
		 "defaultAction.forward.targetGroups[%d].targetGroupIdentifier", at);
	if (call_find(c, field, KIND_TARGET_GROUP, identifier, &group) < 0)
		return -1;
	used.links_to = group->id;
	if (store_list(c->store, &used, &c->arena, &doubled, &c->fault) < 0)
		return -1;
	if (doubled)
		return fault_set_field(&c->fault, field, "%s names a target group twice", field);
	id = cJSON_CreateString(arena_cstr(&c->arena, group->id));
	if (!id || !cJSON_ReplaceItemInObjectCaseSensitive(item, "targetGroupIdentifier", id)) {
		cJSON_Delete(id);
		c->failed = true;
	}
	if (!cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(item, "weight"))) {
		cJSON_DeleteItemFromObjectCaseSensitive(item, "weight");
		call_put_number(c, item, "weight", WEIGHT_DEFAULT);
	}
	return call_link(c, listener->id, group->id);
}

/* Settle every group of the action that @body holds. The listener's record exists already. */
static int settle_action(struct call *c, const struct record *listener, const cJSON *body)
{
	const cJSON *action = cJSON_GetObjectItemCaseSensitive(body, "defaultAction");
	const cJSON *forward = cJSON_GetObjectItemCaseSensitive(action, "forward");
	cJSON *groups = cJSON_GetObjectItemCaseSensitive(forward, "targetGroups");
	cJSON *item;
	int at = 0;

	cJSON_ArrayForEach (item, groups) {
		if (settle_group(c, listener, item, at++) < 0)
			return -1;
	}
	return 0;
}

/* After the insert, so that a double, which the caller can mend, is reported first. */
static int check_quota(struct call *c, const struct record *service)
{
	struct store_query q = { .kind = KIND_LISTENER, .parent = service->id };
	struct record *r;

	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	if (record_count(r) <= LISTENERS_PER_SERVICE_MAX)
		return 0;
	fault_set_resource(&c->fault, FAULT_QUOTA, KIND_LISTENER, service->id,
			   "Service " STR_FMT " has %d listeners, which is the limit",
			   STR_ARG(service->id), LISTENERS_PER_SERVICE_MAX);
	c->fault.quota_code = listeners_quota_code;
	return -1;
}

int listener_create(struct call *c)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(c->body, "port");
	uint32_t port = cJSON_IsNumber(given) ? (uint32_t)given->valuedouble : 80;
	uint32_t numbers[2] = { port, port };
	struct record *service, *r;
	cJSON *body;

	if (call_find_param(c, 0, KIND_SERVICE, &service) < 0)
		return -1;
	r = call_new_record(c, KIND_LISTENER, json_get_str(c->body, "name"));
	body = call_new_object(c);
	if (!r)
		return -1;
	r->parent = service->id;
	call_put_str(c, body, "arn", call_arn(c, r));
	call_put_copy(c, body, "protocol", cJSON_GetObjectItemCaseSensitive(c->body, "protocol"));
	call_put_number(c, body, "port", port);
	call_put_str(c, body, "serviceArn", json_get_str(call_body(c, service), "arn"));
	call_put_str(c, body, "serviceId", service->id);
	call_put_copy(c, body, "defaultAction",
		      cJSON_GetObjectItemCaseSensitive(c->body, "defaultAction"));
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
	c->changed = true;
	if (call_insert(c, r, body, numbers) < 0 || check_quota(c, service) < 0)
		return -1;
	if (settle_action(c, r, body) < 0 || call_update(c, r, body) < 0)
		return -1;
	call_view(c, r, listener_view, c->answer);
	return 0;
}

/* The listener that the path names, which must be the named service's. */
static int find_listener(struct call *c, struct record **ret)
{
	struct record *service, *r;

	if (call_find_param(c, 0, KIND_SERVICE, &service) < 0 ||
	    call_find_param(c, 1, KIND_LISTENER, &r) < 0)
		return -1;
	if (!str_eq(r->parent, service->id))
		return fault_set_resource(&c->fault, FAULT_NOT_FOUND, KIND_LISTENER, r->id,
					  "Listener " STR_FMT " not found", STR_ARG(r->id));
	*ret = r;
	return 0;
}

int listener_get(struct call *c)
{
	static const char *const times[] = { "createdAt", "lastUpdatedAt", NULL };
	struct record *r;

	if (find_listener(c, &r) < 0)
		return -1;
	call_view(c, r, listener_view, c->answer);
	call_view(c, r, times, c->answer);
	return 0;
}

int listener_list(struct call *c)
{
	static const char *const members[] = {
		"arn", "id", "name", "protocol", "port", "createdAt", "lastUpdatedAt", NULL,
	};
	static const struct call_list_view view = { members, NULL };
	struct store_query q = { .kind = KIND_LISTENER };
	struct record *service;

	if (call_find_param(c, 0, KIND_SERVICE, &service) < 0)
		return -1;
	q.parent = service->id;
	return call_list(c, &q, &view);
}

int listener_update(struct call *c)
{
	struct record *r;
	cJSON *body, *action;

	if (find_listener(c, &r) < 0 || call_unlink(c, r->id) < 0)
		return -1;
	body = call_new_object(c);
	call_view(c, r, listener_view, body);
	cJSON_DeleteItemFromObjectCaseSensitive(body, "id");
	cJSON_DeleteItemFromObjectCaseSensitive(body, "name");
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(call_body(c, r), "tags"));
	action = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(c->body, "defaultAction"), true);
	cJSON_DeleteItemFromObjectCaseSensitive(body, "defaultAction");
	call_put(c, body, "defaultAction", action);
	if (settle_action(c, r, body) < 0 || call_update(c, r, body) < 0)
		return -1;
	call_view(c, r, listener_view, c->answer);
	c->changed = true;
	return 0;
}

int listener_delete(struct call *c)
{
	struct record *r;

	if (find_listener(c, &r) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}
