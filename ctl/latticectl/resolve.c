/* SPDX-License-Identifier: Apache-2.0 */
/* Ids and ARNs pass as they are; a name is looked up through the kind's List operation. */
#include "latticectl/resolve.h"

#include "base/json.h"
#include "latticectl/suggest.h"

#include <cjson/cJSON.h>
#include <ctype.h>

/* Letters and digits that follow the prefix of every id. */
enum { ID_DIGITS = 17 };

const struct kind kind_vpc = { "VPC",	 "vpc-",	  "vpcIdentifier",	 "ListVpcs",
			       "GetVpc", "DeregisterVpc", "id name state netns", "vpc" };
const struct kind kind_network = { "service network",
				   "sn-",
				   "serviceNetworkIdentifier",
				   "ListServiceNetworks",
				   "GetServiceNetwork",
				   "DeleteServiceNetwork",
				   "id name numberOfAssociatedVPCs numberOfAssociatedServices",
				   "network" };
const struct kind kind_service = { "service",	     "svc-",	   "serviceIdentifier",
				   "ListServices",   "GetService", "DeleteService",
				   "id name status", "service" };
const struct kind kind_target_group = { "target group",
					"tg-",
					"targetGroupIdentifier",
					"ListTargetGroups",
					"GetTargetGroup",
					"DeleteTargetGroup",
					"id name type protocol port vpcIdentifier status",
					"target-group" };
const struct kind kind_listener = {
	"listener",    "listener-",	 "listenerIdentifier",	  "ListListeners",
	"GetListener", "DeleteListener", "id name protocol port", NULL
};

const struct kind kind_rule = { "rule",
				"rule-",
				"ruleIdentifier",
				"ListRules",
				"GetRule",
				"DeleteRule",
				"id name priority isDefault",
				NULL };

const struct kind kind_security_group = { "security group",
					  "sg-",
					  "securityGroupIdentifier",
					  "ListSecurityGroups",
					  "GetSecurityGroup",
					  "DeleteSecurityGroup",
					  "id name vpcIdentifier ingress",
					  "security-group" };

const struct kind kind_instance = { "instance",
				    "i-",
				    "instanceIdentifier",
				    "ListInstances",
				    "GetInstance",
				    "DeleteInstance",
				    "id name vpcIdentifier address",
				    "instance" };

const struct kind kind_function = { "function",
				    "fn-",
				    "functionIdentifier",
				    "ListFunctions",
				    "GetFunction",
				    "DeleteFunction",
				    "id name functionArn endpoint",
				    "function" };

const struct kind kind_log_destination = { "log destination",
					   "ld-",
					   "logDestinationIdentifier",
					   "ListLogDestinations",
					   "GetLogDestination",
					   "DeleteLogDestination",
					   "id name type file path url",
					   NULL };

/* An ARN, or the prefix and the digits of an id; a name may begin like an id and not be one. */
static bool is_identifier(const struct kind *k, struct str text)
{
	struct str prefix = str_of(k->prefix);

	if (str_starts(text, STR("arn:")))
		return true;
	if (!str_starts(text, prefix) || text.n != prefix.n + ID_DIGITS)
		return false;
	for (size_t i = prefix.n; i < text.n; i++) {
		if (!isalnum((unsigned char)text.p[i]))
			return false;
	}
	return true;
}

/* Say that nothing of @list, or too much, is named @name, and what was perhaps meant. */
static void say_unresolved(const struct kind *k, const struct cJSON *list, const char *name,
			   bool many)
{
	const struct cJSON *items = cJSON_GetObjectItemCaseSensitive(list, "items"), *item;
	struct suggestion s = { .wanted = name };

	if (many) {
		fprintf(stderr, "latticectl: more than one %s is named '%s'; give its id\n",
			k->what, name);
		return;
	}
	cJSON_ArrayForEach (item, items) {
		const struct cJSON *n = cJSON_GetObjectItemCaseSensitive(item, "name");

		if (cJSON_IsString(n))
			suggest_try(&s, n->valuestring);
	}
	fprintf(stderr, "latticectl: no %s is named '%s'%s%s%s\n", k->what, name,
		s.best ? "; did you mean '" : "", s.best ? s.best : "", s.best ? "'?" : "");
}

/* The id of what is named @name in @list; empty when nothing is or, with *@ret_many, several. */
static struct str find_name(const struct cJSON *list, struct str name, bool *ret_many)
{
	const struct cJSON *items = cJSON_GetObjectItemCaseSensitive(list, "items"), *item;
	struct str id = { 0 };

	*ret_many = false;
	cJSON_ArrayForEach (item, items) {
		if (!str_eq(json_get_str(item, "name"), name))
			continue;
		if (id.n) {
			*ret_many = true;
			return (struct str){ 0 };
		}
		id = json_get_str(item, "id");
	}
	return id;
}

