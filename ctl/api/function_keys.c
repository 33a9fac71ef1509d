/* SPDX-License-Identifier: Apache-2.0 */
/* No answer ever has a secret; only the id of the key that it belongs to is shown. */
#include "api/function_keys.h"

#include "auth/access_key.h"
#include "auth/vault.h"
#include "base/array.h"
#include "base/json.h"
#include "model/function_arn.h"

#include <cjson/cJSON.h>

enum { KEY_ID_BYTES_MAX = 128, TOKEN_BYTES_MAX = 8192 };

/* What can be in a header field, and in one word. */
static bool is_word(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == ',')
			return false;
	return true;
}

static bool is_key_id(struct str s)
{
	return is_word(s) && !memchr(s.p, '/', s.n);
}

const struct field function_credentials_fields[] = {
	{ .name = "accessKeyId",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = KEY_ID_BYTES_MAX,
	  .matches = is_key_id,
	  .expected = "one word" },
	{ .name = "secretAccessKey",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = ACCESS_KEY_SECRET_BYTES_MAX,
	  .matches = is_word,
	  .expected = "one word" },
	{ .name = "sessionToken",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = TOKEN_BYTES_MAX,
	  .matches = is_word,
	  .expected = "one word" },
	{ 0 },
};

/* Put @secret, sealed under @label, into @body as @name, and wipe it where it came from. */
static int seal(struct call *c, struct str label, struct str secret, const char *name, cJSON *body)
{
	struct str sealed = { 0 };

	if (c->vault && label.p)
		sealed = vault_seal(c->vault, &c->arena, label, secret);
	explicit_bzero((char *)secret.p, secret.n);
	if (!sealed.p)
		return fault_set(&c->fault, FAULT_INTERNAL, "the secret cannot be sealed");
	call_put_str(c, body, name, sealed);
	return 0;
}

static void remove_all(cJSON *body)
{
	static const char *const names[] = { "accessKeyId", "sealedSecret", "sealedToken" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(body, names[i]);
}

/*
 * Put what the request says of credentials into @body, that of the function @id. Its secrets are
 * wiped from the request.
 */
int function_keys_put(struct call *c, struct str id, cJSON *body)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(c->body, "credentials");
	bool is_end = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(c->body, "removeCredentials"));
	struct str token = json_get_str(given, "sessionToken");

	if (given && is_end)
		return fault_set_field(&c->fault, "removeCredentials",
				       "removeCredentials does not go with credentials");
	/* What was asked with a token is kept, to be compared. */
	if (given && json_get_str(c->body, "clientToken").n)
		return fault_set_field(&c->fault, "clientToken",
				       "clientToken does not go with credentials");
	if (given || is_end)
		remove_all(body);
	if (!given)
		return 0;
	call_put_str(c, body, "accessKeyId", json_get_str(given, "accessKeyId"));
	if (seal(c, id, json_get_str(given, "secretAccessKey"), "sealedSecret", body) < 0)
		return -1;
	if (!token.n)
		return 0;
	return seal(c, arena_printf(&c->arena, STR_FMT FUNCTION_TOKEN_LABEL_END, STR_ARG(id)),
		    token, "sealedToken", body);
}
