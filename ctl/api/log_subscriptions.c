/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access log subscriptions. The record's parent is the network or service, so that it goes with
 * it, and its name is the destination's type, so that there is one of each at most.
 */
#include "api/form.h"
#include "api/handlers.h"
#include "base/json.h"
#include "model/log_place.h"

#include <cjson/cJSON.h>

/* A network's, a service's or a resource configuration's id or ARN. */
static bool is_log_source(struct str s)
{
	struct str id;

	return id_parse(KIND_SERVICE_NETWORK, s, &id) || id_parse(KIND_SERVICE, s, &id) ||
	       id_parse(KIND_RESOURCE_CONFIGURATION, s, &id);
}

/* What can be written to: see log_arn_parse(). */
static bool is_destination(struct str s)
{
	char file[LOG_FILE_NAME_MAX + 1];
	struct str id;

	return str_starts(s, STR("arn:")) &&
	       (id_parse(KIND_LOG_DESTINATION, s, &id) || log_arn_parse(s, file) != LOG_TYPE_NONE);
}

#define DESTINATION_EXPECTED                                                                    \
	"the ARN of a CloudWatch Logs log group, an S3 bucket, a Firehose delivery stream, or " \
	"a log destination"
/* clang-format off */
#define FIELD_DESTINATION                                                                     \
	{ .name = "destinationArn", .type = FIELD_STRING, .required = true, .min = 20,        \
	  .max = 2048, .matches = is_destination, .expected = DESTINATION_EXPECTED }
#define FIELD_SOURCE                                                                          \
	{ .name = "resourceIdentifier", .type = FIELD_STRING, .required = true, .min = 17,    \
	  .max = 200, .matches = is_log_source,                                               \
	  .expected = "the id or ARN of a service network or service" }
/* clang-format on */

static const char *const log_types[] = { "SERVICE", "RESOURCE", NULL };

