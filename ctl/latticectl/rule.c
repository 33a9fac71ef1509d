/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl rule: which requests of a listener are treated otherwise than by default. */
#include "base/num.h"
#include "base/str.h"
#include "latticectl/action.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Longest name of a header, and its end. */
enum { HEADER_BYTES = 101 };

static void add_case(const struct args *a, struct cJSON *to)
{
	if (args_option(a, "--case-sensitive"))
		cJSON_AddTrueToObject(to, "caseSensitive");
}

/* NAME=VALUE, NAME^=PREFIX or NAME*=PART. */
static enum exit_status add_header(const struct args *a, const char *text, struct cJSON *list)
{
	const char *equals = strchr(text, '=');
	const char *how = "exact";
	struct cJSON *header;
	char name[HEADER_BYTES];
	size_t n = equals ? (size_t)(equals - text) : 0;

	if (n && text[n - 1] == '^')
		how = "prefix";
	else if (n && text[n - 1] == '*')
		how = "contains";
	if (n && strcmp(how, "exact") != 0)
		n--;
	if (!n || n >= sizeof(name))
		return args_refuse(
			a, "--header is NAME=VALUE, NAME^=PREFIX or NAME*=PART, not '%s'", text);
	memcpy(name, text, n);
	name[n] = '\0';
	header = cJSON_CreateObject();
	cJSON_AddItemToArray(list, header);
	cJSON_AddStringToObject(header, "name", name);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(header, "match"), how, equals + 1);
	add_case(a, header);
	return STATUS_DONE;
}

/* The match that the options say; none when they say nothing. */
static enum exit_status add_match(const struct args *a, struct cJSON *members)
{
	const char *method = args_option(a, "--method"), *exact = args_option(a, "--path");
	const char *prefix = args_option(a, "--path-prefix"), *text;
	struct cJSON *http, *list = NULL;
	enum exit_status status = STATUS_DONE;
	size_t at = 0;

	if (exact && prefix)
		return args_refuse(a, "--path and --path-prefix exclude each other");
	if (!method && !exact && !prefix && !args_option(a, "--header"))
		return STATUS_DONE;
	http = cJSON_AddObjectToObject(cJSON_AddObjectToObject(members, "match"), "httpMatch");
	if (method)
		cJSON_AddStringToObject(http, "method", method);
	if (exact || prefix) {
		struct cJSON *path = cJSON_AddObjectToObject(http, "pathMatch");

		cJSON_AddStringToObject(cJSON_AddObjectToObject(path, "match"),
					exact ? "exact" : "prefix", exact ? exact : prefix);
		add_case(a, path);
	}
	while (status == STATUS_DONE && (text = args_next(a, "--header", &at))) {
		if (!list)
			list = cJSON_AddArrayToObject(http, "headerMatches");
		status = add_header(a, text, list);
	}
	return status;
}

static enum exit_status add_priority(const struct args *a, struct cJSON *members)
{
	const char *text = args_option(a, "--priority");
	uint32_t priority;

	if (!text)
		return STATUS_DONE;
	if (num_parse_u32(str_of(text), &priority) < 0)
		return args_refuse(a, "--priority is a number, not '%s'", text);
	cJSON_AddNumberToObject(members, "priority", priority);
	return STATUS_DONE;
}

static enum exit_status add_listener(struct session *s, const struct args *a, struct cJSON *members)
{
	return resolve_listener(s, args_option(a, "--service"), args_option(a, "--listener"),
				members);
}

/* The listener and the rule of it that the first word names. */
static enum exit_status add_rule(struct session *s, const struct args *a, struct cJSON *members)
{
	struct cJSON *scope = cJSON_CreateObject();
	enum exit_status status = add_listener(s, a, scope);

	if (status == STATUS_DONE)
		status = resolve_into(s, &kind_rule, a->words[0], scope, NULL, members);
	while (scope->child) {
		struct cJSON *item = cJSON_DetachItemViaPointer(scope, scope->child);

		cJSON_AddItemToArray(members, item); /* its name is its own */
	}
	cJSON_Delete(scope);
	return status;
}

enum exit_status run_rule_create(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_match(a, members);

	if (status == STATUS_DONE && !cJSON_HasObjectItem(members, "match"))
		status = args_refuse(a, "--method, --path, --path-prefix or --header is needed");
	if (status == STATUS_DONE)
		status = add_priority(a, members);
	if (status == STATUS_DONE)
		status = action_into(s, a, "action", members);
	if (status == STATUS_DONE)
		status = add_listener(s, a, members);
	cJSON_AddStringToObject(members, "name", a->words[0]);
	return session_show_if(s, status, "CreateRule", members);
}

static double priority_of(const struct cJSON *rule)
{
	const struct cJSON *p = cJSON_GetObjectItemCaseSensitive(rule, "priority");

	/* The default rule has none, and is the last to be asked. */
	return cJSON_IsNumber(p) ? p->valuedouble : 1e9;
}

/* The next rule in order of those that are left. */
static struct cJSON *take_first(struct cJSON *items)
{
	struct cJSON *first = items->child, *item;

	cJSON_ArrayForEach (item, items) {
		if (priority_of(item) < priority_of(first))
			first = item;
	}
	return cJSON_DetachItemViaPointer(items, first);
}

enum exit_status run_rule_list(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject(), *list = NULL, *items, *sorted;
	enum exit_status status = add_listener(s, a, members);

	if (status != STATUS_DONE) {
		cJSON_Delete(members);
		return status;
	}
	status = session_list(s, kind_rule.list, members, &list);
	if (status != STATUS_DONE)
		return status;
	items = cJSON_DetachItemFromObjectCaseSensitive(list, "items");
	sorted = cJSON_AddArrayToObject(list, "items");
	while (items->child)
		cJSON_AddItemToArray(sorted, take_first(items));
	cJSON_Delete(items);
	status = output_items(s->json, list, kind_rule.columns);
	cJSON_Delete(list);
	return status;
}

enum exit_status run_rule_show(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_rule(s, a, members);

	return session_show_if(s, status, kind_rule.get, members);
}

enum exit_status run_rule_update(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_match(a, members);

	if (status == STATUS_DONE)
		status = add_priority(a, members);
	if (status == STATUS_DONE &&
	    (args_option(a, "--forward") || args_option(a, "--fixed-response")))
		status = action_into(s, a, "action", members);
	if (status == STATUS_DONE && !members->child)
		status = args_refuse(a, "there is nothing to change");
	if (status == STATUS_DONE)
		status = add_rule(s, a, members);
	return session_show_if(s, status, "UpdateRule", members);
}

enum exit_status run_rule_delete(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_rule(s, a, members);

	return session_show_if(s, status, kind_rule.remove, members);
}
