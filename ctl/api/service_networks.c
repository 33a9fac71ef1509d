/* SPDX-License-Identifier: Apache-2.0 */
/* Service networks. */
#include "api/form.h"
#include "api/handlers.h"
#include "api/sharing.h"
#include "base/json.h"

#include <cjson/cJSON.h>

static const struct field sharing_fields[] = {
	{ .name = "enabled", .type = FIELD_BOOLEAN },
	{ 0 },
};

const struct field service_network_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 3,
	  .max = 63,
	  .matches = form_is_service_network_name,
	  .expected = FORM_NAME_EXPECTED },
	{ .name = "authType", .type = FIELD_STRING, .values = form_auth_types },
	{ .name = "sharingConfig", .type = FIELD_OBJECT, .members = sharing_fields },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

const struct field service_network_update_fields[] = {
	{ .name = "authType", .type = FIELD_STRING, .required = true, .values = form_auth_types },
	{ 0 },
};

const struct field paging_fields[] = { FORM_PAGING, { 0 } };

int service_network_create(struct call *c)
{
	static const char *const view[] = {
		"id", "name", "arn", "sharingConfig", "authType", NULL
	};
	struct record *r = call_new_record(c, KIND_SERVICE_NETWORK, json_get_str(c->body, "name"));
	cJSON *body = call_new_object(c);

	if (!r)
		return -1;
	call_put_str(c, body, "arn", call_arn(c, r));
	call_put_str(c, body, "authType", form_auth_type(c->body));
	call_put_copy(c, body, "sharingConfig",
		      cJSON_GetObjectItemCaseSensitive(c->body, "sharingConfig"));
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
	if (call_insert(c, r, body, NULL) < 0 || quota_check(c, QUOTA_SERVICE_NETWORKS, NULL) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	return 0;
}

/* How many associations of @kind the network has, as the member @name. */
static int put_count(struct call *c, const struct record *network, enum kind kind, const char *name,
		     cJSON *into)
{
	struct store_query q = { .kind = kind, .links_to = network->id };
	size_t count;

	if (store_count(c->store, &q, &count, &c->fault) < 0)
		return -1;
	call_put_number(c, into, name, (double)count);
	return 0;
}

static int put_counts(struct call *c, const struct record *r, struct cJSON *into)
{
	if (put_count(c, r, KIND_VPC_ASSOCIATION, "numberOfAssociatedVPCs", into) < 0)
		return -1;
	return put_count(c, r, KIND_SERVICE_ASSOCIATION, "numberOfAssociatedServices", into);
}

int service_network_get(struct call *c)
{
	static const char *const view[] = { "id",  "name",     "createdAt",	"lastUpdatedAt",
					    "arn", "authType", "sharingConfig", NULL };
	struct record *r;

	if (sharing_find(c, "serviceNetworkIdentifier", KIND_SERVICE_NETWORK, c->params[0],
			 "vpc-lattice:GetServiceNetwork", &r) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	return put_counts(c, r, c->answer);
}

int service_network_list(struct call *c)
{
	static const char *const members[] = { "id",	    "name",	     "arn",
					       "createdAt", "lastUpdatedAt", NULL };
	static const struct call_list_view view = { members, put_counts };

	return sharing_list(c, KIND_SERVICE_NETWORK, &view);
}

int service_network_update(struct call *c)
{
	static const char *const view[] = { "id", "name", "arn", "authType", NULL };
	struct record *r;
	cJSON *body;

	if (call_find_param(c, 0, KIND_SERVICE_NETWORK, &r) < 0)
		return -1;
	body = call_edit(c, r);
	call_merge(c, body, c->body);
	if (call_update(c, r, body) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	c->changed = true;
	return 0;
}

int service_network_delete(struct call *c)
{
	return call_delete_param(c, KIND_SERVICE_NETWORK);
}
