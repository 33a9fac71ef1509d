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

/* Services that a group of a balancer may serve. */
enum { GROUP_SERVICES_MAX = 2 };

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
static int check_protocol(struct call *c, const char *field, const cJSON *item, bool is_tcp,
			  struct record **ret)
{
	struct str id = json_get_str(item, "targetGroupIdentifier");
	struct record *group;
	char below[FIELD_BYTES_MAX];

	if (store_get(c->store, KIND_TARGET_GROUP, id, &c->arena, &group, &c->fault) < 0)
		return -1;
	*ret = group;
	if (str_eq(json_get_str(call_body(c, group), "protocol"), STR("TCP")) == is_tcp)
		return 0;
	snprintf(below, sizeof(below), "%.96s.targetGroupIdentifier", field);
	return fault_set_field(&c->fault, below, "%s must name a target group %s", below,
			       is_tcp ? "of the protocol TCP, as TLS is passed through"
				      : "of another protocol than TCP");
}

/* The id of the service whose listener or rule @owner is. */
static int find_service(struct call *c, const struct record *owner, struct str *ret)
{
	struct record *r;

	*ret = owner->parent;
	if (owner->kind != KIND_RULE)
		return 0;
	if (store_get(c->store, KIND_LISTENER, owner->parent, &c->arena, &r, &c->fault) < 0)
		return -1;
	*ret = r->parent;
	return 0;
}

/* A service forwards to no more groups than it may. */
static int check_groups(struct call *c, struct str service_id)
{
	struct record *r;

	if (store_get(c->store, KIND_SERVICE, service_id, &c->arena, &r, &c->fault) < 0)
		return -1;
	return quota_check(c, QUOTA_GROUPS_PER_SERVICE, r);
}

/* Count into @others the services but @service_id whose records of @kind use @group. */
static int count_users(struct call *c, enum kind kind, const struct record *group,
		       struct str service_id, struct str others[GROUP_SERVICES_MAX + 1])
{
	struct store_query q = { .kind = kind, .links_to = group->id };
	struct record *r;
	struct str id;
	size_t i;

	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	for (; r; r = r->next) {
		if (find_service(c, r, &id) < 0)
			return -1;
		if (str_eq(id, service_id))
			continue;
		for (i = 0; i < GROUP_SERVICES_MAX && others[i].n && !str_eq(others[i], id); i++)
			;
		others[i] = id;
	}
	return 0;
}

/* A group serves one service, one of a balancer two: AWS's rule. */
static int check_service(struct call *c, const struct record *group, struct str service_id)
{
	bool is_balancer = str_eq(json_get_str(call_body(c, group), "type"), STR("ALB"));
	struct str others[GROUP_SERVICES_MAX + 1] = { 0 };

	if (count_users(c, KIND_LISTENER, group, service_id, others) < 0 ||
	    count_users(c, KIND_RULE, group, service_id, others) < 0)
		return -1;
	if (!others[is_balancer ? 1 : 0].n)
		return 0;
	return fault_set_resource(&c->fault, FAULT_CONFLICT, KIND_TARGET_GROUP, group->id,
				  "TargetGroup " STR_FMT " is used by service " STR_FMT
				  "; it can be used by %s",
				  STR_ARG(group->id), STR_ARG(others[0]),
				  is_balancer ? "two services" : "one service only");
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
	struct record *group;
	struct str service;
	cJSON *item;
	int at = 0;

	if (find_service(c, owner, &service) < 0)
		return -1;
	cJSON_ArrayForEach (item, groups) {
		snprintf(below, sizeof(below), "%.64s.forward.targetGroups[%d]", field, at++);
		if (settle_weight(c, item, below, alone) < 0 ||
		    settle_group(c, owner, below, item) < 0 ||
		    check_protocol(c, below, item, is_tcp, &group) < 0 ||
		    check_service(c, group, service) < 0)
			return -1;
	}
	return at ? check_groups(c, service) : 0;
}
