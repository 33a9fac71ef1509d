/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl association: VPCs and services in a service network. */
#include "base/str.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>

static enum exit_status add_network(struct session *s, const struct args *a, struct cJSON *members)
{
	return resolve_into(s, &kind_network, args_option(a, "--network"), NULL, NULL, members);
}

enum exit_status run_association_create(struct session *s, const struct args *a)
{
	const char *vpc = args_option(a, "--vpc"), *service = args_option(a, "--service");
	struct cJSON *members;
	enum exit_status status;

	if (!vpc == !service)
		return args_refuse(a, "one of --vpc and --service is needed");
	members = cJSON_CreateObject();
	status = add_network(s, a, members);
	if (status == STATUS_DONE)
		status = resolve_into(s, vpc ? &kind_vpc : &kind_service, vpc ? vpc : service, NULL,
				      NULL, members);
	if (status == STATUS_DONE)
		return session_show(s,
				    vpc ? "CreateServiceNetworkVpcAssociation"
					: "CreateServiceNetworkServiceAssociation",
				    members);
	cJSON_Delete(members);
	return status;
}

/* Both kinds as one list: those of VPCs, then those of services. */
enum exit_status run_association_list(struct session *s, const struct args *a)
{
	struct cJSON *scope = cJSON_CreateObject(), *all = NULL, *more = NULL;
	enum exit_status status = add_network(s, a, scope);

	if (status == STATUS_DONE)
		status = session_list(s, "ListServiceNetworkVpcAssociations",
				      cJSON_Duplicate(scope, true), &all);
	if (status == STATUS_DONE)
		status = session_list(s, "ListServiceNetworkServiceAssociations",
				      cJSON_Duplicate(scope, true), &more);
	if (status == STATUS_DONE) {
		struct cJSON *to = cJSON_GetObjectItemCaseSensitive(all, "items");
		struct cJSON *from = cJSON_GetObjectItemCaseSensitive(more, "items");

		while (from->child)
			cJSON_AddItemToArray(to, cJSON_DetachItemViaPointer(from, from->child));
		status = output_items(s->json, all, "id status vpcId serviceName");
	}
	cJSON_Delete(more);
	cJSON_Delete(all);
	cJSON_Delete(scope);
	return status;
}

enum exit_status run_association_delete(struct session *s, const struct args *a)
{
	struct str id = str_of(a->words[0]);
	bool vpc = str_starts(id, STR("snva-")) || strstr(a->words[0], "vpcassociation/snva-");
	bool service =
		str_starts(id, STR("snsa-")) || strstr(a->words[0], "serviceassociation/snsa-");
	struct cJSON *members;

	if (!vpc && !service)
		return args_refuse(a, "'%s' is not the id of an association (snva-, snsa-)", id.p);
	members = cJSON_CreateObject();
	cJSON_AddStringToObject(members,
				vpc ? "serviceNetworkVpcAssociationIdentifier"
				    : "serviceNetworkServiceAssociationIdentifier",
				id.p);
	return session_show(s,
			    vpc ? "DeleteServiceNetworkVpcAssociation"
				: "DeleteServiceNetworkServiceAssociation",
			    members);
}
