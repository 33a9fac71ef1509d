/* SPDX-License-Identifier: Apache-2.0 */
/* Target groups: their configuration with AWS's defaults filled in. */
#include "api/form.h"
#include "api/handlers.h"
#include "api/lambda_groups.h"
#include "base/array.h"
#include "base/json.h"
#include "model/status_codes.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* What the data path serves today. */
static const char *const all_types[] = { "IP", "LAMBDA", "INSTANCE", "ALB", NULL };
static const char *const protocols[] = { "HTTP", "HTTPS", "TCP", NULL };
static const char *const versions[] = { "HTTP1", "HTTP2", "GRPC", NULL };
static const char *const families[] = { "IPV4", "IPV6", NULL };
static const char *const health_protocols[] = { "HTTP", "HTTPS", NULL };
static const char *const health_versions[] = { "HTTP1", "HTTP2", NULL };

/* Numbers of a health check: 0 asks for the default; AWS's own range begins above 0. */
static const struct {
	const char *name;
	int least, otherwise;
} health_numbers[] = {
	{ "healthCheckIntervalSeconds", 5, 30 },
	{ "healthCheckTimeoutSeconds", 1, 5 },
	{ "healthyThresholdCount", 2, 5 },
	{ "unhealthyThresholdCount", 2, 2 },
};

static bool is_check_path(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || memchr("\"<>\\^`{|}", s.p[i], 9))
			return false;
	return !s.n || s.p[0] == '/';
}

static bool is_code_matcher(struct str s)
{
	struct status_codes codes;

	return !s.n || status_codes_parse(s, &codes) == 0;
}

static const struct field matcher_fields[] = {
	{ .name = "httpCode",
	  .type = FIELD_STRING,
	  .max = 2000,
	  .matches = is_code_matcher,
	  .expected = "status codes from 200 to 499 like 200, 200,202 or 200-299" },
	{ 0 },
};

static const struct field health_fields[] = {
	{ .name = "enabled", .type = FIELD_BOOLEAN },
	{ .name = "protocol", .type = FIELD_STRING, .values = health_protocols },
	{ .name = "protocolVersion", .type = FIELD_STRING, .values = health_versions },
	{ .name = "port", .type = FIELD_INTEGER, .min = 0, .max = 65535 },
	{ .name = "path",
	  .type = FIELD_STRING,
	  .max = 2048,
	  .matches = is_check_path,
	  .expected = "a path that begins with /" },
	{ .name = "healthCheckIntervalSeconds", .type = FIELD_INTEGER, .min = 0, .max = 300 },
	{ .name = "healthCheckTimeoutSeconds", .type = FIELD_INTEGER, .min = 0, .max = 120 },
	{ .name = "healthyThresholdCount", .type = FIELD_INTEGER, .min = 0, .max = 10 },
	{ .name = "unhealthyThresholdCount", .type = FIELD_INTEGER, .min = 0, .max = 10 },
	{ .name = "matcher", .type = FIELD_UNION, .members = matcher_fields },
	{ 0 },
};

static const struct field config_fields[] = {
	{ .name = "port", .type = FIELD_INTEGER, .min = 1, .max = 65535 },
	{ .name = "protocol", .type = FIELD_STRING, .values = protocols },
	{ .name = "protocolVersion", .type = FIELD_STRING, .values = versions },
	{ .name = "ipAddressType", .type = FIELD_STRING, .values = families },
	{ .name = "vpcIdentifier",
	  .type = FIELD_STRING,
	  .min = 5,
	  .max = 50,
	  .identifies = KIND_VPC },
	{ .name = "lambdaEventStructureVersion",
	  .type = FIELD_STRING,
	  .values = lambda_group_versions },
	{ .name = "healthCheck", .type = FIELD_OBJECT, .members = health_fields },
	{ 0 },
};

const struct field target_group_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 3,
	  .max = 128,
	  .matches = form_is_target_group_name,
	  .expected = FORM_NAME_EXPECTED },
	{ .name = "type", .type = FIELD_STRING, .required = true, .values = all_types },
	{ .name = "config", .type = FIELD_OBJECT, .members = config_fields },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

