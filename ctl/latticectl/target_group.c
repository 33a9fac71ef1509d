/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl target-group: what a service forwards to. */
#include "base/array.h"
#include "base/num.h"
#include "base/str.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>

/* Functions have no VPC, protocol or port. */
static enum exit_status create_lambda_group(struct session *s, const struct args *a)
{
	const char *event = args_option(a, "--event");
	struct cJSON *members;

	if (args_option(a, "--vpc") || args_option(a, "--protocol") || args_option(a, "--port"))
		return args_refuse(a, "a group of functions takes --event only");
	members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, "name", a->words[0]);
	cJSON_AddStringToObject(members, "type", "LAMBDA");
	if (event)
		cJSON_AddStringToObject(cJSON_AddObjectToObject(members, "config"),
					"lambdaEventStructureVersion", event);
	return session_show(s, "CreateTargetGroup", members);
}

enum exit_status run_target_group_create(struct session *s, const struct args *a)
{
	const char *protocol = args_option(a, "--protocol"), *port_text = args_option(a, "--port");
	const char *type = args_option(a, "--type"), *vpc = args_option(a, "--vpc");
	const char *version = args_option(a, "--protocol-version");
	bool is_lambda = type && strcmp(type, "LAMBDA") == 0;
	struct cJSON *members, *config;
	uint16_t port;
	enum exit_status status;

	if (is_lambda)
		return create_lambda_group(s, a);
	if (!vpc)
		return args_refuse(a, "--vpc is needed");
	if (args_option(a, "--event"))
		return args_refuse(a, "--event is for groups of the type LAMBDA");
	if (port_text && (num_parse_u16(str_of(port_text), &port) < 0 || port == 0))
		return args_refuse(a, "--port is a number from 1 to 65535, not '%s'", port_text);
	members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, "name", a->words[0]);
	cJSON_AddStringToObject(members, "type", type ? type : "IP");
	config = cJSON_AddObjectToObject(members, "config");
	cJSON_AddStringToObject(config, "protocol", protocol ? protocol : "HTTP");
	if (version)
		cJSON_AddStringToObject(config, "protocolVersion", version);
	if (port_text)
		cJSON_AddNumberToObject(config, "port", port);
	status = resolve_into(s, &kind_vpc, vpc, NULL, NULL, config);
	return session_show_if(s, status, "CreateTargetGroup", members);
}

/* The health check's settings as options, and their members. */
static const struct {
	const char *option, *member;
	bool is_number;
} health_options[] = {
	{ "--health-path", "path", false },
	{ "--health-protocol", "protocol", false },
	{ "--health-version", "protocolVersion", false },
	{ "--health-port", "port", true },
	{ "--health-interval", "healthCheckIntervalSeconds", true },
	{ "--health-timeout", "healthCheckTimeoutSeconds", true },
	{ "--healthy-threshold", "healthyThresholdCount", true },
	{ "--unhealthy-threshold", "unhealthyThresholdCount", true },
};

static enum exit_status add_health_check(const struct args *a, struct cJSON *members)
{
	struct cJSON *check = cJSON_AddObjectToObject(members, "healthCheck");
	const char *enabled = args_option(a, "--health-check");
	const char *codes = args_option(a, "--health-codes");

	if (enabled && strcmp(enabled, "on") != 0 && strcmp(enabled, "off") != 0)
		return args_refuse(a, "--health-check is on or off, not '%s'", enabled);
	if (enabled)
		cJSON_AddBoolToObject(check, "enabled", strcmp(enabled, "on") == 0);
	if (codes)
		cJSON_AddStringToObject(cJSON_AddObjectToObject(check, "matcher"), "httpCode",
					codes);
	for (size_t i = 0; i < ARRAY_SIZE(health_options); i++) {
		const char *value = args_option(a, health_options[i].option);
		uint32_t number;

		if (!value)
			continue;
		if (!health_options[i].is_number)
			cJSON_AddStringToObject(check, health_options[i].member, value);
		else if (num_parse_u32(str_of(value), &number) == 0)
			cJSON_AddNumberToObject(check, health_options[i].member, number);
		else
			return args_refuse(a, "%s is a number, not '%s'", health_options[i].option,
					   value);
	}
	return check->child ? STATUS_DONE : args_refuse(a, "there is nothing to change");
}

enum exit_status run_target_group_update(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_health_check(a, members);

	if (status == STATUS_DONE)
		status = resolve_into(s, &kind_target_group, a->words[0], NULL, NULL, members);
	return session_show_if(s, status, "UpdateTargetGroup", members);
}

enum exit_status run_target_group_list(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, kind_target_group.list, NULL, kind_target_group.columns);
}

enum exit_status run_target_group_show(struct session *s, const struct args *a)
{
	return kind_show(s, &kind_target_group, a->words[0]);
}

enum exit_status run_target_group_delete(struct session *s, const struct args *a)
{
	return kind_remove(s, &kind_target_group, a->words[0]);
}