enum exit_status resolve_into(struct session *s, const struct kind *k, const char *text,
			      const struct cJSON *scope, const char *label, struct cJSON *members)
{
	enum exit_status status;
	struct cJSON *list;
	struct str id;
	bool many;

	if (!label)
		label = k->label;
	if (is_identifier(k, str_of(text))) {
		cJSON_AddStringToObject(members, label, text);
		return STATUS_DONE;
	}
	status = session_list(s, k->list, scope ? cJSON_Duplicate(scope, true) : NULL, &list);
	if (status != STATUS_DONE)
		return status;
	id = find_name(list, str_of(text), &many);
	if (id.n) {
		/* json_get_str() borrows a terminated string of cJSON */
		cJSON_AddStringToObject(members, label, id.p);
	} else {
		say_unresolved(k, list, text, many);
		status = STATUS_REFUSED;
	}
	cJSON_Delete(list);
	return status;
}

const struct kind *kind_with_noun(size_t at)
{
	static const struct kind *const kinds[] = {
		&kind_vpc,	    &kind_network,	  &kind_service,
		&kind_target_group, &kind_security_group, &kind_instance
	};

	return at < sizeof(kinds) / sizeof(kinds[0]) ? kinds[at] : NULL;
}

const struct kind *kind_of_path(const char *path, const char **ret_name)
{
	const struct kind *k;

	for (size_t i = 0; (k = kind_with_noun(i)); i++) {
		size_t n = strlen(k->noun);

		if (strncmp(path, k->noun, n) == 0 && path[n] == '/') {
			*ret_name = path + n + 1;
			return k;
		}
	}
	return NULL;
}

enum exit_status kind_of_path_refuse(const struct args *a, const char *path)
{
	const char *slash = strchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	struct suggestion s = { 0 };
	char noun[32];

	if (!n || n >= sizeof(noun))
		return args_refuse(a, "'%s' is not like service/NAME", path);
	memcpy(noun, path, n);
	noun[n] = '\0';
	s.wanted = noun;
	for (size_t i = 0; kind_with_noun(i); i++)
		suggest_try(&s, kind_with_noun(i)->noun);
	if (s.best)
		return args_refuse(a, "there is no %s; did you mean '%s%s'?", noun, s.best, slash);
	return args_refuse(a, "there is no %s; '%s' is not like service/NAME", noun, path);
}

enum exit_status resolve_listener(struct session *s, const char *service, const char *listener,
				  struct cJSON *members)
{
	struct cJSON *scope = cJSON_CreateObject();
	enum exit_status status = resolve_into(s, &kind_service, service, NULL, NULL, scope);

	if (status == STATUS_DONE) {
		const struct cJSON *id =
			cJSON_GetObjectItemCaseSensitive(scope, kind_service.label);

		cJSON_AddStringToObject(members, kind_service.label, id->valuestring);
		status = resolve_into(s, &kind_listener, listener, scope, NULL, members);
	}
	cJSON_Delete(scope);
	return status;
}

static enum exit_status with_identifier(struct session *s, const struct kind *k, const char *text,
					const char *operation)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = resolve_into(s, k, text, NULL, NULL, members);

	return session_show_if(s, status, operation, members);
}

enum exit_status kind_show(struct session *s, const struct kind *k, const char *text)
{
	return with_identifier(s, k, text, k->get);
}

enum exit_status kind_remove(struct session *s, const struct kind *k, const char *text)
{
	return with_identifier(s, k, text, k->remove);
}

enum exit_status kind_list_in_vpc(struct session *s, const struct kind *k, const char *vpc)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = STATUS_DONE;

	if (vpc)
		status = resolve_into(s, &kind_vpc, vpc, NULL, NULL, members);
	if (status == STATUS_DONE)
		return session_table(s, k->list, members, k->columns);
	cJSON_Delete(members);
	return status;
}

enum exit_status resolve_arn(struct session *s, const struct args *a, const char *text,
			     const char *label, struct cJSON *members)
{
	const char *name;
	const struct kind *k = kind_of_path(text, &name);
	struct cJSON *scope, *answer = NULL;
	enum exit_status status;

	if (strncmp(text, "arn:", 4) == 0) {
		cJSON_AddStringToObject(members, label, text);
		return STATUS_DONE;
	}
	if (!k)
		return kind_of_path_refuse(a, text);
	scope = cJSON_CreateObject();
	status = resolve_into(s, k, name, NULL, NULL, scope);
	if (status != STATUS_DONE) {
		cJSON_Delete(scope);
		return status;
	}
	status = session_call(s, k->get, scope, &answer);
	if (status == STATUS_DONE)
		cJSON_AddItemToObject(members, label,
				      cJSON_DetachItemFromObjectCaseSensitive(answer, "arn"));
	cJSON_Delete(answer);
	return status;
}
