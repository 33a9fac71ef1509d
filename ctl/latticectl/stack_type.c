/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties as templates write them, and members as the API has them: the same names with
 * another first letter, texts where the API has numbers, lists of tags where it has a map.
 */
#include "latticectl/stack_type.h"

#include "base/array.h"
#include "base/json.h"
#include "base/num.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 128 };

static const struct stack_type types[] = {
	{ "AWS::VpcLattice::ServiceNetwork", "SERVICE_NETWORK", "CreateServiceNetwork",
	  "GetServiceNetwork", "UpdateServiceNetwork", "DeleteServiceNetwork",
	  "serviceNetworkIdentifier", "", "authType", false, 5, NULL },
	{ "AWS::VpcLattice::Service", "SERVICE", "CreateService", "GetService", "UpdateService",
	  "DeleteService", "serviceIdentifier", "", "authType certificateArn idleTimeoutSeconds",
	  false, 3, NULL },
	{ "AWS::VpcLattice::TargetGroup", "TARGET_GROUP", "CreateTargetGroup", "GetTargetGroup",
	  "UpdateTargetGroup", "DeleteTargetGroup", "targetGroupIdentifier", "", "healthCheck",
	  false, 4, NULL },
	{ "AWS::VpcLattice::Listener", "LISTENER", "CreateListener", "GetListener",
	  "UpdateListener", "DeleteListener", "listenerIdentifier", "serviceIdentifier",
	  "defaultAction", false, 2, NULL },
	{ "AWS::VpcLattice::Rule", "RULE", "CreateRule", "GetRule", "UpdateRule", "DeleteRule",
	  "ruleIdentifier", "serviceIdentifier listenerIdentifier", "priority match action", true,
	  1, NULL },
	{ "AWS::VpcLattice::ServiceNetworkVpcAssociation", "SERVICE_NETWORK_VPC_ASSOCIATION",
	  "CreateServiceNetworkVpcAssociation", "GetServiceNetworkVpcAssociation",
	  "UpdateServiceNetworkVpcAssociation", "DeleteServiceNetworkVpcAssociation",
	  "serviceNetworkVpcAssociationIdentifier", "", "securityGroupIds privateDnsEnabled", true,
	  0, NULL },
	{ "AWS::VpcLattice::ServiceNetworkServiceAssociation",
	  "SERVICE_NETWORK_SERVICE_ASSOCIATION", "CreateServiceNetworkServiceAssociation",
	  "GetServiceNetworkServiceAssociation", NULL, "DeleteServiceNetworkServiceAssociation",
	  "serviceNetworkServiceAssociationIdentifier", "", "", true, 0, NULL },
	{ "AWS::VpcLattice::AccessLogSubscription", "ACCESS_LOG_SUBSCRIPTION",
	  "CreateAccessLogSubscription", "GetAccessLogSubscription", "UpdateAccessLogSubscription",
	  "DeleteAccessLogSubscription", "accessLogSubscriptionIdentifier", "", "destinationArn",
	  true, 0, NULL },
	{ "AWS::EC2::SecurityGroup", "SECURITY_GROUP", "CreateSecurityGroup", "GetSecurityGroup",
	  "UpdateSecurityGroup", "DeleteSecurityGroup", "securityGroupIdentifier", "",
	  "ingress description", false, 1, "id" },
	{ "AWS::RAM::ResourceShare", "RESOURCE_SHARE", "CreateResourceShare", "GetResourceShare",
	  "UpdateResourceShare", "DeleteResourceShare", "shareIdentifier", "",
	  "resourceArns principals", true, 0, NULL },
	{ "AWS::VpcLattice::AuthPolicy", "AUTH_POLICY", "PutAuthPolicy", "GetAuthPolicy",
	  "PutAuthPolicy", "DeleteAuthPolicy", "resourceIdentifier", "", "policy", true, 0,
	  "resourceId" },
	{ "AWS::VpcLattice::ResourcePolicy", "RESOURCE_POLICY", "PutResourcePolicy",
	  "GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy", "resourceArn", "",
	  "policy", true, 0, "resourceArn" },
};

