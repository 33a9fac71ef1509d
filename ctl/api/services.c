/* SPDX-License-Identifier: Apache-2.0 */
/* Services: each gets a place in the address pool, and a generated name, for its life. */
#include "api/form.h"
#include "api/handlers.h"
#include "api/service_certificate.h"
#include "api/sharing.h"
#include "base/json.h"
#include "model/address.h"

#include <cjson/cJSON.h>

enum { IDLE_TIMEOUT_DEFAULT_SECONDS = 60 };

/* The partition label that all of AWS's published names carry, and a zone id in its form. */
static const char partition_label[] = "7d67968";
static const char hosted_zone_id[] = "ZLATTICE000000000000";

const struct field service_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 3,
	  .max = 40,
	  .matches = form_is_service_name,
	  .expected = FORM_NAME_EXPECTED },
	{ .name = "customDomainName",
	  .type = FIELD_STRING,
	  .min = 3,
	  .max = 255,
	  .matches = form_is_domain_name,
	  .expected = "a domain name" },
	SERVICE_CERTIFICATE_FIELD,
	{ .name = "authType", .type = FIELD_STRING, .values = form_auth_types },
	{ .name = "idleTimeoutSeconds", .type = FIELD_INTEGER, .min = 60, .max = 600 },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

const struct field service_update_fields[] = {
	SERVICE_CERTIFICATE_FIELD,
	{ .name = "authType", .type = FIELD_STRING, .values = form_auth_types },
	{ .name = "idleTimeoutSeconds", .type = FIELD_INTEGER, .min = 60, .max = 600 },
	{ 0 },
};

static void put_dns_entry(struct call *c, const struct record *r, cJSON *body)
{
	struct str random = str_skip(r->id, strlen(kind_names(KIND_SERVICE)->prefix));
	struct str name = arena_printf(
		&c->arena, STR_FMT "-" STR_FMT ".%s.vpc-lattice-svcs." STR_FMT ".on.aws",
		STR_ARG(r->name), STR_ARG(random), partition_label, STR_ARG(c->region));
	cJSON *entry = cJSON_CreateObject();

	call_put_str(c, entry, "domainName", name);
	call_put_str(c, entry, "hostedZoneId", str_of(hosted_zone_id));
	call_put(c, body, "dnsEntry", entry);
}

static cJSON *new_body(struct call *c, const struct record *r)
{
	const cJSON *idle = cJSON_GetObjectItemCaseSensitive(c->body, "idleTimeoutSeconds");
	cJSON *body = call_new_object(c);

	call_put_str(c, body, "arn", call_arn(c, r));
	call_put_str(c, body, "status", STR("ACTIVE"));
	call_put_str(c, body, "authType", form_auth_type(c->body));
	call_put_number(c, body, "idleTimeoutSeconds",
			cJSON_IsNumber(idle) ? idle->valuedouble : IDLE_TIMEOUT_DEFAULT_SECONDS);
	call_put_copy(c, body, "customDomainName",
		      cJSON_GetObjectItemCaseSensitive(c->body, "customDomainName"));
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
	put_dns_entry(c, r, body);
	return body;
}

/* What its creator and its changer are told of a service. */
static const char *const service_view[] = { "id",
					    "arn",
					    "name",
					    "customDomainName",
					    "certificateArn",
					    "authType",
					    "dnsEntry",
					    "idleTimeoutSeconds",
					    NULL };

/*
 * Insert @r with a number whose IPv4 address is its own if there is one left. Numbers behind those
 * share addresses.
 */
static int insert_with_address(struct call *c, struct record *r)
{
	uint32_t last = address_own_max(c->pool);
	const uint32_t own[] = { ADDRESS_NUMBER_MIN,
				 last < ADDRESS_NUMBER_MAX ? last : ADDRESS_NUMBER_MAX };
	const uint32_t shared[] = { own[1] + 1, ADDRESS_NUMBER_MAX };
	cJSON *body = new_body(c, r);

	if (call_insert(c, r, body, own) == 0)
		return 0;
	if (c->fault.code != FAULT_QUOTA || shared[0] > shared[1])
		return -1;
	c->fault = (struct fault){ 0 };
	return call_insert(c, r, body, shared);
}

/* Creation is complete when it is answered; clients expect to be told that it began. */
int service_create(struct call *c)
{
	struct record *r = call_new_record(c, KIND_SERVICE, json_get_str(c->body, "name"));

	if (!r || insert_with_address(c, r) < 0 || quota_check(c, QUOTA_SERVICES, NULL) < 0 ||
	    service_certificate_settle(c, r, c->body) < 0)
		return -1;
	call_view(c, r, service_view, c->answer);
	call_put_str(c, c->answer, "status", STR("CREATE_IN_PROGRESS"));
	c->changed = true;
	return 0;
}

int service_get(struct call *c)
{
	static const char *const view[] = { "id",
					    "name",
					    "arn",
					    "createdAt",
					    "lastUpdatedAt",
					    "dnsEntry",
					    "customDomainName",
					    "certificateArn",
					    "status",
					    "authType",
					    "idleTimeoutSeconds",
					    NULL };
	struct record *r;

	if (sharing_find(c, "serviceIdentifier", KIND_SERVICE, c->params[0],
			 "vpc-lattice:GetService", &r) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	return 0;
}

int service_list(struct call *c)
{
	static const char *const members[] = { "id",
					       "name",
					       "arn",
					       "createdAt",
					       "lastUpdatedAt",
					       "dnsEntry",
					       "customDomainName",
					       "status",
					       NULL };
	static const struct call_list_view view = { members, NULL };

	return sharing_list(c, KIND_SERVICE, &view);
}

/* AWS leaves dnsEntry out of this answer. */
int service_update(struct call *c)
{
	static const char *const view[] = { "id",
					    "arn",
					    "name",
					    "customDomainName",
					    "certificateArn",
					    "authType",
					    "idleTimeoutSeconds",
					    NULL };
	struct record *r;
	cJSON *body;

	if (call_find_param(c, 0, KIND_SERVICE, &r) < 0)
		return -1;
	body = call_edit(c, r);
	call_merge(c, body, c->body);
	if (call_update(c, r, body) < 0 || service_certificate_settle(c, r, c->body) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	c->changed = true;
	return 0;
}

int service_delete(struct call *c)
{
	static const char *const view[] = { "id", "arn", "name", NULL };
	struct record *r;

	if (call_find_param(c, 0, KIND_SERVICE, &r) < 0 || call_delete(c, r->id) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	call_put_str(c, c->answer, "status", STR("DELETE_IN_PROGRESS"));
	c->changed = true;
	return 0;
}

int service_addresses(struct call *c)
{
	char text[SOCK_ADDR_TEXT_MAX];
	struct sock_addr addr[2];
	struct record *r;
	cJSON *list;
	size_t i;

	if (call_find_param(c, 0, KIND_SERVICE, &r) < 0)
		return -1;
	addr[0] = address_v4(c->pool, r->number);
	addr[1] = address_v6(c->pool, r->number);
	list = cJSON_AddArrayToObject(c->answer, "addresses");
	for (i = 0; i < 2; i++) {
		struct str s = sock_addr_write_ip(&addr[i], text);
		cJSON *item = cJSON_CreateString(arena_cstr(&c->arena, s));

		if (!item || !cJSON_AddItemToArray(list, item)) {
			cJSON_Delete(item);
			c->failed = true;
		}
	}
	return 0;
}
