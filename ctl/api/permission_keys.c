/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values come from the members of the body or, of lists, of the query; what is asked of something
 * that is there has those of its record. A resource that is named by its id has the value of its
 * ARN, so that no policy is passed by another spelling.
 */
#include "api/permission_keys.h"

#include "base/json.h"

#include <cjson/cJSON.h>

/* Target groups in one call: of all rules of a batch. */
enum { GROUPS_MAX = 1000 };

static const struct {
	enum call_key key;
	const char *object; /* the member that holds it; NULL: the body itself */
	const char *member;
} texts[] = {
	{ CALL_AUTH_TYPE, NULL, "authType" },
	{ CALL_DOMAIN_NAME, NULL, "domainName" },
	{ CALL_PROTOCOL, NULL, "protocol" },
	{ CALL_PRIVATE_DNS_PREFERENCE, "dnsOptions", "privateDnsPreference" },
};

static const struct {
	enum call_key key;
	const char *object, *member;
} lists[] = {
	{ CALL_SECURITY_GROUP_IDS, NULL, "securityGroupIds" },
	{ CALL_PRIVATE_DNS_DOMAINS, "dnsOptions", "privateDnsSpecifiedDomains" },
};

/* Members that name a resource, and what its record calls itself in others. */
static const struct {
	enum call_key key;
	const char *member, *arn;
} named[] = {
	{ CALL_RESOURCE_CONFIGURATION_ARN, "resourceConfigurationIdentifier",
	  "resourceConfigurationArn" },
	{ CALL_SERVICE_ARN, "serviceIdentifier", "serviceArn" },
	{ CALL_SERVICE_NETWORK_ARN, "serviceNetworkIdentifier", "serviceNetworkArn" },
};

static const cJSON *inside(const cJSON *object, const char *name)
{
	return name ? cJSON_GetObjectItemCaseSensitive(object, name) : object;
}

static int out_of_memory(struct call *c)
{
	return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
}

static void set_one(struct auth_call *to, enum call_key key, struct str value)
{
	if (value.n)
		to->values[key] = (struct context_values){ .one = value, .count = 1 };
}

/* The strings of @list. */
static int set_list(struct call *c, struct context_values *to, const cJSON *list)
{
	int count = cJSON_GetArraySize(list);
	const cJSON *item;
	struct str *at;
	size_t n = 0;

	if (count <= 0)
		return 0;
	at = arena_new(&c->arena, struct str, (size_t)count);
	if (!at)
		return out_of_memory(c);
	cJSON_ArrayForEach (item, list)
		at[n++] = str_of(cJSON_IsString(item) ? item->valuestring : "");
	*to = (struct context_values){ .at = at, .count = n };
	return 0;
}

/* Members of the object @tags as tags; both live as long as the call. */
int permission_read_tags(struct call *c, const struct cJSON *tags, const struct principal_tag **ret,
			 size_t *ret_count)
{
	int count = cJSON_GetArraySize(tags);
	struct principal_tag *list;
	const cJSON *item;
	size_t n = 0;

	*ret = NULL;
	*ret_count = 0;
	if (count <= 0)
		return 0;
	list = arena_new(&c->arena, struct principal_tag, (size_t)count);
	if (!list)
		return out_of_memory(c);
	cJSON_ArrayForEach (item, tags)
		list[n++] = (struct principal_tag){
			str_of(item->string), str_of(cJSON_IsString(item) ? item->valuestring : "")
		};
	*ret = list;
	*ret_count = n;
	return 0;
}

/* The keys of the tags that come, or of those that go. */
static int read_tag_keys(struct call *c, struct auth_call *to)
{
	struct str *at;
	size_t i;

	if (!to->tag_count)
		return set_list(c, &to->tag_keys,
				cJSON_GetObjectItemCaseSensitive(c->query, "tagKeys"));
	at = arena_new(&c->arena, struct str, to->tag_count);
	if (!at)
		return out_of_memory(c);
	for (i = 0; i < to->tag_count; i++)
		at[i] = to->tags[i].key;
	to->tag_keys = (struct context_values){ .at = at, .count = to->tag_count };
	return 0;
}

static int read_named(struct call *c, struct auth_call *to)
{
	struct permission_resource r;
	struct str identifier;
	size_t i;

	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		identifier = json_get_str(c->body, named[i].member);
		if (!identifier.n)
			identifier = json_get_str(c->query, named[i].member);
		if (!identifier.n)
			continue;
		if (permission_find(c, identifier, &r) < 0)
			return -1;
		set_one(to, named[i].key, r.arn);
	}
	return 0;
}

static void read_vpc(struct call *c, struct auth_call *to)
{
	const cJSON *config = cJSON_GetObjectItemCaseSensitive(c->body, "config");
	const cJSON *const places[] = { c->body, config, c->query };
	struct str vpc, id;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		vpc = json_get_str(places[i], "vpcIdentifier");
		set_one(to, CALL_VPC_ID, id_parse(KIND_VPC, vpc, &id) ? id : vpc);
	}
	set_one(to, CALL_VPC_ENDPOINT_ID, json_get_str(c->query, "vpcEndpointId"));
}

/* Gather the target groups that @part of the body names, at whatever depth. */
static int gather_groups(struct call *c, const cJSON *part, struct str at[GROUPS_MAX], size_t *n)
{
	struct permission_resource r;
	const cJSON *item;

	cJSON_ArrayForEach (item, part) {
		if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
			if (gather_groups(c, item, at, n) < 0)
				return -1;
			continue;
		}
		if (!cJSON_IsString(item) || !item->string ||
		    strcmp(item->string, "targetGroupIdentifier") != 0)
			continue;
		if (*n == GROUPS_MAX)
			return fault_set(&c->fault, FAULT_OTHER, "more than %d target groups",
					 GROUPS_MAX);
		if (permission_find(c, str_of(item->valuestring), &r) < 0)
			return -1;
		at[(*n)++] = r.arn;
	}
	return 0;
}

static int read_groups(struct call *c, struct auth_call *to)
{
	struct str *at = arena_new(&c->arena, struct str, GROUPS_MAX);
	size_t n = 0;

	if (!at)
		return out_of_memory(c);
	if (gather_groups(c, c->body, at, &n) < 0)
		return -1;
	to->values[CALL_TARGET_GROUP_ARNS] = (struct context_values){ .at = at, .count = n };
	return 0;
}

/* Fill @to's tags and values from the request of @operation; they live as long as the call. */
int permission_read_keys(struct call *c, struct str operation, struct auth_call *to)
{
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		set_one(to, texts[i].key,
			json_get_str(inside(c->body, texts[i].object), texts[i].member));
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (set_list(c, &to->values[lists[i].key],
			     cJSON_GetObjectItemCaseSensitive(inside(c->body, lists[i].object),
							      lists[i].member)) < 0)
			return -1;
	if (permission_is_creation(operation))
		set_one(to, CALL_CREATE_ACTION, operation);
	read_vpc(c, to);
	if (permission_read_tags(c, cJSON_GetObjectItemCaseSensitive(c->body, "tags"), &to->tags,
				 &to->tag_count) < 0 ||
	    read_tag_keys(c, to) < 0 || read_named(c, to) < 0)
		return -1;
	return read_groups(c, to);
}

/* Fill what the request did not say from the record of @r. */
void permission_read_record(const struct permission_resource *r, struct auth_call *to)
{
	size_t i;

	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!to->values[named[i].key].count)
			set_one(to, named[i].key, json_get_str(r->body, named[i].arn));
	if (!to->values[CALL_VPC_ID].count)
		set_one(to, CALL_VPC_ID, json_get_str(r->body, "vpcId"));
}
