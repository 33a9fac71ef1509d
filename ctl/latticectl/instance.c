/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl instance: names for addresses in VPCs. */
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>

enum exit_status run_instance_add(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status =
		resolve_into(s, &kind_vpc, args_option(a, "--vpc"), NULL, NULL, members);

	cJSON_AddStringToObject(members, "name", a->words[0]);
	cJSON_AddStringToObject(members, "address", args_option(a, "--address"));
	return session_show_if(s, status, "CreateInstance", members);
}

enum exit_status run_instance_list(struct session *s, const struct args *a)
{
	return kind_list_in_vpc(s, &kind_instance, args_option(a, "--vpc"));
}

enum exit_status run_instance_show(struct session *s, const struct args *a)
{
	return kind_show(s, &kind_instance, a->words[0]);
}

enum exit_status run_instance_update(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = resolve_into(s, &kind_instance, a->words[0], NULL, NULL, members);

	cJSON_AddStringToObject(members, "address", args_option(a, "--address"));
	return session_show_if(s, status, "UpdateInstance", members);
}

enum exit_status run_instance_remove(struct session *s, const struct args *a)
{
	return kind_remove(s, &kind_instance, a->words[0]);
}
