/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lambda functions, which AWS leaves to Lambda: a name, the ARN by which target groups hold it, and
 * the endpoint at which Lambda's Invoke is called for it.
 */
#include "api/endpoint_state.h"
#include "api/form.h"
#include "api/function_keys.h"
#include "api/handlers.h"
#include "base/array.h"
#include "base/json.h"
#include "model/endpoint.h"
#include "model/function_arn.h"

#include <cjson/cJSON.h>

static bool is_endpoint(struct str s)
{
	struct endpoint e;

	return endpoint_parse(s, &e) == 0;
}

static bool is_unqualified_arn(struct str s)
{
	struct function_arn arn;

	return function_arn_parse(s, &arn) && str_eq(arn.unqualified, s);
}

/* clang-format off */
#define FORM_ENDPOINT                                                                  \
	.name = "endpoint", .type = FIELD_STRING, .min = 1, .max = ENDPOINT_BYTES_MAX, \
	.matches = is_endpoint,                                                        \
	.expected = "http:// or https:// and a name or an address, with a port and a path if so"
/* clang-format on */

const struct field function_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = FUNCTION_NAME_BYTES_MAX,
	  .matches = function_name_is_valid,
	  .expected = "letters, digits, - and _" },
	{ .name = "functionArn",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = FUNCTION_ARN_BYTES_MAX,
	  .matches = is_unqualified_arn,
	  .expected = "the ARN of a Lambda function, without a qualifier" },
	{ FORM_ENDPOINT, .required = true },
	FORM_CREDENTIALS,
	FORM_AUTHORITY,
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

const struct field function_update_fields[] = {
	{ FORM_ENDPOINT },
	FORM_CREDENTIALS,
	{ .name = "removeCredentials", .type = FIELD_BOOLEAN },
	FORM_AUTHORITY,
	{ 0 },
};

static const char *const members[] = { "id",	   "name",	  "functionArn",
				       "endpoint", "accessKeyId", "certificateAuthority",
				       "tags",	   "createdAt",	  "lastUpdatedAt",
				       NULL };

/* Change what of @body the request says of the endpoint; together it must make sense. */
static int put_endpoint(struct call *c, struct str id, cJSON *body)
{
	static const char *const changed[] = { "endpoint", "certificateAuthority" };
	struct endpoint e;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(changed); i++) {
		const cJSON *given = cJSON_GetObjectItemCaseSensitive(c->body, changed[i]);

		if (given)
			call_replace(c, body, changed[i], given);
	}
	if (!json_get_str(body, "certificateAuthority").n)
		cJSON_DeleteItemFromObjectCaseSensitive(body, "certificateAuthority");
	else if (endpoint_parse(json_get_str(body, "endpoint"), &e) || !e.is_tls)
		return fault_set_field(&c->fault, "certificateAuthority",
				       "certificateAuthority goes with an endpoint of https");
	return function_keys_put(c, id, body);
}

/* The name and ARN of the new function, each from the other if need be. */
static int read_names(struct call *c, struct str *ret_name, struct str *ret_arn)
{
	struct function_arn arn;

	*ret_name = json_get_str(c->body, "name");
	*ret_arn = json_get_str(c->body, "functionArn");
	if (!ret_name->n && !ret_arn->n)
		return fault_set_field(&c->fault, "name", "name or functionArn must be given");
	if (!ret_arn->n)
		*ret_arn = arena_printf(
			&c->arena, "arn:aws:lambda:" STR_FMT ":" STR_FMT ":function:" STR_FMT,
			STR_ARG(c->region), STR_ARG(c->account), STR_ARG(*ret_name));
	if (!ret_arn->p || !function_arn_parse(*ret_arn, &arn))
		return fault_set(&c->fault, FAULT_INTERNAL, "no ARN of a function");
	if (ret_name->n && !str_eq(*ret_name, arn.name))
		return fault_set_field(&c->fault, "name", "name is not that of functionArn");
	*ret_name = arn.name;
	return 0;
}

int function_create(struct call *c)
{
	struct str name, arn;
	struct record *r;
	cJSON *body = call_new_object(c);

	if (read_names(c, &name, &arn) < 0)
		return -1;
	r = call_new_record(c, KIND_FUNCTION, name);
	if (!r)
		return -1;
	call_put_str(c, body, "functionArn", arn);
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
	if (put_endpoint(c, r->id, body) < 0 || call_insert(c, r, body, NULL) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, members, c->answer);
	return 0;
}

int function_get(struct call *c)
{
	struct record *r;

	if (call_find_param(c, 0, KIND_FUNCTION, &r) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	endpoint_state_put(c, json_get_str(c->answer, "endpoint"), c->answer);
	return 0;
}

int function_list(struct call *c)
{
	static const struct call_list_view view = { members, NULL };
	struct store_query q = { .kind = KIND_FUNCTION };

	return call_list(c, &q, &view);
}

/* Its targets are called so from now on; what is not said stays as it is. */
int function_update(struct call *c)
{
	struct record *r;
	cJSON *body;

	if (call_find_param(c, 0, KIND_FUNCTION, &r) < 0)
		return -1;
	body = call_edit(c, r);
	if (put_endpoint(c, r->id, body) < 0 || call_update(c, r, body) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, members, c->answer);
	return 0;
}

int function_delete(struct call *c)
{
	struct record *r;

	if (call_find_param(c, 0, KIND_FUNCTION, &r) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}