const struct field log_subscription_create_fields[] = {
	FIELD_SOURCE,
	FIELD_DESTINATION,
	{ .name = "serviceNetworkLogType", .type = FIELD_STRING, .values = log_types },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

const struct field log_subscription_update_fields[] = { FIELD_DESTINATION, { 0 } };

const struct field log_subscription_list_fields[] = { FIELD_SOURCE, FORM_PAGING, { 0 } };

static const char *const view[] = { "id",
				    "arn",
				    "resourceId",
				    "resourceArn",
				    "destinationArn",
				    "createdAt",
				    "lastUpdatedAt",
				    "serviceNetworkLogType",
				    NULL };
static const char *const short_view[] = {
	"id", "arn", "resourceId", "resourceArn", "destinationArn", "serviceNetworkLogType", NULL
};

/* The network or service that the member @field names. */
static int find_source(struct call *c, struct str identifier, struct record **ret)
{
	struct str id;
	enum kind kind = KIND_RESOURCE_CONFIGURATION;

	if (id_parse(KIND_SERVICE_NETWORK, identifier, &id))
		kind = KIND_SERVICE_NETWORK;
	else if (id_parse(KIND_SERVICE, identifier, &id))
		kind = KIND_SERVICE;
	return call_find(c, "resourceIdentifier", kind, identifier, ret);
}

/* What lies behind the ARN: its type, and our record, or NULL for one of AWS's. */
static int find_destination(struct call *c, struct str arn, struct str *ret_type,
			    struct record **ret)
{
	char file[LOG_FILE_NAME_MAX + 1];
	enum log_type type = log_arn_parse(arn, file);

	*ret = NULL;
	*ret_type = str_of(log_type_word(type));
	if (type != LOG_TYPE_NONE)
		return 0;
	if (call_find(c, "destinationArn", KIND_LOG_DESTINATION, arn, ret) < 0)
		return -1;
	*ret_type = json_get_str(call_body(c, *ret), "type");
	return 0;
}

/* AWS's rule in words, in place of the store's. */
static int explain_conflict(struct call *c, struct str resource, struct str type)
{
	if (c->fault.code != FAULT_CONFLICT)
		return -1;
	return fault_set_resource(&c->fault, FAULT_CONFLICT, KIND_ACCESS_LOG_SUBSCRIPTION, resource,
				  STR_FMT " already has an access log subscription to a "
					  "destination of type " STR_FMT,
				  STR_ARG(resource), STR_ARG(type));
}

/*
 * Store @r, whose destination is @destination of @type. What it logs is a part of its name: one of
 * a type logs services, another one resources.
 */
static int insert(struct call *c, struct record *r, const cJSON *body, struct str type,
		  const struct record *destination)
{
	static const uint32_t numbers[] = { 1, LOG_NUMBER_MAX };

	r->name = type;
	if (str_eq(json_get_str(body, "serviceNetworkLogType"), STR("RESOURCE")))
		r->name = arena_printf(&c->arena, "RESOURCE " STR_FMT, STR_ARG(type));
	if (call_insert(c, r, body, numbers) < 0)
		return explain_conflict(c, r->parent, type);
	return destination ? call_link(c, r->id, destination->id) : 0;
}

static cJSON *new_body(struct call *c, const struct record *r, const struct record *source)
{
	struct str type = json_get_str(c->body, "serviceNetworkLogType");
	cJSON *body = call_new_object(c);

	call_put_str(c, body, "arn", call_arn(c, r));
	call_put_str(c, body, "resourceId", source->id);
	call_put_str(c, body, "resourceArn", json_get_str(call_body(c, source), "arn"));
	call_put_str(c, body, "destinationArn", json_get_str(c->body, "destinationArn"));
	if (source->kind == KIND_SERVICE_NETWORK)
		call_put_str(c, body, "serviceNetworkLogType", type.n ? type : STR("SERVICE"));
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
	return body;
}

/* A log type is a network's only. */
static int check_log_type(struct call *c, const struct record *source)
{
	struct str type = json_get_str(c->body, "serviceNetworkLogType");

	if (type.n && source->kind != KIND_SERVICE_NETWORK)
		return fault_set_field(&c->fault, "serviceNetworkLogType",
				       "serviceNetworkLogType is for service networks only");
	return 0;
}

int log_subscription_create(struct call *c)
{
	struct str source_id = json_get_str(c->body, "resourceIdentifier"), type;
	struct record *source, *destination, *r;

	if (find_source(c, source_id, &source) < 0 || check_log_type(c, source) < 0 ||
	    find_destination(c, json_get_str(c->body, "destinationArn"), &type, &destination) < 0)
		return -1;
	r = call_new_record(c, KIND_ACCESS_LOG_SUBSCRIPTION, type);
	if (!r)
		return -1;
	r->parent = source->id;
	if (insert(c, r, new_body(c, r, source), type, destination) < 0)
		return -1;
	call_view(c, r, short_view, c->answer);
	c->changed = true;
	return 0;
}

int log_subscription_get(struct call *c)
{
	return call_show_param(c, KIND_ACCESS_LOG_SUBSCRIPTION, view);
}

int log_subscription_list(struct call *c)
{
	static const struct call_list_view list_view = { view, NULL };
	struct str source = json_get_str(c->query, "resourceIdentifier"), id = source;
	struct store_query q = { .kind = KIND_ACCESS_LOG_SUBSCRIPTION };

	if (!id_parse(KIND_SERVICE_NETWORK, source, &id) && !id_parse(KIND_SERVICE, source, &id))
		id_parse(KIND_RESOURCE_CONFIGURATION, source, &id);
	q.parent = id;
	return call_list(c, &q, &list_view);
}

/* To another type of destination it is stored anew, since its name is the type. */
int log_subscription_update(struct call *c)
{
	struct record *r, *destination;
	struct str type;
	cJSON *body;

	if (call_find_param(c, 0, KIND_ACCESS_LOG_SUBSCRIPTION, &r) < 0 ||
	    find_destination(c, json_get_str(c->body, "destinationArn"), &type, &destination) < 0)
		return -1;
	body = call_edit(c, r);
	call_merge(c, body, c->body);
	r->updated_ms = c->now_ms;
	if (call_delete(c, r->id) < 0 || insert(c, r, body, type, destination) < 0)
		return -1;
	call_view(c, r, short_view, c->answer);
	c->changed = true;
	return 0;
}

int log_subscription_delete(struct call *c)
{
	struct record *r;

	if (call_find_param(c, 0, KIND_ACCESS_LOG_SUBSCRIPTION, &r) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}
