/* SPDX-License-Identifier: Apache-2.0 */
/* Listeners of a service and their default actions. */
#include "api/action.h"
#include "api/form.h"
#include "api/handlers.h"
#include "base/json.h"

#include <cjson/cJSON.h>

/* What the data path serves today. */
static const char *const protocols[] = { "HTTP", "HTTPS", "TLS_PASSTHROUGH", NULL };

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

/* What is passed through is found by the custom name, and cannot be answered. */
static int check_passthrough(struct call *c, const struct record *service, const cJSON *body)
{
	const cJSON *action = cJSON_GetObjectItemCaseSensitive(body, "defaultAction");

	if (!action_is_tcp(body))
		return 0;
	if (!json_get_str(call_body(c, service), "customDomainName").n)
		return fault_set_field(&c->fault, "protocol",
				       "protocol TLS_PASSTHROUGH needs a service with a custom "
				       "domain name");
	if (!cJSON_HasObjectItem(action, "forward"))
		return fault_set_field(&c->fault, "defaultAction",
				       "defaultAction of a TLS_PASSTHROUGH listener must forward");
	return 0;
}

/* Keep @body, which has a new default action. */
static int settle_action(struct call *c, struct record *r, cJSON *body)
{
	cJSON *action = cJSON_GetObjectItemCaseSensitive(body, "defaultAction");

	if (action_settle(c, r, "defaultAction", action, action_is_tcp(body)) < 0)
		return -1;
	return call_update(c, r, body);
}

int listener_create(struct call *c)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(c->body, "port");
	bool is_http = str_eq(json_get_str(c->body, "protocol"), STR("HTTP"));
	uint32_t port = cJSON_IsNumber(given) ? (uint32_t)given->valuedouble : is_http ? 80 : 443;
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
	if (check_passthrough(c, service, body) < 0 || call_insert(c, r, body, numbers) < 0 ||
	    quota_check(c, QUOTA_LISTENERS_PER_SERVICE, service) < 0)
		return -1;
	if (settle_action(c, r, body) < 0)
		return -1;
	call_view(c, r, listener_view, c->answer);
	return 0;
}

int listener_get(struct call *c)
{
	static const char *const times[] = { "createdAt", "lastUpdatedAt", NULL };
	struct record *r;

	if (call_find_listener(c, &r) < 0)
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
	struct record *service, *r;
	cJSON *body;

	if (call_find_param(c, 0, KIND_SERVICE, &service) < 0 || call_find_listener(c, &r) < 0 ||
	    call_unlink(c, r->id) < 0)
		return -1;
	body = call_edit(c, r);
	call_replace(c, body, "defaultAction",
		     cJSON_GetObjectItemCaseSensitive(c->body, "defaultAction"));
	if (check_passthrough(c, service, body) < 0 || settle_action(c, r, body) < 0)
		return -1;
	call_view(c, r, listener_view, c->answer);
	c->changed = true;
	return 0;
}

int listener_delete(struct call *c)
{
	struct record *r;

	if (call_find_listener(c, &r) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}