const struct field target_group_update_fields[] = {
	{ .name = "healthCheck", .type = FIELD_OBJECT, .required = true, .members = health_fields },
	{ 0 },
};

const struct field target_group_list_fields[] = {
	{ .name = "vpcIdentifier",
	  .type = FIELD_STRING,
	  .min = 5,
	  .max = 50,
	  .identifies = KIND_VPC },
	{ .name = "targetGroupType", .type = FIELD_STRING, .values = all_types },
	FORM_PAGING,
	{ 0 },
};

/* Copy the member @name of @from into @to; when there is none, the text @otherwise. */
static void put_or(struct call *c, cJSON *to, const cJSON *from, const char *name,
		   const char *otherwise)
{
	struct str given = json_get_str(from, name);

	call_put_str(c, to, name, given.n ? given : str_of(otherwise));
}

/* Write down the number @at of a check: 0 asks for the default, and so does silence. */
static int settle_number(struct call *c, cJSON *check, const char *path, size_t at)
{
	const char *name = health_numbers[at].name;
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(check, name);
	double number = cJSON_IsNumber(v) ? v->valuedouble : 0;
	cJSON *otherwise;
	char field[96];

	snprintf(field, sizeof(field), "%s.%s", path, name);
	if (number != 0 && number < health_numbers[at].least)
		return fault_set_field(&c->fault, field, "%s must be 0 or at least %d", field,
				       health_numbers[at].least);
	if (number != 0)
		return 0;
	otherwise = cJSON_CreateNumber(health_numbers[at].otherwise);
	call_replace(c, check, name, otherwise);
	cJSON_Delete(otherwise);
	return 0;
}

/* Write down the text @name of a check, when it is silent about it. */
static void settle_text(struct call *c, cJSON *check, const char *name, const char *otherwise)
{
	if (!json_get_str(check, name).n) {
		cJSON_DeleteItemFromObjectCaseSensitive(check, name);
		call_put_str(c, check, name, str_of(otherwise));
	}
}

/*
 * Let @check, an old one or an empty object, follow what was @given at @path of the request; it
 * speaks the group's @protocol unless told.
 */
static int settle_health_check(struct call *c, cJSON *check, const cJSON *given, const char *path,
			       struct str protocol)
{
	bool is_https = str_eq(protocol, STR("HTTPS"));
	const cJSON *port;
	cJSON *matcher;
	size_t i;

	call_merge(c, check, given);
	if (!cJSON_IsBool(cJSON_GetObjectItemCaseSensitive(check, "enabled")))
		call_put(c, check, "enabled", cJSON_CreateTrue());
	settle_text(c, check, "protocol", is_https ? "HTTPS" : "HTTP");
	settle_text(c, check, "protocolVersion", "HTTP1");
	settle_text(c, check, "path", "/");
	port = cJSON_GetObjectItemCaseSensitive(check, "port");
	if (port && port->valuedouble == 0)
		cJSON_DeleteItemFromObjectCaseSensitive(check, "port");
	matcher = cJSON_GetObjectItemCaseSensitive(check, "matcher");
	if (!matcher)
		matcher = cJSON_AddObjectToObject(check, "matcher");
	settle_text(c, matcher, "httpCode", "200");
	for (i = 0; i < ARRAY_SIZE(health_numbers); i++)
		if (settle_number(c, check, path, i) < 0)
			return -1;
	return 0;
}

/* Only addresses have a family, and a balancer looks after its own targets. */
static int check_type(struct call *c, struct str type, const cJSON *config)
{
	if (!str_eq(type, STR("IP")) && cJSON_HasObjectItem(config, "ipAddressType"))
		return fault_set_field(&c->fault, "config.ipAddressType",
				       "config.ipAddressType is for groups of the type IP");
	if (str_eq(type, STR("ALB")) && cJSON_HasObjectItem(config, "healthCheck"))
		return fault_set_field(&c->fault, "config.healthCheck",
				       "config.healthCheck is not for groups of the type ALB");
	return 0;
}

