/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations on what this system has none of: they answer as AWS does in an account where none
 * was ever made, and making one is refused in words. Whatever is built leaves this file.
 */
#include "api/form.h"
#include "api/handlers.h"

#include <cjson/cJSON.h>

const struct field absent_body_fields[] = { { .name = "*", .type = FIELD_ANY }, { 0 } };

#define FORM_IDENTIFIER .type = FIELD_STRING, .min = 3, .max = 2048

const struct field resource_configuration_list_fields[] = {
	{ .name = "resourceGatewayIdentifier",
	  FORM_IDENTIFIER,
	  .identifies = KIND_RESOURCE_GATEWAY },
	{ .name = "resourceConfigurationGroupIdentifier",
	  FORM_IDENTIFIER,
	  .identifies = KIND_RESOURCE_CONFIGURATION },
	{ .name = "domainVerificationIdentifier",
	  FORM_IDENTIFIER,
	  .identifies = KIND_DOMAIN_VERIFICATION },
	FORM_PAGING,
	{ 0 },
};

const struct field resource_association_list_fields[] = {
	{ .name = "serviceNetworkIdentifier", FORM_IDENTIFIER, .identifies = KIND_SERVICE_NETWORK },
	{ .name = "resourceConfigurationIdentifier",
	  FORM_IDENTIFIER,
	  .identifies = KIND_RESOURCE_CONFIGURATION },
	{ .name = "includeChildren", .type = FIELD_BOOLEAN },
	FORM_PAGING,
	{ 0 },
};

const struct field resource_endpoint_list_fields[] = {
	{ .name = "resourceConfigurationIdentifier",
	  FORM_IDENTIFIER,
	  .required = true,
	  .identifies = KIND_RESOURCE_CONFIGURATION },
	{ .name = "resourceEndpointAssociationIdentifier",
	  FORM_IDENTIFIER,
	  .identifies = KIND_RESOURCE_ENDPOINT_ASSOCIATION },
	{ .name = "vpcEndpointId", FORM_IDENTIFIER },
	{ .name = "vpcEndpointOwner", FORM_IDENTIFIER },
	FORM_PAGING,
	{ 0 },
};

const struct field vpc_endpoint_list_fields[] = {
	{ .name = "serviceNetworkIdentifier",
	  FORM_IDENTIFIER,
	  .required = true,
	  .identifies = KIND_SERVICE_NETWORK },
	FORM_PAGING,
	{ 0 },
};

int absent_list(struct call *c)
{
	call_put(c, c->answer, "items", cJSON_CreateArray());
	return 0;
}

/* Only the endpoints of a network that exists can be listed. */
int vpc_endpoint_list(struct call *c)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(c->query, "serviceNetworkIdentifier");
	struct record *network;

	if (call_find(c, "serviceNetworkIdentifier", KIND_SERVICE_NETWORK, str_of(id->valuestring),
		      &network) < 0)
		return -1;
	return absent_list(c);
}

/* Refuse the record of @kind that the path names: there is none. */
static int find_none(struct call *c, enum kind kind)
{
	struct record *r;

	if (call_find_param(c, 0, kind, &r) < 0)
		return -1;
	return fault_set(&c->fault, FAULT_INTERNAL, "%s " STR_FMT " should not exist",
			 kind_names(kind)->word, STR_ARG(r->id));
}

int resource_configuration_find(struct call *c)
{
	return find_none(c, KIND_RESOURCE_CONFIGURATION);
}

int resource_gateway_find(struct call *c)
{
	return find_none(c, KIND_RESOURCE_GATEWAY);
}

int resource_association_find(struct call *c)
{
	return find_none(c, KIND_RESOURCE_ASSOCIATION);
}

int resource_endpoint_find(struct call *c)
{
	return find_none(c, KIND_RESOURCE_ENDPOINT_ASSOCIATION);
}

int domain_verification_find(struct call *c)
{
	return find_none(c, KIND_DOMAIN_VERIFICATION);
}

int resource_create(struct call *c)
{
	return fault_set(&c->fault, FAULT_OTHER,
			 "resource gateways, resource configurations and their associations are "
			 "not supported yet");
}

int domain_verification_create(struct call *c)
{
	return fault_set(&c->fault, FAULT_OTHER, "domain verification is not supported yet");
}
