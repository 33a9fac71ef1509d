/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Actions as requests give them and as they are kept: groups named by their ids, every weight
 * written down. Whoever has an action is linked to its groups, so that those stay.
 */
#include "api/action.h"

#include "base/json.h"

#include <cjson/cJSON.h>
#include <stdio.h>

enum { WEIGHT_DEFAULT = 100, FIELD_BYTES_MAX = 128 };

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

const struct field action_fields[] = {
	{ .name = "forward", .type = FIELD_OBJECT, .members = forward_fields },
	{ .name = "fixedResponse", .type = FIELD_OBJECT, .members = fixed_fields },
	{ 0 },
};

/* The one group of an action need not have a weight; of several, each must. */
static int settle_weight(struct call *c, cJSON *item, const char *field, bool alone)
{
	if (cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(item, "weight")))
		return 0;
	if (!alone)
		return fault_set_field(&c->fault, field,
				       "%s must have a weight, as one of several target groups",
				       field);
	cJSON_DeleteItemFromObjectCaseSensitive(item, "weight");
	call_put_number(c, item, "weight", WEIGHT_DEFAULT);
	return 0;
}

/* Name the group of one forward entry by its id, and link the owner to it. */
static int settle_group(struct call *c, const struct record *owner, const char *field, cJSON *item)
{
	struct str identifier = json_get_str(item, "targetGroupIdentifier");
	struct store_query used = { .kind = owner->kind, .id = owner->id };
	struct record *group, *doubled;
	char below[FIELD_BYTES_MAX];
	cJSON *id;

	snprintf(below, sizeof(below), "%.96s.targetGroupIdentifier", field);
	if (call_find(c, below, KIND_TARGET_GROUP, identifier, &group) < 0)
		return -1;
	used.links_to = group->id;
	if (store_list(c->store, &used, &c->arena, &doubled, &c->fault) < 0)
		return -1;
	if (doubled)
		return fault_set_field(&c->fault, below, "%s names a target group twice", below);
	id = cJSON_CreateString(arena_cstr(&c->arena, group->id));
	if (!id || !cJSON_ReplaceItemInObjectCaseSensitive(item, "targetGroupIdentifier", id)) {
		cJSON_Delete(id);
		c->failed = true;
	}
	return call_link(c, owner->id, group->id);
}

/* Does the listener with this body pass TLS through, so that its action is about TCP? */
bool action_is_tcp(const struct cJSON *listener)
{
	return str_eq(json_get_str(listener, "protocol"), STR("TLS_PASSTHROUGH"));
}

/* Groups of TCP are for TLS that is passed through, and for nothing else. */
static int check_protocol(struct call *c, const char *field, const cJSON *item, bool is_tcp)
{
	struct str id = json_get_str(item, "targetGroupIdentifier");
	struct record *group;
	char below[FIELD_BYTES_MAX];

	if (store_get(c->store, KIND_TARGET_GROUP, id, &c->arena, &group, &c->fault) < 0)
		return -1;
	if (str_eq(json_get_str(call_body(c, group), "protocol"), STR("TCP")) == is_tcp)
		return 0;
	snprintf(below, sizeof(below), "%.96s.targetGroupIdentifier", field);
	return fault_set_field(&c->fault, below, "%s must name a target group %s", below,
			       is_tcp ? "of the protocol TCP, as TLS is passed through"
				      : "of another protocol than TCP");
}

/* A service, whose listener or rule @owner is, forwards to no more groups than it may. */
static int check_groups(struct call *c, const struct record *owner)
{
	struct str service_id = owner->parent;
	struct record *r;

	if (owner->kind == KIND_RULE) {
		if (store_get(c->store, KIND_LISTENER, service_id, &c->arena, &r, &c->fault) < 0)
			return -1;
		service_id = r->parent;
	}
	if (store_get(c->store, KIND_SERVICE, service_id, &c->arena, &r, &c->fault) < 0)
		return -1;
	return quota_check(c, QUOTA_GROUPS_PER_SERVICE, r);
}

/*
 * Settle every group of @action, which was checked and is about to be kept in the body of @owner.
 * That record exists already and is linked to nothing. @field: the action, in faults. @is_tcp:
 * what is forwarded is not HTTP.
 */
int action_settle(struct call *c, const struct record *owner, const char *field,
		  struct cJSON *action, bool is_tcp)
{
	const cJSON *forward = cJSON_GetObjectItemCaseSensitive(action, "forward");
	cJSON *groups = cJSON_GetObjectItemCaseSensitive(forward, "targetGroups");
	bool alone = cJSON_GetArraySize(groups) == 1;
	char below[FIELD_BYTES_MAX];
	cJSON *item;
	int at = 0;

	cJSON_ArrayForEach (item, groups) {
		snprintf(below, sizeof(below), "%.64s.forward.targetGroups[%d]", field, at++);
		if (settle_weight(c, item, below, alone) < 0 ||
		    settle_group(c, owner, below, item) < 0 ||
		    check_protocol(c, below, item, is_tcp) < 0)
			return -1;
	}
	return at ? check_groups(c, owner) : 0;
}