/* What is not HTTP has no version of it, and is checked only in a protocol that is named. */
static int check_tcp(struct call *c, struct str protocol, const cJSON *config)
{
	const cJSON *check = cJSON_GetObjectItemCaseSensitive(config, "healthCheck");

	if (!str_eq(protocol, STR("TCP")))
		return 0;
	if (cJSON_HasObjectItem(config, "protocolVersion"))
		return fault_set_field(&c->fault, "config.protocolVersion",
				       "config.protocolVersion is not for the protocol TCP");
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(check, "enabled")) &&
	    (!json_get_str(check, "protocol").n || !json_get_str(check, "protocolVersion").n))
		return fault_set_field(&c->fault, "config.healthCheck",
				       "config.healthCheck of a TCP group must give protocol and "
				       "protocolVersion");
	return 0;
}

static double default_port(struct str protocol)
{
	return str_eq(protocol, STR("HTTP")) ? 80 : 443;
}

/* A check of the group that @config describes; AWS checks HTTP1 groups unless told not to. */
static cJSON *add_health_check(struct call *c, cJSON *config)
{
	cJSON *check = cJSON_AddObjectToObject(config, "healthCheck");

	if (!str_eq(json_get_str(config, "protocolVersion"), STR("HTTP1")))
		call_put(c, check, "enabled", cJSON_CreateFalse());
	return check;
}

/* The members that lists show at the top are kept there as well as in the configuration. */
static int fill_config(struct call *c, const struct record *vpc, cJSON *body)
{
	static const char *const shown[] = { "port", "protocol", "ipAddressType", "vpcIdentifier" };
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(c->body, "config");
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(given, "port");
	cJSON *config = cJSON_AddObjectToObject(body, "config");
	struct str type = json_get_str(c->body, "type");
	struct str protocol;
	size_t i;

	put_or(c, config, given, "protocol", "HTTP");
	protocol = json_get_str(config, "protocol");
	call_put_number(c, config, "port",
			cJSON_IsNumber(port) ? port->valuedouble : default_port(protocol));
	if (!str_eq(protocol, STR("TCP")))
		put_or(c, config, given, "protocolVersion", "HTTP1");
	if (str_eq(type, STR("IP")))
		put_or(c, config, given, "ipAddressType", "IPV4");
	call_put_str(c, config, "vpcIdentifier", vpc->id);
	if (check_type(c, type, given) < 0 || check_tcp(c, protocol, given) < 0)
		return -1;
	if (!str_eq(type, STR("ALB")) &&
	    settle_health_check(c, add_health_check(c, config),
				cJSON_GetObjectItemCaseSensitive(given, "healthCheck"),
				"config.healthCheck", protocol) < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(shown); i++)
		call_put_copy(c, body, shown[i],
			      cJSON_GetObjectItemCaseSensitive(config, shown[i]));
	return 0;
}

static void fill_common(struct call *c, const struct record *r, cJSON *body)
{
	call_put_str(c, body, "arn", call_arn(c, r));
	call_put_str(c, body, "status", STR("ACTIVE"));
	call_put_str(c, body, "type", json_get_str(c->body, "type"));
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
}

/* The group's VPC; NULL for functions, which have none. */
static int find_vpc(struct call *c, const cJSON *config, struct record **ret)
{
	struct str type = json_get_str(c->body, "type"), id = json_get_str(config, "vpcIdentifier");

	*ret = NULL;
	if (lambda_group_check(c, type, config) < 0)
		return -1;
	if (str_eq(type, STR("LAMBDA")))
		return 0;
	if (!config)
		return fault_set_field(&c->fault, "config", "config is required");
	if (!id.n)
		return fault_set_field(&c->fault, "config.vpcIdentifier",
				       "config.vpcIdentifier is required");
	return call_find(c, "config.vpcIdentifier", KIND_VPC, id, ret);
}

