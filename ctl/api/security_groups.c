/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security groups, which AWS leaves to EC2: who of a VPC's clients may connect to which ports.
 * Rules only admit. A group belongs to its VPC, which stays while the group is there, as the group
 * does while an association uses it.
 */
#include "api/security_group.h"

#include "api/form.h"
#include "api/handlers.h"
#include "base/json.h"
#include "model/prefix.h"

#include <cjson/cJSON.h>
#include <lattice/limits.h>
#include <stdio.h>

/* Five full groups are just what a VPC's filter holds. */
enum { RULES_MAX = LATTICE_FILTER_RULES_MAX / SECURITY_GROUPS_PER_ASSOCIATION_MAX };

static bool is_cidr(struct str s)
{
	struct prefix p;

	return prefix_parse(s, &p) == 0;
}

static const struct field ingress_fields[] = {
	{ .name = "cidr",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = PREFIX_TEXT_MAX,
	  .matches = is_cidr,
	  .expected = "a prefix like 10.0.0.0/8 or fd00::/8, without bits behind it" },
	{ .name = "fromPort", .type = FIELD_INTEGER, .min = 1, .max = 65535 },
	{ .name = "toPort", .type = FIELD_INTEGER, .min = 1, .max = 65535 },
	{ 0 },
};

static const struct field ingress_item = { .type = FIELD_OBJECT, .members = ingress_fields };

#define FORM_DESCRIPTION                                                \
	{                                                               \
		.name = "description", .type = FIELD_STRING, .max = 255 \
	}
#define FORM_INGRESS                                                                              \
	{                                                                                         \
		.name = "ingress", .type = FIELD_LIST, .max = RULES_MAX, .members = &ingress_item \
	}

const struct field security_group_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = 255,
	  .matches = form_is_security_group_name,
	  .expected = "printable ASCII, and not begin with sg-" },
	{ .name = "vpcIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 5,
	  .max = 2048,
	  .identifies = KIND_VPC },
	FORM_DESCRIPTION,
	FORM_INGRESS,
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

const struct field security_group_update_fields[] = { FORM_DESCRIPTION, FORM_INGRESS, { 0 } };

const struct field security_group_list_fields[] = {
	{ .name = "vpcIdentifier",
	  .type = FIELD_STRING,
	  .min = 5,
	  .max = 2048,
	  .identifies = KIND_VPC },
	FORM_PAGING,
	{ 0 },
};

static bool is_id(struct str s)
{
	return id_is_valid(KIND_SECURITY_GROUP, s);
}

const struct field security_group_item = { .type = FIELD_STRING,
					   .min = 5,
					   .max = 200,
					   .matches = is_id,
					   .expected = "the id of a security group" };

static const char *const members[] = {
	"id",	   "arn",  "name",	"vpcIdentifier", "description",
	"ingress", "tags", "createdAt", "lastUpdatedAt", NULL
};

static int port_of(const cJSON *rule, const char *name, int otherwise)
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(rule, name);

	return cJSON_IsNumber(port) ? port->valueint : otherwise;
}

/* The rules as they are kept and shown: with both ports. One port alone is a range of one. */
static int put_rules(struct call *c, cJSON *body, const cJSON *given)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *rule;
	int i = 0;

	call_put(c, body, "ingress", list);
	cJSON_ArrayForEach (rule, given) {
		int from = port_of(rule, "fromPort", port_of(rule, "toPort", 1));
		int to = port_of(rule, "toPort", port_of(rule, "fromPort", 65535));
		cJSON *item = call_add_item(c, list);
		char field[64];

		snprintf(field, sizeof(field), "ingress[%d].toPort", i++);
		if (from > to)
			return fault_set_field(&c->fault, field,
					       "%s must not be less than fromPort", field);
		call_put_str(c, item, "cidr", json_get_str(rule, "cidr"));
		call_put_number(c, item, "fromPort", from);
		call_put_number(c, item, "toPort", to);
	}
	return 0;
}

int security_group_create(struct call *c)
{
	cJSON *body = call_new_object(c);
	struct record *r = call_new_in_vpc(c, KIND_SECURITY_GROUP, body);

	if (!r)
		return -1;
	call_put_copy(c, body, "description",
		      cJSON_GetObjectItemCaseSensitive(c->body, "description"));
	if (put_rules(c, body, cJSON_GetObjectItemCaseSensitive(c->body, "ingress")) < 0 ||
	    call_insert(c, r, body, NULL) < 0 || call_link(c, r->id, r->parent) < 0 ||
	    quota_check(c, QUOTA_SECURITY_GROUPS, NULL) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	return 0;
}

int security_group_get(struct call *c)
{
	return call_show_param(c, KIND_SECURITY_GROUP, members);
}

int security_group_list(struct call *c)
{
	static const struct call_list_view view = { members, NULL };

	return call_list_in_vpc(c, KIND_SECURITY_GROUP, &view);
}

/* What is given takes the place of what was: all of the rules, or the description. */
int security_group_update(struct call *c)
{
	const cJSON *rules = cJSON_GetObjectItemCaseSensitive(c->body, "ingress");
	const cJSON *description = cJSON_GetObjectItemCaseSensitive(c->body, "description");
	struct record *r;
	cJSON *body;

	if (call_find_param(c, 0, KIND_SECURITY_GROUP, &r) < 0)
		return -1;
	body = call_edit(c, r);
	if (description)
		call_replace(c, body, "description", description);
	if (rules) {
		cJSON_DeleteItemFromObjectCaseSensitive(body, "ingress");
		if (put_rules(c, body, rules) < 0)
			return -1;
	}
	if (call_update(c, r, body) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, members, c->answer);
	return 0;
}

int security_group_delete(struct call *c)
{
	return call_delete_param(c, KIND_SECURITY_GROUP);
}

/*
 * Link @association of @vpc to the groups @ids, a list that may be NULL. Each must be the VPC's
 * and be there once.
 */
int security_groups_link(struct call *c, const struct record *association, const struct record *vpc,
			 const struct cJSON *ids)
{
	const cJSON *id, *before;
	char field[64];
	int i = 0;

	cJSON_ArrayForEach (id, ids) {
		struct record *group;

		snprintf(field, sizeof(field), "securityGroupIds[%d]", i++);
		for (before = ids->child; before != id; before = before->next)
			if (str_eq(str_of(before->valuestring), str_of(id->valuestring)))
				return fault_set_field(&c->fault, field, "%s is there twice",
						       field);
		if (call_find(c, field, KIND_SECURITY_GROUP, str_of(id->valuestring), &group) < 0)
			return -1;
		if (!str_eq(group->parent, vpc->id))
			return fault_set_field(&c->fault, field, "%s is of another VPC", field);
		if (call_link(c, association->id, group->id) < 0)
			return -1;
	}
	return 0;
}
