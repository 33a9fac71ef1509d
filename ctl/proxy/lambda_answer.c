/* SPDX-License-Identifier: Apache-2.0 */
/*
 * {"statusCode": 200, "headers": {"name": "value"}, "body": "...", "isBase64Encoded": false}, where
 * only the first must be there and others are passed over. A value may also be a list of them. What
 * could not be sent as it stands refuses the whole: a function must not write heads of its own.
 */
#include "proxy/lambda_answer.h"

#include "base/base64.h"
#include "base/json.h"
#include "http/chars.h"

#include <cjson/cJSON.h>

enum { STATUS_MIN = 200, STATUS_MAX = 599 };

static bool read_status(const cJSON *root, unsigned *ret)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(root, "statusCode");

	if (!cJSON_IsNumber(v) || v->valuedouble < STATUS_MIN || v->valuedouble > STATUS_MAX ||
	    v->valuedouble != (unsigned)v->valuedouble)
		return false;
	*ret = (unsigned)v->valuedouble;
	return true;
}

/* @name in lower case; empty when it is no field name. */
static struct str copy_name(struct str name, struct arena *a)
{
	char *copy = name.n ? arena_new(a, char, name.n) : NULL;
	size_t i;

	for (i = 0; copy && i < name.n; i++) {
		if (!char_is(name.p[i], CHAR_TOKEN))
			return STR("");
		copy[i] = (char)str_fold(name.p[i]);
	}
	return (struct str){ copy, copy ? name.n : 0 };
}

static bool is_field_value(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* Of what frames a message and belongs to one connection the function knows nothing. */
static bool is_passed_over(struct str name)
{
	return str_eq(name, STR("content-length")) || http_header_is_of_hop(name);
}

static bool add_header(struct str name, const cJSON *value, struct arena *a,
		       struct http_headers *ret)
{
	struct str text = str_trim(str_of(cJSON_IsString(value) ? value->valuestring : NULL));
	struct http_header *h = &ret->at[ret->count];

	if (!cJSON_IsString(value) || !is_field_value(text) || ret->count == LATTICE_HEADERS_MAX)
		return false;
	h->name = name;
	h->value = text.n ? arena_copy(a, text) : STR("");
	ret->count++;
	return !text.n || h->value.p;
}

static bool read_headers(const cJSON *root, struct arena *a, struct http_headers *ret)
{
	const cJSON *headers = cJSON_GetObjectItemCaseSensitive(root, "headers");
	const cJSON *item, *value;

	ret->count = 0;
	if (!headers || cJSON_IsNull(headers))
		return true;
	if (!cJSON_IsObject(headers))
		return false;
	cJSON_ArrayForEach (item, headers) {
		struct str name = copy_name(str_of(item->string), a);

		if (!name.n)
			return false;
		if (is_passed_over(name))
			continue;
		if (!cJSON_IsArray(item)) {
			if (!add_header(name, item, a, ret))
				return false;
			continue;
		}
		cJSON_ArrayForEach (value, item) {
			if (!add_header(name, value, a, ret))
				return false;
		}
	}
	return true;
}

static bool read_body(const cJSON *root, struct arena *a, struct str *ret)
{
	const cJSON *body = cJSON_GetObjectItemCaseSensitive(root, "body");
	struct str text;
	char *bytes;

	*ret = STR("");
	if (!body || cJSON_IsNull(body))
		return true;
	if (!cJSON_IsString(body))
		return false;
	text = str_of(body->valuestring);
	if (!text.n)
		return true;
	if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "isBase64Encoded"))) {
		*ret = arena_copy(a, text);
		return ret->p != NULL;
	}
	bytes = arena_new(a, char, base64_bytes_max(text.n) + 1);
	if (!bytes || base64_read(text, bytes, &ret->n) < 0)
		return false;
	ret->p = bytes;
	return true;
}

/* A NUL, which JSON may hold and our reader's strings end at. */
static bool has_nul(struct str json)
{
	size_t i;

	for (i = 0; i + 1 < json.n; i++) {
		if (json.p[i] != '\\')
			continue;
		if (str_starts(str_skip(json, ++i), STR("u0000")))
			return true;
	}
	return false;
}

/* False: it is no response, or does not fit into @a. */
bool lambda_answer_parse(struct str json, struct arena *a, struct lambda_answer *ret)
{
	cJSON *root = has_nul(json) ? NULL : json_parse(json);
	bool done = cJSON_IsObject(root) && read_status(root, &ret->status) &&
		    read_headers(root, a, &ret->headers) && read_body(root, a, &ret->body);

	cJSON_Delete(root);
	return done;
}
