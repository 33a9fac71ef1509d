/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl security-group: who of a VPC's clients may connect. */
#include "latticectl/security_group.h"

#include "base/num.h"
#include "base/str.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Longest prefix in words, and its end. */
enum { CIDR_BYTES = 64 };

/* PREFIX[:PORT[-PORT]] as a rule; NULL: it is not like that. */
static struct cJSON *parse_rule(const char *text)
{
	const char *slash = strchr(text, '/'), *colon = slash ? strchr(slash, ':') : NULL;
	size_t n = colon ? (size_t)(colon - text) : strlen(text);
	struct str_cut ports = str_cut(str_of(colon ? colon + 1 : ""), '-');
	uint16_t from = 0, to = 0;
	struct cJSON *rule;
	char cidr[CIDR_BYTES];

	if (!slash || n >= sizeof(cidr))
		return NULL;
	if (colon && num_parse_u16(ports.head, &from) < 0)
		return NULL;
	if (ports.found && num_parse_u16(ports.tail, &to) < 0)
		return NULL;
	memcpy(cidr, text, n);
	cidr[n] = '\0';
	rule = cJSON_CreateObject();
	cJSON_AddStringToObject(rule, "cidr", cidr);
	if (colon) {
		cJSON_AddNumberToObject(rule, "fromPort", from);
		cJSON_AddNumberToObject(rule, "toPort", ports.found ? to : from);
	}
	return rule;
}

/* The rules that --allow gives, in their order; "none" alone is an empty list. */
static enum exit_status add_rules(const struct args *a, struct cJSON *members)
{
	const char *text;
	struct cJSON *list = cJSON_CreateArray(), *rule;
	size_t at = 0;

	cJSON_AddItemToObject(members, "ingress", list);
	while ((text = args_next(a, "--allow", &at))) {
		if (strcmp(text, "none") == 0)
			continue;
		rule = parse_rule(text);
		if (!rule)
			return args_refuse(a,
					   "--allow is PREFIX[:PORT[-PORT]] like 10.0.0.0/8:80, "
					   "or none, not '%s'",
					   text);
		cJSON_AddItemToArray(list, rule);
	}
	return STATUS_DONE;
}

static void add_description(const struct args *a, struct cJSON *members)
{
	const char *text = args_option(a, "--description");

	if (text)
		cJSON_AddStringToObject(members, "description", text);
}

enum exit_status run_security_group_create(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_rules(a, members);

	cJSON_AddStringToObject(members, "name", a->words[0]);
	add_description(a, members);
	if (status == STATUS_DONE)
		status = resolve_into(s, &kind_vpc, args_option(a, "--vpc"), NULL, NULL, members);
	return session_show_if(s, status, "CreateSecurityGroup", members);
}

enum exit_status run_security_group_list(struct session *s, const struct args *a)
{
	return kind_list_in_vpc(s, &kind_security_group, args_option(a, "--vpc"));
}

enum exit_status run_security_group_show(struct session *s, const struct args *a)
{
	return kind_show(s, &kind_security_group, a->words[0]);
}

enum exit_status run_security_group_update(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = STATUS_DONE;

	if (args_option(a, "--allow"))
		status = add_rules(a, members);
	add_description(a, members);
	if (status == STATUS_DONE)
		status = resolve_into(s, &kind_security_group, a->words[0], NULL, NULL, members);
	return session_show_if(s, status, "UpdateSecurityGroup", members);
}

enum exit_status run_security_group_delete(struct session *s, const struct args *a)
{
	return kind_remove(s, &kind_security_group, a->words[0]);
}

enum exit_status security_groups_into(struct session *s, const struct args *a,
				      const struct cJSON *vpc, struct cJSON *members)
{
	enum exit_status status = STATUS_DONE;
	const char *group;
	struct cJSON *list;
	size_t at = 0;

	if (!args_option(a, "--security-group"))
		return STATUS_DONE;
	list = cJSON_AddArrayToObject(members, "securityGroupIds");
	while (status == STATUS_DONE && (group = args_next(a, "--security-group", &at))) {
		struct cJSON *one = cJSON_CreateObject();

		status = resolve_into(s, &kind_security_group, group, vpc, "id", one);
		if (status == STATUS_DONE)
			cJSON_AddItemToArray(list,
					     cJSON_DetachItemFromObjectCaseSensitive(one, "id"));
		cJSON_Delete(one);
	}
	return status;
}
