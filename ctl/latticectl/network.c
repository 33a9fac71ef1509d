/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl network: service networks. */
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>

enum exit_status run_network_create(struct session *s, const struct args *a)
{
	const char *auth_type = args_option(a, "--auth-type");
	struct cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, "name", a->words[0]);
	if (auth_type)
		cJSON_AddStringToObject(members, "authType", auth_type);
	return session_show(s, "CreateServiceNetwork", members);
}

enum exit_status run_network_update(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = resolve_into(s, &kind_network, a->words[0], NULL, NULL, members);

	cJSON_AddStringToObject(members, "authType", args_option(a, "--auth-type"));
	return session_show_if(s, status, "UpdateServiceNetwork", members);
}

enum exit_status run_network_list(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, kind_network.list, NULL, kind_network.columns);
}

enum exit_status run_network_delete(struct session *s, const struct args *a)
{
	return kind_remove(s, &kind_network, a->words[0]);
}

enum exit_status run_network_show(struct session *s, const struct args *a)
{
	return kind_show(s, &kind_network, a->words[0]);
}
