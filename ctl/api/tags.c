/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of any resource that has an ARN. They are a member of its record's body. */
#include "api/form.h"
#include "api/handlers.h"
#include "base/array.h"
#include "base/json.h"

#include <cjson/cJSON.h>

/* In one request by AWS's model; on one resource by its rules for tags. */
enum { TAGS_PER_REQUEST_MAX = 200, TAGS_PER_RESOURCE_MAX = 50 };

const struct field tag_add_fields[] = {
	{ .name = "tags", .type = FIELD_MAP, .required = true, .max = TAGS_PER_REQUEST_MAX },
	{ 0 },
};

static const struct field key_item = { .type = FIELD_STRING, .min = 1, .max = 128 };

const struct field tag_remove_fields[] = {
	{ .name = "tagKeys",
	  .type = FIELD_LIST,
	  .required = true,
	  .min = 1,
	  .max = TAGS_PER_REQUEST_MAX,
	  .members = &key_item },
	{ 0 },
};

/* The record whose ARN is in the path. */
static int find_tagged(struct call *c, struct record **ret)
{
	static const enum kind kinds[] = {
#define X(kind, number, prefix, tail, type, word) KIND_##kind,
#include "model/kinds.def"
#undef X
	};
	struct str arn = c->params[0], id;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds) && str_starts(arn, STR("arn:")); i++)
		if (id_parse(kinds[i], arn, &id))
			return call_find(c, "resourceArn", kinds[i], arn, ret);
	return fault_set_field(&c->fault, "resourceArn",
			       "resourceArn must be the ARN of a resource");
}

/* The tags in @body, made when there are none. */
static cJSON *tags_of(struct call *c, cJSON *body)
{
	cJSON *tags = cJSON_GetObjectItemCaseSensitive(body, "tags");

	if (!tags)
		tags = cJSON_AddObjectToObject(body, "tags");
	if (!tags)
		c->failed = true;
	return tags;
}

int tag_add(struct call *c)
{
	struct record *r;
	cJSON *body, *tags;

	if (find_tagged(c, &r) < 0)
		return -1;
	body = call_edit(c, r);
	tags = tags_of(c, body);
	call_merge(c, tags, cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
	if (cJSON_GetArraySize(tags) > TAGS_PER_RESOURCE_MAX)
		return fault_set_field(&c->fault, "tags", "a resource can have %d tags",
				       TAGS_PER_RESOURCE_MAX);
	c->changed = true; /* policies see tags */
	return call_update(c, r, body);
}

int tag_remove(struct call *c)
{
	const cJSON *key;
	struct record *r;
	cJSON *body, *tags;

	if (find_tagged(c, &r) < 0)
		return -1;
	body = call_edit(c, r);
	tags = tags_of(c, body);
	cJSON_ArrayForEach (key, cJSON_GetObjectItemCaseSensitive(c->query, "tagKeys"))
		cJSON_DeleteItemFromObjectCaseSensitive(tags, key->valuestring);
	c->changed = true;
	return call_update(c, r, body);
}

/* Resources of all kinds by a tag: an operation of our own, as AWS has it in another service. */
const struct field tagged_list_fields[] = {
	{ .name = "tagKey", .type = FIELD_STRING, .required = true, .min = 1, .max = 128 },
	{ .name = "tagValue", .type = FIELD_STRING, .required = true, .min = 1, .max = 256 },
	FORM_PAGING,
	{ 0 },
};

static int put_type(struct call *c, const struct record *r, struct cJSON *into)
{
	call_put_str(c, into, "resourceType", str_of(kind_names(r->kind)->type));
	return 0;
}

int tagged_list(struct call *c)
{
	static const char *const members[] = { "id", "arn", "tags", NULL };
	static const struct call_list_view view = { members, put_type };
	struct store_query q = { .tag_key = json_get_str(c->query, "tagKey"),
				 .tag_value = json_get_str(c->query, "tagValue") };

	return call_list(c, &q, &view);
}

int tag_list(struct call *c)
{
	struct record *r;
	cJSON *tags;

	if (find_tagged(c, &r) < 0)
		return -1;
	tags = cJSON_GetObjectItemCaseSensitive(call_body(c, r), "tags");
	if (tags)
		call_put_copy(c, c->answer, "tags", tags);
	else
		call_put(c, c->answer, "tags", cJSON_CreateObject());
	return 0;
}
