/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl association: VPCs and services in a service network. */
#include "base/str.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"
#include "latticectl/security_group.h"

#include <cjson/cJSON.h>

static enum exit_status add_network(struct session *s, const struct args *a, struct cJSON *members)
{
	return resolve_into(s, &kind_network, args_option(a, "--network"), NULL, NULL, members);
}

/* The security groups that are given, which are those of the VPC. */
static enum exit_status add_groups(struct session *s, const struct args *a, const char *vpc,
				   struct cJSON *members)
{
	struct cJSON *scope = cJSON_CreateObject();
	enum exit_status status = STATUS_DONE;

	if (vpc)
		status = resolve_into(s, &kind_vpc, vpc, NULL, NULL, scope);
	if (status == STATUS_DONE)
		status = security_groups_into(s, a, scope, members);
	cJSON_Delete(scope);
	return status;
}

enum exit_status run_association_create(struct session *s, const struct args *a)
{
	const char *vpc = args_option(a, "--vpc"), *service = args_option(a, "--service");
	struct cJSON *members;
	enum exit_status status;

	if (!vpc == !service)
		return args_refuse(a, "one of --vpc and --service is needed");
	if (service && args_option(a, "--security-group"))
		return args_refuse(a, "--security-group goes with --vpc");
	members = cJSON_CreateObject();
	status = add_network(s, a, members);
	if (status == STATUS_DONE)
		status = resolve_into(s, vpc ? &kind_vpc : &kind_service, vpc ? vpc : service, NULL,
				      NULL, members);
	if (status == STATUS_DONE)
		status = add_groups(s, a, vpc, members);
	return session_show_if(s, status,
			       vpc ? "CreateServiceNetworkVpcAssociation"
				   : "CreateServiceNetworkServiceAssociation",
			       members);
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

/* The association that --network and --vpc or --service name. */
static enum exit_status find_association(struct session *s, const struct args *a, bool vpc,
					 struct cJSON *members)
{
	struct cJSON *scope = cJSON_CreateObject(), *list = NULL;
	enum exit_status status = add_network(s, a, scope);
	const struct cJSON *first;

	if (status == STATUS_DONE)
		status = resolve_into(s, vpc ? &kind_vpc : &kind_service,
				      args_option(a, vpc ? "--vpc" : "--service"), NULL, NULL,
				      scope);
	if (status == STATUS_DONE)
		status = session_list(s,
				      vpc ? "ListServiceNetworkVpcAssociations"
					  : "ListServiceNetworkServiceAssociations",
				      cJSON_Duplicate(scope, true), &list);
	first = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(list, "items"), 0);
	if (status == STATUS_DONE && !first) {
		fputs("latticectl: they are not associated\n", stderr);
		status = STATUS_REFUSED;
	}
	if (status == STATUS_DONE)
		cJSON_AddStringToObject(
			members,
			vpc ? "serviceNetworkVpcAssociationIdentifier"
			    : "serviceNetworkServiceAssociationIdentifier",
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(first, "id")));
	cJSON_Delete(list);
	cJSON_Delete(scope);
	return status;
}

/* @verb of the association that is named by its id or ARN, or by what it joins. */
static enum exit_status with_association(struct session *s, const struct args *a, const char *verb)
{
	const char *id = a->word_count ? a->words[0] : NULL;
	bool vpc = id ? strstr(id, "snva-") != NULL : args_option(a, "--vpc") != NULL;
	bool service = id ? strstr(id, "snsa-") != NULL : args_option(a, "--service") != NULL;
	enum exit_status status = STATUS_DONE;
	struct cJSON *members;
	char operation[64];

	if (id && a->option_count)
		return args_refuse(a,
				   "either an id or --network with --vpc or --service is needed");
	if (id && vpc == service)
		return args_refuse(a, "'%s' is not the id of an association (snva-, snsa-)", id);
	if (!id && (vpc == service || !args_option(a, "--network")))
		return args_refuse(a, "an id or --network with --vpc or --service is needed");
	members = cJSON_CreateObject();
	if (id)
		cJSON_AddStringToObject(members,
					vpc ? "serviceNetworkVpcAssociationIdentifier"
					    : "serviceNetworkServiceAssociationIdentifier",
					id);
	else
		status = find_association(s, a, vpc, members);
	snprintf(operation, sizeof(operation), "%sServiceNetwork%sAssociation", verb,
		 vpc ? "Vpc" : "Service");
	return session_show_if(s, status, operation, members);
}

enum exit_status run_association_show(struct session *s, const struct args *a)
{
	return with_association(s, a, "Get");
}

enum exit_status run_association_delete(struct session *s, const struct args *a)
{
	return with_association(s, a, "Delete");
}

enum exit_status run_association_update(struct session *s, const struct args *a)
{
	const char *id = a->word_count ? a->words[0] : NULL, *vpc = args_option(a, "--vpc");
	struct cJSON *members;
	enum exit_status status = STATUS_DONE;

	if (id ? vpc || args_option(a, "--network") : !vpc || !args_option(a, "--network"))
		return args_refuse(a, "either an id or --network with --vpc is needed");
	members = cJSON_CreateObject();
	if (id)
		cJSON_AddStringToObject(members, "serviceNetworkVpcAssociationIdentifier", id);
	else
		status = find_association(s, a, true, members);
	if (status == STATUS_DONE)
		status = add_groups(s, a, vpc, members);
	return session_show_if(s, status, "UpdateServiceNetworkVpcAssociation", members);
}
