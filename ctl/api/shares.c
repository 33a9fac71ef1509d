/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource shares, as AWS RAM has them: an account's own networks and services, and the accounts,
 * organisations and organisational units that may use them. A share is in force when it is
 * answered; what was associated through one that ends stays.
 */
#include "api/form.h"
#include "api/handlers.h"
#include "api/sharing.h"
#include "base/json.h"

#include <cjson/cJSON.h>

enum { RESOURCES_MAX = 50 };

static bool is_share_name(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '/')
			return false;
	return s.n > 0;
}

static const struct field resource_item = {
	.type = FIELD_STRING, .min = 20, .max = 200, .expected = "an ARN"
};

static const struct field principal_item = {
	.type = FIELD_STRING,
	.min = 12,
	.max = 200,
	.matches = sharing_is_principal,
	.expected = "an account of 12 digits, or the ARN of an organisation or of its units",
};

/* clang-format off */
#define RESOURCES                                                                        \
	{ .name = "resourceArns", .type = FIELD_LIST, .max = RESOURCES_MAX,              \
	  .members = &resource_item }
#define PRINCIPALS                                                                       \
	{ .name = "principals", .type = FIELD_LIST, .max = SHARING_PRINCIPALS_MAX,       \
	  .members = &principal_item }
/* clang-format on */

const struct field share_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = 128,
	  .matches = is_share_name,
	  .expected = "printable, without spaces and slashes" },
	RESOURCES,
	PRINCIPALS,
	{ .name = "allowExternalPrincipals", .type = FIELD_BOOLEAN },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

/* Each list that is given replaces the old one. */
const struct field share_update_fields[] = { RESOURCES, PRINCIPALS, { 0 } };

/* clang-format off */
static const char *const members[] = {
	"id", "arn", "name", "status", "allowExternalPrincipals", "tags", "resourceArns",
	"principals", "createdAt", "lastUpdatedAt", NULL
};
/* clang-format on */

/* Only what is the account's own can be shared, and only networks and services. */
static int check_resources(struct call *c)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(c->body, "resourceArns"), *item;
	struct record *r;
	struct str id;

	cJSON_ArrayForEach (item, list) {
		struct str arn = str_of(item->valuestring);
		enum kind kind =
			id_parse(KIND_SERVICE, arn, &id) ? KIND_SERVICE : KIND_SERVICE_NETWORK;

		if (!str_starts(arn, STR("arn:")) || !id_parse(kind, arn, &id))
			return fault_set_field(&c->fault, "resourceArns",
					       "resourceArns must be ARNs of service networks and "
					       "services");
		if (call_find(c, "resourceArns", kind, arn, &r) < 0)
			return -1;
	}
	return 0;
}

/* Is every principal that may be outside of an organisation allowed to be? */
static int check_principals(struct call *c, const cJSON *share)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(share, "principals"), *item;

	if (!cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(share, "allowExternalPrincipals")))
		return 0;
	cJSON_ArrayForEach (item, list) {
		if (id_is_account(str_of(item->valuestring)))
			return fault_set_field(&c->fault, "principals",
					       "principals must be an organisation or its units "
					       "while allowExternalPrincipals is false");
	}
	return 0;
}

/* "arn:aws:ram:REGION:ACCOUNT:resource-share/ID" */
static struct str share_arn(struct call *c, const struct record *r)
{
	struct str text = arena_printf(
		&c->arena, "arn:aws:ram:" STR_FMT ":" STR_FMT ":resource-share/" STR_FMT,
		STR_ARG(c->region), STR_ARG(r->account), STR_ARG(r->id));

	if (!text.p)
		c->failed = true;
	return text;
}

/* A share by its id, its ARN or its name. */
static int find_share(struct call *c, struct record **ret)
{
	struct str word = c->params[0], slash = STR(":resource-share/");
	struct store_query q = { .kind = KIND_RESOURCE_SHARE, .account = c->account };
	size_t i;

	q.name = word;
	for (i = 0; str_starts(word, STR("arn:")) && i + slash.n < word.n; i++)
		if (str_starts(str_skip(word, i), slash))
			word = str_skip(word, i + slash.n);
	if (id_is_valid(KIND_RESOURCE_SHARE, word)) {
		q.name = STR("");
		q.id = word;
	}
	if (store_list(c->store, &q, &c->arena, ret, &c->fault) < 0)
		return -1;
	if (*ret)
		return 0;
	return fault_set_resource(&c->fault, FAULT_NOT_FOUND, KIND_RESOURCE_SHARE, word,
				  "ResourceShare " STR_FMT " not found", STR_ARG(c->params[0]));
}

int share_create(struct call *c)
{
	struct record *r = call_new_record(c, KIND_RESOURCE_SHARE, json_get_str(c->body, "name"));
	cJSON *body = call_new_object(c);

	if (!r || check_resources(c) < 0)
		return -1;
	call_put(c, body, "resourceArns", cJSON_CreateArray());
	call_put(c, body, "principals", cJSON_CreateArray());
	call_merge(c, body, c->body);
	call_put_str(c, body, "arn", share_arn(c, r));
	call_put_str(c, body, "status", STR("ACTIVE"));
	if (check_principals(c, body) < 0)
		return -1;
	if (call_insert(c, r, body, NULL) < 0 || quota_check(c, QUOTA_SHARES, NULL) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	return 0;
}

int share_get(struct call *c)
{
	struct record *r;

	if (find_share(c, &r) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	return 0;
}

int share_list(struct call *c)
{
	static const struct call_list_view view = { members, NULL };
	struct store_query q = { .kind = KIND_RESOURCE_SHARE };

	return call_list(c, &q, &view);
}

/* Other resources, other principals: each list that is given replaces the old one. */
int share_update(struct call *c)
{
	struct record *r;
	cJSON *body;

	if (find_share(c, &r) < 0 || check_resources(c) < 0)
		return -1;
	body = call_edit(c, r);
	call_merge(c, body, c->body);
	if (check_principals(c, body) < 0 || call_update(c, r, body) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	return 0;
}

int share_delete(struct call *c)
{
	struct record *r;

	return find_share(c, &r) < 0 ? -1 : call_delete(c, r->id);
}
