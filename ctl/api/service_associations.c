/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Associations of services with service networks. The record is named by both ids, so that a pair
 * has one at most.
 */
#include "api/form.h"
#include "api/handlers.h"
#include "api/sharing.h"
#include "base/json.h"

#include <cjson/cJSON.h>

const struct field service_association_create_fields[] = {
	{ .name = "serviceIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 17,
	  .max = 2048,
	  .identifies = KIND_SERVICE },
	{ .name = "serviceNetworkIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 3,
	  .max = 2048,
	  .identifies = KIND_SERVICE_NETWORK },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

const struct field service_association_list_fields[] = {
	{ .name = "serviceNetworkIdentifier",
	  .type = FIELD_STRING,
	  .min = 3,
	  .max = 2048,
	  .identifies = KIND_SERVICE_NETWORK },
	{ .name = "serviceIdentifier",
	  .type = FIELD_STRING,
	  .min = 17,
	  .max = 2048,
	  .identifies = KIND_SERVICE },
	FORM_PAGING,
	{ 0 },
};

static cJSON *new_body(struct call *c, const struct record *r, const struct record *network,
		       const struct record *service)
{
	static const char *const names[] = { "dnsEntry", "customDomainName", NULL };
	cJSON *body = call_new_object(c);

	call_put_str(c, body, "arn", call_arn(c, r));
	call_put_str(c, body, "status", STR("ACTIVE"));
	call_put_str(c, body, "createdBy", c->account);
	call_put_str(c, body, "serviceId", service->id);
	call_put_str(c, body, "serviceName", service->name);
	call_put_str(c, body, "serviceArn", json_get_str(call_body(c, service), "arn"));
	call_put_str(c, body, "serviceNetworkId", network->id);
	call_put_str(c, body, "serviceNetworkName", network->name);
	call_put_str(c, body, "serviceNetworkArn", json_get_str(call_body(c, network), "arn"));
	call_view(c, service, names, body);
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
	return body;
}

static struct str pair_name(struct call *c, struct str network, struct str service)
{
	return arena_printf(&c->arena, STR_FMT "/" STR_FMT, STR_ARG(network), STR_ARG(service));
}

int service_association_create(struct call *c)
{
	static const char *const view[] = { "id",	"arn", "createdBy", "customDomainName",
					    "dnsEntry", NULL };
	static const char action[] = "vpc-lattice:CreateServiceNetworkServiceAssociation";
	struct record *network, *service, *r;

	if (sharing_find(c, "serviceIdentifier", KIND_SERVICE,
			 json_get_str(c->body, "serviceIdentifier"), action, &service) < 0 ||
	    sharing_find(c, "serviceNetworkIdentifier", KIND_SERVICE_NETWORK,
			 json_get_str(c->body, "serviceNetworkIdentifier"), action, &network) < 0)
		return -1;
	r = call_new_record(c, KIND_SERVICE_ASSOCIATION, pair_name(c, network->id, service->id));
	if (!r || call_insert(c, r, new_body(c, r, network, service), NULL) < 0)
		return -1;
	if (call_link(c, r->id, network->id) < 0 || call_link(c, r->id, service->id) < 0 ||
	    quota_check(c, QUOTA_SERVICES_PER_NETWORK, network) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	call_put_str(c, c->answer, "status", STR("CREATE_IN_PROGRESS"));
	c->changed = true;
	return 0;
}

static const char *const members[] = { "id",
				       "status",
				       "arn",
				       "createdBy",
				       "createdAt",
				       "serviceId",
				       "serviceName",
				       "serviceArn",
				       "serviceNetworkId",
				       "serviceNetworkName",
				       "serviceNetworkArn",
				       "dnsEntry",
				       "customDomainName",
				       NULL };

int service_association_get(struct call *c)
{
	struct record *r;

	if (sharing_find_association(c, KIND_SERVICE_ASSOCIATION, &r) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	return 0;
}

int service_association_list(struct call *c)
{
	static const struct call_list_view view = { members, NULL };
	struct str network = json_get_str(c->query, "serviceNetworkIdentifier");
	struct str service = json_get_str(c->query, "serviceIdentifier");
	struct store_query q = { .kind = KIND_SERVICE_ASSOCIATION };
	struct str network_id = STR(""), service_id = STR("");

	if (!network.n && !service.n)
		return fault_set_field(&c->fault, "serviceNetworkIdentifier",
				       "serviceNetworkIdentifier or serviceIdentifier is required");
	if ((network.n && !id_parse(KIND_SERVICE_NETWORK, network, &network_id)) ||
	    (service.n && !id_parse(KIND_SERVICE, service, &service_id)))
		return fault_set(&c->fault, FAULT_INTERNAL, "unchecked identifier");
	q.links_to = network_id.n ? network_id : service_id;
	if (network_id.n && service_id.n)
		q.name = pair_name(c, network_id, service_id);
	if (sharing_scope(c, network_id, service_id, &q) < 0)
		return -1;
	return call_list_all(c, &q, &view);
}

int service_association_delete(struct call *c)
{
	return sharing_delete_association(c, KIND_SERVICE_ASSOCIATION);
}