/* The type that CloudFormation calls @name, or NULL: not one that can be made here. */
const struct stack_type *stack_type_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i].name, name) == 0)
			return &types[i];
	return NULL;
}

const struct stack_type *stack_type_of_kind(const char *kind)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i].kind, kind) == 0)
			return &types[i];
	return NULL;
}

/* Is @word one of @words, which stand between spaces? */
bool stack_word_in(const char *words, const char *word)
{
	struct str_cut c = { .tail = str_of(words), .found = true };

	while (c.found) {
		c = str_cut(c.tail, ' ');
		if (str_eq(c.head, str_of(word)))
			return true;
	}
	return false;
}

/* Members that are numbers or booleans in the API, and may be texts in a template. */
static const char numbers[] =
	"port priority weight statusCode idleTimeoutSeconds healthCheckIntervalSeconds"
	" healthCheckTimeoutSeconds healthyThresholdCount unhealthyThresholdCount fromPort toPort";
static const char booleans[] = "enabled caseSensitive privateDnsEnabled";

static struct cJSON *scalar(const char *name, const struct cJSON *value)
{
	uint32_t n;

	if (name && cJSON_IsString(value)) {
		struct str text = str_of(value->valuestring);

		if (stack_word_in(numbers, name) && num_parse_u32(text, &n) == 0)
			return cJSON_CreateNumber(n);
		if (stack_word_in(booleans, name) && str_eq(text, STR("true")))
			return cJSON_CreateTrue();
		if (stack_word_in(booleans, name) && str_eq(text, STR("false")))
			return cJSON_CreateFalse();
	}
	return cJSON_Duplicate(value, true);
}

/* A policy is an object in a template and its text in the API. */
static struct cJSON *text_of(const struct cJSON *object)
{
	char *text = cJSON_PrintUnformatted(object);
	struct cJSON *string = cJSON_CreateString(text ? text : "");

	cJSON_free(text);
	return string;
}

static struct cJSON *convert(const char *name, const struct cJSON *value)
{
	struct cJSON *to;
	const struct cJSON *item;

	if (cJSON_IsArray(value)) {
		to = cJSON_CreateArray();
		cJSON_ArrayForEach (item, value)
			cJSON_AddItemToArray(to, convert(name, item));
		return to;
	}
	if (!cJSON_IsObject(value))
		return scalar(name, value);
	if (name && strcmp(name, "policy") == 0)
		return text_of(value);
	to = cJSON_CreateObject();
	cJSON_ArrayForEach (item, value) {
		char member[NAME_BYTES];

		snprintf(member, sizeof(member), "%s", item->string);
		member[0] = (char)tolower((unsigned char)member[0]);
		cJSON_AddItemToObject(to, member, convert(member, item));
	}
	return to;
}

/*
 * Evaluated properties as members of the API; NULL properties are none. Templates may carry a
 * DnsEntry, which the API only tells.
 */
struct cJSON *stack_members(const struct cJSON *properties)
{
	struct cJSON *members = properties ? convert(NULL, properties) : cJSON_CreateObject();

	cJSON_DeleteItemFromObjectCaseSensitive(members, "dnsEntry");
	return members;
}

/* 12 letters and digits that follow from @text, so that a name is made the same again. */
static void digest(const char *text, char to[STACK_NAME_DIGEST + 1])
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	size_t i;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	for (i = 0; i < STACK_NAME_DIGEST; i++) {
		to[i] = digits[hash % 36];
		hash /= 36;
	}
	to[i] = '\0';
}

/*
 * The name of a resource that the template gives none, as CloudFormation makes it: up to 13
 * characters each of the stack's and of its own, and 12 more. Whatever a name may not have becomes
 * a hyphen or nothing.
 */
