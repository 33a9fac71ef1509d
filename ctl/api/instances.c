/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instances, which AWS leaves to EC2: a name for an address in a VPC. Target groups hold an
 * instance by its id, so that it may get another address.
 */
#include "api/form.h"
#include "api/handlers.h"
#include "api/target_place.h"
#include "base/json.h"
#include "model/address.h"

#include <cjson/cJSON.h>

static bool is_address(struct str s)
{
	struct sock_addr a;

	return sock_addr_parse(s, &a) == 0;
}

#define FORM_ADDRESS                                                                            \
	{                                                                                       \
		.name = "address", .type = FIELD_STRING, .required = true, .min = 2, .max = 45, \
		.matches = is_address, .expected = "an IPv4 or IPv6 address"                    \
	}

const struct field instance_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = 63,
	  .matches = form_is_instance_name,
	  .expected = "letters, digits and . _ - after a letter or digit, and not begin with i-" },
	{ .name = "vpcIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 5,
	  .max = 2048,
	  .identifies = KIND_VPC },
	FORM_ADDRESS,
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

const struct field instance_update_fields[] = { FORM_ADDRESS, { 0 } };

static const char *const members[] = { "id",	  "arn",  "name",      "vpcIdentifier",
				       "address", "tags", "createdAt", "lastUpdatedAt",
				       NULL };

/* Give @body the address of the request, which no other instance of the VPC may have. */
static int put_address(struct call *c, const struct record *r, cJSON *body)
{
	struct str text = json_get_str(c->body, "address");
	char plain[SOCK_ADDR_TEXT_MAX];
	struct sock_addr a;
	struct record *other;

	if (sock_addr_parse(text, &a) < 0 || !address_is_usable(c->pool, &a))
		return fault_set_field(&c->fault, "address", "no instance can have this address");
	if (place_find_instance(c, r->parent, &a, &other) < 0)
		return -1;
	if (other && !str_eq(other->id, r->id))
		return fault_set_resource(&c->fault, FAULT_CONFLICT, KIND_INSTANCE, other->id,
					  "an instance with this address already exists: " STR_FMT
					  " (" STR_FMT ")",
					  STR_ARG(other->name), STR_ARG(other->id));
	cJSON_DeleteItemFromObjectCaseSensitive(body, "address");
	call_put_str(c, body, "address", sock_addr_write_ip(&a, plain));
	return 0;
}

int instance_create(struct call *c)
{
	cJSON *body = call_new_object(c);
	struct record *r = call_new_in_vpc(c, KIND_INSTANCE, body);

	if (!r || put_address(c, r, body) < 0 || call_insert(c, r, body, NULL) < 0 ||
	    call_link(c, r->id, r->parent) < 0 || quota_check(c, QUOTA_INSTANCES, NULL) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	return 0;
}

int instance_get(struct call *c)
{
	return call_show_param(c, KIND_INSTANCE, members);
}

int instance_list(struct call *c)
{
	static const struct call_list_view view = { members, NULL };

	return call_list_in_vpc(c, KIND_INSTANCE, &view);
}

/* Its targets move with it. */
int instance_update(struct call *c)
{
	struct record *r;
	cJSON *body;

	if (call_find_param(c, 0, KIND_INSTANCE, &r) < 0)
		return -1;
	body = call_edit(c, r);
	if (put_address(c, r, body) < 0 || call_update(c, r, body) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, members, c->answer);
	return 0;
}

int instance_delete(struct call *c)
{
	return call_delete_param(c, KIND_INSTANCE);
}
