/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl target-group and target: what a service forwards to. */
#include "base/array.h"
#include "base/num.h"
#include "base/str.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>

enum { DEFAULT_PORT = 80 };

enum exit_status run_target_group_create(struct session *s, const struct args *a)
{
	const char *protocol = args_option(a, "--protocol"), *port_text = args_option(a, "--port");
	struct cJSON *members, *config;
	uint16_t port = DEFAULT_PORT;
	enum exit_status status;

	if (port_text && (num_parse_u16(str_of(port_text), &port) < 0 || port == 0))
		return args_refuse(a, "--port is a number from 1 to 65535, not '%s'", port_text);
	members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, "name", a->words[0]);
	cJSON_AddStringToObject(members, "type", "IP");
	config = cJSON_AddObjectToObject(members, "config");
	cJSON_AddStringToObject(config, "protocol", protocol ? protocol : "HTTP");
	cJSON_AddNumberToObject(config, "port", port);
	status = resolve_into(s, &kind_vpc, args_option(a, "--vpc"), NULL, NULL, config);
	return session_show_if(s, status, "CreateTargetGroup", members);
}

/* The health check's settings as options, and their members. */
static const struct {
	const char *option, *member;
	bool is_number;
} health_options[] = {
	{ "--health-path", "path", false },
	{ "--health-protocol", "protocol", false },
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

/* ADDRESS, ADDRESS:PORT, [ADDRESS6]:PORT or ADDRESS6 as a target of the API; NULL: none of these.
 */
static struct cJSON *parse_target(const char *text)
{
	struct str all = str_of(text), address = all, port_text = { 0 };
	struct str_cut cut = str_cut(all, ':');
	struct cJSON *target;
	char id[64];
	uint16_t port = 0;

	if (str_starts(all, STR("["))) {
		cut = str_cut(str_skip(all, 1), ']');
		if (!cut.found || (cut.tail.n && cut.tail.p[0] != ':'))
			return NULL;
		address = cut.head;
		port_text = str_skip(cut.tail, 1);
		cut.found = cut.tail.n > 0;
	} else if (cut.found && !str_cut(cut.tail, ':').found) {
		address = cut.head;
		port_text = cut.tail;
	} else {
		cut.found = false;
	}
	if (cut.found && (num_parse_u16(port_text, &port) < 0 || port == 0))
		return NULL;
	if (address.n == 0 || address.n >= sizeof(id))
		return NULL;
	snprintf(id, sizeof(id), STR_FMT, STR_ARG(address));
	target = cJSON_CreateObject();
	cJSON_AddStringToObject(target, "id", id);
	if (port)
		cJSON_AddNumberToObject(target, "port", port);
	return target;
}

/* The API answers 200 and lists those it refused. */
static enum exit_status check_unsuccessful(const struct cJSON *answer)
{
	const struct cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, "unsuccessful"), *item;

	cJSON_ArrayForEach (item, list) {
		const struct cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");
		const struct cJSON *why = cJSON_GetObjectItemCaseSensitive(item, "failureMessage");

		fprintf(stderr, "latticectl: target %s: %s\n",
			cJSON_IsString(id) ? id->valuestring : "?",
			cJSON_IsString(why) ? why->valuestring : "refused");
	}
	return cJSON_GetArraySize(list) > 0 ? STATUS_REFUSED : STATUS_DONE;
}

static enum exit_status change_targets(struct session *s, const struct args *a,
				       const char *operation)
{
	struct cJSON *members = cJSON_CreateObject(), *answer = NULL;
	struct cJSON *targets = cJSON_AddArrayToObject(members, "targets");
	enum exit_status status;

	for (size_t i = 1; i < a->word_count; i++) {
		struct cJSON *target = parse_target(a->words[i]);

		if (!target) {
			cJSON_Delete(members);
			return args_refuse(a, "'%s' is not ADDRESS[:PORT]", a->words[i]);
		}
		cJSON_AddItemToArray(targets, target);
	}
	status = resolve_into(s, &kind_target_group, a->words[0], NULL, NULL, members);
	if (status != STATUS_DONE) {
		cJSON_Delete(members);
		return status;
	}
	status = session_call(s, operation, members, &answer);
	if (status == STATUS_DONE && s->json)
		output_object(true, answer);
	if (status == STATUS_DONE)
		status = check_unsuccessful(answer);
	cJSON_Delete(answer);
	return status;
}

enum exit_status run_target_register(struct session *s, const struct args *a)
{
	return change_targets(s, a, "RegisterTargets");
}

enum exit_status run_target_deregister(struct session *s, const struct args *a)
{
	return change_targets(s, a, "DeregisterTargets");
}

enum exit_status run_target_list(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status =
		resolve_into(s, &kind_target_group, a->words[0], NULL, NULL, members);

	if (status == STATUS_DONE)
		return session_table(s, "ListTargets", members, "id port status reasonCode");
	cJSON_Delete(members);
	return status;
}