void stack_make_name(const char *stack, const char *logical_id, char to[STACK_NAME_BYTES])
{
	/* What begins like an id may not be a name. */
	static const char *const ids[] = { "svc-", "tg-", "rule-", "listener-", "servicenetwork-" };
	char all[256], end[STACK_NAME_DIGEST + 1], *at = to;
	const char *from;
	size_t i;

	snprintf(all, sizeof(all), "%s/%s", stack, logical_id);
	digest(all, end);
	snprintf(all, sizeof(all), "%.13s-%.13s-%s", stack, logical_id, end);
	for (from = all; *from; from++) {
		char c = (char)tolower((unsigned char)*from);

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			*at++ = c;
		else if (at > to && at[-1] != '-')
			*at++ = '-';
	}
	*at = '\0';
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		size_t n = strlen(ids[i]);

		while (strncmp(to, ids[i], n) == 0)
			memmove(to, to + n, strlen(to + n) + 1);
	}
}

/* Take the tags out of @members, a list of keys and values, as the map that the API has. */
struct cJSON *stack_take_tags(struct cJSON *members)
{
	struct cJSON *list = cJSON_DetachItemFromObjectCaseSensitive(members, "tags");
	struct cJSON *map = cJSON_CreateObject();
	const struct cJSON *item;

	cJSON_ArrayForEach (item, list) {
		struct str key = json_get_str(item, "key"), value = json_get_str(item, "value");

		if (!key.n)
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(map, key.p);
		cJSON_AddStringToObject(map, key.p, value.n ? value.p : "");
	}
	cJSON_Delete(list);
	return map;
}

/* What follows the last slash: an ARN and the id in it name the same. */
static const char *last_part(const char *text)
{
	const char *slash = strncmp(text, "arn:", 4) == 0 ? strrchr(text, '/') : NULL;

	return slash ? slash + 1 : text;
}

static bool is_arn(const struct cJSON *text)
{
	return strncmp(text->valuestring, "arn:", 4) == 0;
}

/* Has @current everything that is @wanted? What is not wanted in words may be anything. */
bool stack_same(const struct cJSON *wanted, const struct cJSON *current)
{
	const struct cJSON *item, *other;

	if (cJSON_IsObject(wanted)) {
		cJSON_ArrayForEach (item, wanted) {
			other = cJSON_GetObjectItemCaseSensitive(current, item->string);
			if (!stack_same(item, other))
				return false;
		}
		return cJSON_IsObject(current);
	}
	if (cJSON_IsArray(wanted)) {
		if (cJSON_GetArraySize(wanted) != cJSON_GetArraySize(current))
			return false;
		other = current ? current->child : NULL;
		cJSON_ArrayForEach (item, wanted) {
			if (!stack_same(item, other))
				return false;
			other = other->next;
		}
		return true;
	}
	if (cJSON_IsString(wanted) && cJSON_IsString(current) && is_arn(wanted) && is_arn(current))
		return strcmp(wanted->valuestring, current->valuestring) == 0;
	if (cJSON_IsString(wanted) && cJSON_IsString(current))
		return strcmp(last_part(wanted->valuestring), last_part(current->valuestring)) == 0;
	return cJSON_Compare(wanted, current, true);
}

/*
 * The member of the API's description that says what @member asked for: an identifier is
 * described as an id, and a health check is in the configuration.
 */
const struct cJSON *stack_current(const struct cJSON *described, const char *member)
{
	const struct cJSON *same = cJSON_GetObjectItemCaseSensitive(described, member);
	size_t n = strlen(member), tail = strlen("Identifier");
	char id[NAME_BYTES];

	if (same)
		return same;
	if (strcmp(member, "healthCheck") == 0)
		return cJSON_GetObjectItemCaseSensitive(
			cJSON_GetObjectItemCaseSensitive(described, "config"), member);
	if (n <= tail || n >= sizeof(id) || strcmp(member + n - tail, "Identifier") != 0)
		return NULL;
	snprintf(id, sizeof(id), "%.*sId", (int)(n - tail), member);
	return cJSON_GetObjectItemCaseSensitive(described, id);
}
