/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl service: what clients call. */
#include "base/num.h"
#include "latticectl/certificate.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>

/* What a service may be given when it is made, and later. */
static enum exit_status add_settings(struct session *s, const struct args *a, struct cJSON *members)
{
	const char *auth_type = args_option(a, "--auth-type");
	const char *idle = args_option(a, "--idle-timeout");
	const char *certificate = args_option(a, "--certificate");
	enum exit_status status = STATUS_DONE;
	uint32_t seconds;

	if (auth_type)
		cJSON_AddStringToObject(members, "authType", auth_type);
	if (certificate)
		status = certificate_resolve(s, certificate, "certificateArn", members);
	if (!idle || status != STATUS_DONE)
		return status;
	if (num_parse_u32(str_of(idle), &seconds) < 0)
		return args_refuse(a, "--idle-timeout is a number of seconds, not '%s'", idle);
	cJSON_AddNumberToObject(members, "idleTimeoutSeconds", seconds);
	return STATUS_DONE;
}

enum exit_status run_service_create(struct session *s, const struct args *a)
{
	const char *domain = args_option(a, "--custom-domain");
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_settings(s, a, members);

	cJSON_AddStringToObject(members, "name", a->words[0]);
	if (domain)
		cJSON_AddStringToObject(members, "customDomainName", domain);
	return session_show_if(s, status, "CreateService", members);
}

enum exit_status run_service_update(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_settings(s, a, members);

	if (status == STATUS_DONE)
		status = resolve_into(s, &kind_service, a->words[0], NULL, NULL, members);
	return session_show_if(s, status, "UpdateService", members);
}

enum exit_status run_service_list(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, kind_service.list, NULL, kind_service.columns);
}

enum exit_status run_service_delete(struct session *s, const struct args *a)
{
	return kind_remove(s, &kind_service, a->words[0]);
}

/* GetService's answer with the addresses that clients reach it at. */
enum exit_status run_service_show(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject(), *service = NULL, *more = NULL;
	enum exit_status status = resolve_into(s, &kind_service, a->words[0], NULL, NULL, members);

	if (status == STATUS_DONE)
		status = session_call(s, "GetService", cJSON_Duplicate(members, true), &service);
	if (status == STATUS_DONE)
		status = session_call(s, "GetServiceAddresses", cJSON_Duplicate(members, true),
				      &more);
	if (status == STATUS_DONE) {
		struct cJSON *addresses =
			cJSON_DetachItemFromObjectCaseSensitive(more, "addresses");

		cJSON_AddItemToObject(service, "addresses",
				      addresses ? addresses : cJSON_CreateArray());
		status = output_object(s->json, service);
	}
	cJSON_Delete(more);
	cJSON_Delete(service);
	cJSON_Delete(members);
	return status;
}
