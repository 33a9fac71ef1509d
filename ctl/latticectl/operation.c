/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operations, and URIs from it: labels first, then the query. */
#include "latticectl/operation.h"

#include "base/array.h"
#include "latticectl/suggest.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <strings.h>

#define X(name, method, uri, query) { #name, method, uri, query },
static const struct operation operations[] = {
#include "latticectl/operations.def"
};
#undef X

/* Longer than any member name of the API. */
enum { MEMBER_NAME_MAX = 64 };

const struct operation *operation_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (strcasecmp(operations[i].name, name) == 0)
			return &operations[i];
	}
	return NULL;
}

const char *operation_name(size_t at)
{
	return at < ARRAY_SIZE(operations) ? operations[at].name : NULL;
}

const struct operation *operation_nearest(const char *name)
{
	struct suggestion s = { .wanted = name };
	const struct operation *best = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (suggest_try(&s, operations[i].name))
			best = &operations[i];
	}
	return best;
}

static void add_escaped(struct buf *uri, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x80 && (isalnum(c) || strchr("-._~", c)))
			buf_add_char(uri, (char)c);
		else
			buf_addf(uri, "%%%02X", c);
	}
}

/* A string as it is; numbers and booleans as JSON writes them. */
static int add_scalar(struct buf *uri, const struct cJSON *value)
{
	char text[32];

	if (cJSON_IsString(value))
		add_escaped(uri, str_of(value->valuestring));
	else if (cJSON_IsBool(value))
		add_escaped(uri, cJSON_IsTrue(value) ? STR("true") : STR("false"));
	else if (cJSON_IsNumber(value)) {
		snprintf(text, sizeof(text), "%.17g", value->valuedouble);
		add_escaped(uri, str_of(text));
	} else {
		return -EINVAL;
	}
	return 0;
}

static struct cJSON *member_take(struct cJSON *members, struct str name)
{
	char text[MEMBER_NAME_MAX];

	if (name.n >= sizeof(text))
		return NULL;
	snprintf(text, sizeof(text), STR_FMT, STR_ARG(name));
	return cJSON_DetachItemFromObjectCaseSensitive(members, text);
}

static int add_label(struct buf *uri, struct cJSON *members, struct str name)
{
	struct cJSON *value = member_take(members, name);
	bool empty = cJSON_IsString(value) && value->valuestring[0] == '\0';
	int r = value && !empty ? add_scalar(uri, value) : -EINVAL;

	cJSON_Delete(value);
	return r;
}

static int add_query_pair(struct buf *uri, struct str name, const struct cJSON *value, char *sep)
{
	buf_add_char(uri, *sep);
	*sep = '&';
	add_escaped(uri, name);
	buf_add_char(uri, '=');
	return add_scalar(uri, value);
}

/* A list is its name once for each element. */
static int add_query(struct buf *uri, struct cJSON *members, struct str name, char *sep)
{
	struct cJSON *value = member_take(members, name);
	const struct cJSON *item;
	int r = 0;

	if (cJSON_IsArray(value)) {
		cJSON_ArrayForEach (item, value) {
			if (r == 0)
				r = add_query_pair(uri, name, item, sep);
		}
	} else if (value) {
		r = add_query_pair(uri, name, value, sep);
	}
	cJSON_Delete(value);
	return r;
}

int operation_build(const struct operation *op, struct cJSON *members, struct buf *uri,
		    struct str *ret_missing)
{
	struct str rest = str_of(op->uri);
	char sep = '?';
	int r;

	while (rest.n) {
		struct str_cut text = str_cut(rest, '{');
		struct str_cut label = str_cut(text.tail, '}');

		buf_add(uri, text.head);
		if (!text.found)
			break;
		r = add_label(uri, members, label.head);
		if (r < 0) {
			*ret_missing = label.head;
			return r;
		}
		rest = label.tail;
	}
	for (rest = str_of(op->query); rest.n;) {
		struct str_cut name = str_cut(rest, ' ');

		r = add_query(uri, members, name.head, &sep);
		if (r < 0) {
			*ret_missing = name.head;
			return r;
		}
		rest = name.tail;
	}
	return uri->failed ? -ENOMEM : 0;
}
