/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Associations of VPCs with service networks. The record is named by its VPC, so that a VPC has
 * one at most. Names and ARNs never change, so the body holds those of both sides.
 */
#include "api/form.h"
#include "api/handlers.h"
#include "api/security_group.h"
#include "api/sharing.h"
#include "base/json.h"

#include <cjson/cJSON.h>
#include <stdio.h>

static const char *const dns_preferences[] = { "VERIFIED_DOMAINS_ONLY", "ALL_DOMAINS",
					       "VERIFIED_DOMAINS_AND_SPECIFIED_DOMAINS",
					       "SPECIFIED_DOMAINS_ONLY", NULL };

static const struct field domain_item = { .type = FIELD_STRING, .min = 1, .max = 255 };

/* They concern names of VPC resources, of which there are none: kept and shown. */
static const struct field dns_options_fields[] = {
	{ .name = "privateDnsPreference", .type = FIELD_STRING, .values = dns_preferences },
	{ .name = "privateDnsSpecifiedDomains",
	  .type = FIELD_LIST,
	  .min = 1,
	  .max = 10,
	  .members = &domain_item },
	{ 0 },
};

#define FORM_DNS_OPTIONS                                                                  \
	{                                                                                 \
		.name = "dnsOptions", .type = FIELD_OBJECT, .members = dns_options_fields \
	}

