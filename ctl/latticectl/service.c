/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl service: what clients call. */
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>

enum exit_status run_service_create(struct session *s, const struct args *a)
{
	const char *auth_type = args_option(a, "--auth-type");
	struct cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, "name", a->words[0]);
	if (auth_type)
		cJSON_AddStringToObject(members, "authType", auth_type);
	return session_show(s, "CreateService", members);
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
