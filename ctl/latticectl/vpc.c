/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl vpc: network namespaces that take part. */
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <string.h>

enum exit_status run_vpc_add(struct session *s, const struct args *a)
{
	const char *netns = args_option(a, "--netns"), *path = args_option(a, "--path");
	struct cJSON *members;
	char full[PATH_MAX];

	if (!netns == !path)
		return args_refuse(a, "one of --netns and --path is needed");
	if (netns && (netns[0] == '\0' || strchr(netns, '/')))
		return args_refuse(a, "--netns takes a name of ip-netns(8); give a path as --path");
	if (snprintf(full, sizeof(full), "%s%s", netns ? "/run/netns/" : "",
		     netns ? netns : path) >= (int)sizeof(full))
		return args_refuse(a, "the path is too long");
	members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, "name", a->words[0]);
	cJSON_AddStringToObject(members, "netns", full);
	return session_show(s, "RegisterVpc", members);
}

enum exit_status run_vpc_list(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, kind_vpc.list, NULL, kind_vpc.columns);
}

enum exit_status run_vpc_show(struct session *s, const struct args *a)
{
	return kind_show(s, &kind_vpc, a->words[0]);
}

enum exit_status run_vpc_remove(struct session *s, const struct args *a)
{
	return kind_remove(s, &kind_vpc, a->words[0]);
}