const struct field vpc_association_create_fields[] = {
	{ .name = "serviceNetworkIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 3,
	  .max = 2048,
	  .identifies = KIND_SERVICE_NETWORK },
	{ .name = "vpcIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 5,
	  .max = 50,
	  .identifies = KIND_VPC },
	{ .name = "privateDnsEnabled", .type = FIELD_BOOLEAN },
	FORM_DNS_OPTIONS,
	{ .name = "securityGroupIds",
	  .type = FIELD_LIST,
	  .max = SECURITY_GROUPS_PER_ASSOCIATION_MAX,
	  .members = &security_group_item },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

/* A change names one group at least: only a new association can have none again. */
const struct field vpc_association_update_fields[] = {
	{ .name = "privateDnsEnabled", .type = FIELD_BOOLEAN },
	FORM_DNS_OPTIONS,
	{ .name = "securityGroupIds",
	  .type = FIELD_LIST,
	  .min = 1,
	  .max = SECURITY_GROUPS_PER_ASSOCIATION_MAX,
	  .members = &security_group_item },
	{ 0 },
};

const struct field vpc_association_list_fields[] = {
	{ .name = "serviceNetworkIdentifier",
	  .type = FIELD_STRING,
	  .min = 3,
	  .max = 2048,
	  .identifies = KIND_SERVICE_NETWORK },
	{ .name = "vpcIdentifier",
	  .type = FIELD_STRING,
	  .min = 5,
	  .max = 50,
	  .identifies = KIND_VPC },
	FORM_PAGING,
	{ 0 },
};

static cJSON *new_body(struct call *c, const struct record *r, const struct record *network,
		       const struct record *vpc)
{
	const cJSON *groups = cJSON_GetObjectItemCaseSensitive(c->body, "securityGroupIds");
	cJSON *body = call_new_object(c);

	call_put_str(c, body, "arn", call_arn(c, r));
	call_put_str(c, body, "status", STR("ACTIVE"));
	call_put_str(c, body, "createdBy", c->account);
	call_put_str(c, body, "serviceNetworkId", network->id);
	call_put_str(c, body, "serviceNetworkName", network->name);
	call_put_str(c, body, "serviceNetworkArn", json_get_str(call_body(c, network), "arn"));
	call_put_str(c, body, "vpcId", vpc->id);
	call_put(c, body, "securityGroupIds",
		 groups ? cJSON_Duplicate(groups, true) : cJSON_CreateArray());
	call_put_copy(c, body, "privateDnsEnabled",
		      cJSON_GetObjectItemCaseSensitive(c->body, "privateDnsEnabled"));
	call_put_copy(c, body, "dnsOptions",
		      cJSON_GetObjectItemCaseSensitive(c->body, "dnsOptions"));
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
	return body;
}

/* Both sides of a new association. */
static int find_sides(struct call *c, struct record **ret_network, struct record **ret_vpc)
{
	if (sharing_find(c, "serviceNetworkIdentifier", KIND_SERVICE_NETWORK,
			 json_get_str(c->body, "serviceNetworkIdentifier"),
			 "vpc-lattice:CreateServiceNetworkVpcAssociation", ret_network) < 0)
		return -1;
	return call_find(c, "vpcIdentifier", KIND_VPC, json_get_str(c->body, "vpcIdentifier"),
			 ret_vpc);
}

/* What stays while the association @r is there. */
static int link_sides(struct call *c, const struct record *r, struct str network_id,
		      const struct record *vpc, const cJSON *groups)
{
	if (call_link(c, r->id, network_id) < 0 || call_link(c, r->id, vpc->id) < 0)
		return -1;
	return security_groups_link(c, r, vpc, groups);
}

int vpc_association_create(struct call *c)
{
	static const char *const view[] = {
		"id",	      "arn", "createdBy", "securityGroupIds", "privateDnsEnabled",
		"dnsOptions", NULL
	};
	struct record *network, *vpc, *r;

	if (find_sides(c, &network, &vpc) < 0)
		return -1;
	r = call_new_record(c, KIND_VPC_ASSOCIATION, vpc->id);
	if (!r)
		return -1;
	if (call_insert(c, r, new_body(c, r, network, vpc), NULL) < 0) {
		/* AWS's own words, which its clients know. */
		if (c->fault.code == FAULT_CONFLICT)
			snprintf(c->fault.message, sizeof(c->fault.message),
				 "VPC has already been associated to a service network.");
		return -1;
	}
	if (link_sides(c, r, network->id, vpc,
		       cJSON_GetObjectItemCaseSensitive(c->body, "securityGroupIds")) < 0 ||
	    quota_check(c, QUOTA_VPCS_PER_NETWORK, network) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	call_put_str(c, c->answer, "status", STR("CREATE_IN_PROGRESS"));
	c->changed = true;
	return 0;
}

int vpc_association_get(struct call *c)
{
	static const char *const view[] = { "id",
					    "status",
					    "arn",
					    "createdBy",
					    "createdAt",
					    "serviceNetworkId",
					    "serviceNetworkName",
					    "serviceNetworkArn",
					    "vpcId",
					    "securityGroupIds",
					    "privateDnsEnabled",
					    "dnsOptions",
					    "lastUpdatedAt",
					    NULL };
	struct record *r;

	if (sharing_find_association(c, KIND_VPC_ASSOCIATION, &r) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	return 0;
}

int vpc_association_list(struct call *c)
{
	static const char *const members[] = { "id",
					       "arn",
					       "status",
					       "createdBy",
					       "createdAt",
					       "serviceNetworkId",
					       "serviceNetworkName",
					       "serviceNetworkArn",
					       "privateDnsEnabled",
					       "dnsOptions",
					       "vpcId",
					       "lastUpdatedAt",
					       NULL };
	static const struct call_list_view view = { members, NULL };
	struct str network = json_get_str(c->query, "serviceNetworkIdentifier");
	struct store_query q = { .kind = KIND_VPC_ASSOCIATION,
				 .name = json_get_str(c->query, "vpcIdentifier") };

	if (!network.n && !q.name.n)
		return fault_set_field(&c->fault, "serviceNetworkIdentifier",
				       "serviceNetworkIdentifier or vpcIdentifier is required");
	if (network.n && !id_parse(KIND_SERVICE_NETWORK, network, &q.links_to))
		return fault_set(&c->fault, FAULT_INTERNAL, "unchecked identifier");
	if (sharing_scope(c, q.links_to, STR(""), &q) < 0)
		return -1;
	return call_list_all(c, &q, &view);
}

int vpc_association_update(struct call *c)
{
	static const char *const view[] = {
		"id",	      "arn", "createdBy", "securityGroupIds", "privateDnsEnabled",
		"dnsOptions", NULL
	};
	const cJSON *groups = cJSON_GetObjectItemCaseSensitive(c->body, "securityGroupIds");
	struct record *r, *vpc;
	cJSON *body;

	if (call_find_param(c, 0, KIND_VPC_ASSOCIATION, &r) < 0)
		return -1;
	body = call_edit(c, r);
	call_merge(c, body, c->body);
	if (store_get(c->store, KIND_VPC, r->name, &c->arena, &vpc, &c->fault) < 0)
		return -1;
	if (groups && (call_unlink(c, r->id) < 0 ||
		       link_sides(c, r, json_get_str(body, "serviceNetworkId"), vpc, groups) < 0))
		return -1;
	if (call_update(c, r, body) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, view, c->answer);
	call_put_str(c, c->answer, "status", STR("UPDATE_IN_PROGRESS"));
	return 0;
}

int vpc_association_delete(struct call *c)
{
	return sharing_delete_association(c, KIND_VPC_ASSOCIATION);
}