int target_group_create(struct call *c)
{
	static const char *const view[] = { "id", "arn", "name", "type", "config", NULL };
	const cJSON *config = cJSON_GetObjectItemCaseSensitive(c->body, "config");
	struct record *r = call_new_record(c, KIND_TARGET_GROUP, json_get_str(c->body, "name"));
	cJSON *body = call_new_object(c);
	struct record *vpc;

	if (!r || find_vpc(c, config, &vpc) < 0)
		return -1;
	if (!vpc)
		lambda_group_fill(c, config, body);
	else if (fill_config(c, vpc, body) < 0)
		return -1;
	fill_common(c, r, body);
	if (call_insert(c, r, body, NULL) < 0 || (vpc && call_link(c, r->id, vpc->id) < 0) ||
	    quota_check(c, QUOTA_TARGET_GROUPS, NULL) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	call_put_str(c, c->answer, "status", STR("CREATE_IN_PROGRESS"));
	c->changed = true;
	return 0;
}

/* The ARNs of the services whose listeners and rules forward to @r, each once. */
static int put_services(struct call *c, const struct record *r, struct cJSON *into)
{
	struct store_query q = { .links_to = r->id };
	cJSON *list = cJSON_AddArrayToObject(into, "serviceArns");
	struct record *l;

	if (store_list(c->store, &q, &c->arena, &l, &c->fault) < 0)
		return -1;
	for (; l; l = l->next) {
		struct str arn = json_get_str(call_body(c, l), "serviceArn");
		const cJSON *item;
		cJSON *text;

		cJSON_ArrayForEach (item, list) {
			if (str_eq(str_of(item->valuestring), arn))
				break;
		}
		text = item ? NULL : cJSON_CreateString(arena_cstr(&c->arena, arn));
		if (!item && !cJSON_AddItemToArray(list, text)) {
			cJSON_Delete(text);
			c->failed = true;
		}
	}
	return 0;
}

int target_group_get(struct call *c)
{
	static const char *const view[] = { "id",     "arn",	   "name",	    "type",
					    "config", "createdAt", "lastUpdatedAt", "status",
					    NULL };
	struct record *r;

	if (call_find_param(c, 0, KIND_TARGET_GROUP, &r) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	return put_services(c, r, c->answer);
}

int target_group_list(struct call *c)
{
	static const char *const members[] = {
		"id",	    "arn",	     "name",
		"type",	    "createdAt",     "port",
		"protocol", "ipAddressType", "vpcIdentifier",
		"status",   "lastUpdatedAt", "lambdaEventStructureVersion",
		NULL
	};
	static const struct call_list_view view = { members, put_services };
	struct store_query q = { .kind = KIND_TARGET_GROUP,
				 .type = json_get_str(c->query, "targetGroupType"),
				 .links_to = json_get_str(c->query, "vpcIdentifier") };

	return call_list(c, &q, &view);
}

int target_group_update(struct call *c)
{
	static const char *const view[] = { "id", "arn", "name", "type", "config", "status", NULL };
	struct record *r;
	cJSON *body, *check;

	if (call_find_param(c, 0, KIND_TARGET_GROUP, &r) < 0)
		return -1;
	body = call_edit(c, r);
	check = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(body, "config"),
						 "healthCheck");
	if (!check)
		return fault_set_field(&c->fault, "healthCheck",
				       "healthCheck is not for groups of this type");
	if (settle_health_check(c, check, cJSON_GetObjectItemCaseSensitive(c->body, "healthCheck"),
				"healthCheck", json_get_str(body, "protocol")) < 0 ||
	    call_update(c, r, body) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	c->changed = true;
	return 0;
}

int target_group_delete(struct call *c)
{
	static const char *const view[] = { "id", "arn", NULL };
	struct record *r;

	if (call_find_param(c, 0, KIND_TARGET_GROUP, &r) < 0 || call_delete(c, r->id) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	call_put_str(c, c->answer, "status", STR("DELETE_IN_PROGRESS"));
	c->changed = true;
	return 0;
}
