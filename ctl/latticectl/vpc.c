/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl vpc: network namespaces that take part. */
#include "base/json.h"
#include "base/num.h"
#include "latticectl/resolv_conf.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* How the namespace is found, as a member of the API. */
static enum exit_status add_place(const struct args *a, struct cJSON *members)
{
	const char *netns = args_option(a, "--netns"), *path = args_option(a, "--path");
	const char *pid = args_option(a, "--pid"), *container = args_option(a, "--container");
	uint32_t number;
	char full[PATH_MAX];

	if (!netns + !path + !pid + !container != 3)
		return args_refuse(a, "one of --netns, --path, --pid and --container is needed");
	if (pid && (num_parse_u32(str_of(pid), &number) < 0 || number == 0))
		return args_refuse(a, "--pid is a number, not '%s'", pid);
	if (netns && (netns[0] == '\0' || strchr(netns, '/')))
		return args_refuse(a, "--netns takes a name of ip-netns(8); give a path as --path");
	if ((netns || path) && snprintf(full, sizeof(full), "%s%s", netns ? "/run/netns/" : "",
					netns ? netns : path) >= (int)sizeof(full))
		return args_refuse(a, "the path is too long");
	if (pid)
		cJSON_AddNumberToObject(members, "pid", number);
	else if (container)
		cJSON_AddStringToObject(members, "containerId", container);
	else
		cJSON_AddStringToObject(members, "netns", full);
	return STATUS_DONE;
}

enum exit_status run_vpc_add(struct session *s, const struct args *a)
{
	bool with_resolv_conf = args_option(a, "--resolv-conf");
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_place(a, members);
	const struct cJSON *netns = cJSON_GetObjectItemCaseSensitive(members, "netns");
	char *path = netns ? strdup(netns->valuestring) : NULL;

	cJSON_AddStringToObject(members, "name", a->words[0]);
	if (status == STATUS_DONE && with_resolv_conf)
		status = path ? resolv_conf_write(path)
			      : args_refuse(a, "--resolv-conf goes with --netns or --path");
	if (status != STATUS_DONE) {
		cJSON_Delete(members);
	} else {
		status = session_show(s, "RegisterVpc", members);
		if (status != STATUS_DONE && with_resolv_conf)
			resolv_conf_remove(path);
	}
	free(path);
	return status;
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

/* The resolv.conf that was written for it goes with a VPC. */
enum exit_status run_vpc_remove(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject(), *vpc = NULL;
	enum exit_status status = resolve_into(s, &kind_vpc, a->words[0], NULL, NULL, members);
	char netns[PATH_MAX];

	if (status != STATUS_DONE) {
		cJSON_Delete(members);
		return status;
	}
	status = session_call(s, kind_vpc.get, members, &vpc);
	if (status == STATUS_DONE)
		status = kind_remove(s, &kind_vpc, a->words[0]);
	if (status == STATUS_DONE) {
		snprintf(netns, sizeof(netns), STR_FMT, STR_ARG(json_get_str(vpc, "netns")));
		resolv_conf_remove(netns);
	}
	cJSON_Delete(vpc);
	return status;
}
