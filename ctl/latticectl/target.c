/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl target: what is in a target group. */
#include "base/json.h"
#include "base/num.h"
#include "io/sock.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Longest id of a target (200), and its end. */
enum { ID_BYTES = 201 };

/*
 * ADDRESS, ADDRESS:PORT, [ADDRESS6]:PORT or ADDRESS6 as a target of the API; NULL: none of these.
 * What is no address is taken for an instance or a balancer.
 */
static struct cJSON *parse_target(const char *text)
{
	struct str all = str_of(text), address = all, port_text = { 0 };
	struct str_cut cut = str_cut(all, ':');
	struct cJSON *target;
	char id[ID_BYTES];
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

static bool is_lambda(const struct cJSON *group)
{
	return str_eq(json_get_str(group, "type"), STR("LAMBDA"));
}

/* The ARN of the function @name as the id of @target. */
static enum exit_status resolve_function(struct session *s, const char *name, struct cJSON *target)
{
	struct cJSON *members = cJSON_CreateObject(), *function = NULL;
	enum exit_status status = resolve_into(s, &kind_function, name, NULL, NULL, members);

	if (status != STATUS_DONE) {
		cJSON_Delete(members);
		return status;
	}
	status = session_call(s, kind_function.get, members, &function);
	if (status == STATUS_DONE)
		cJSON_AddStringToObject(target, "id", json_get_str(function, "functionArn").p);
	cJSON_Delete(function);
	return status;
}

/* An instance's name as its id, in the VPC of the group. */
static enum exit_status resolve_target(struct session *s, const struct cJSON *group,
				       struct cJSON *target)
{
	const struct cJSON *config = cJSON_GetObjectItemCaseSensitive(group, "config");
	struct cJSON *id = cJSON_DetachItemFromObjectCaseSensitive(target, "id");
	struct cJSON *scope = cJSON_CreateObject();
	enum exit_status status = STATUS_DONE;
	struct sock_addr addr;

	if (is_lambda(group) && strncmp(id->valuestring, "arn:", 4) != 0) {
		status = resolve_function(s, id->valuestring, target);
		cJSON_Delete(id);
		cJSON_Delete(scope);
		return status;
	}
	cJSON_AddStringToObject(scope, "vpcIdentifier", json_get_str(config, "vpcIdentifier").p);
	if (sock_addr_parse(str_of(id->valuestring), &addr) == 0 ||
	    strncmp(id->valuestring, "arn:", 4) == 0) {
		cJSON_AddItemToObject(target, "id", id);
		id = NULL;
	} else {
		status = resolve_into(s, &kind_instance, id->valuestring, scope, "id", target);
	}
	cJSON_Delete(id);
	cJSON_Delete(scope);
	return status;
}

/* Those of @targets that are names as what they are in the group of @members. */
static enum exit_status resolve_targets(struct session *s, const struct cJSON *members,
					struct cJSON *targets)
{
	struct cJSON *group = NULL, *named = cJSON_CreateObject(), *target;
	enum exit_status status;

	cJSON_AddStringToObject(named, kind_target_group.label,
				cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
					members, kind_target_group.label)));
	status = session_call(s, kind_target_group.get, named, &group);
	cJSON_ArrayForEach (target, targets) {
		if (status == STATUS_DONE)
			status = resolve_target(s, group, target);
	}
	cJSON_Delete(group);
	return status;
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
			return args_refuse(a, "'%s' is neither ADDRESS[:PORT] nor INSTANCE[:PORT]",
					   a->words[i]);
		}
		cJSON_AddItemToArray(targets, target);
	}
	status = resolve_into(s, &kind_target_group, a->words[0], NULL, NULL, members);
	if (status == STATUS_DONE)
		status = resolve_targets(s, members, targets);
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
