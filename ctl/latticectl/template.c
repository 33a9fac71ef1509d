/* SPDX-License-Identifier: Apache-2.0 */
/* Loading templates, their parameters, the order of their resources, and evaluation. */
#include "latticectl/template.h"

#include "base/json.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* CloudFormation takes a megabyte. */
enum { TEMPLATE_BYTES_MAX = 1 << 20, READ_BYTES = 16 << 10, NAME_BYTES = 256 };

int template_fail(struct template *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(t->fault, sizeof(t->fault), format, ap);
	va_end(ap);
	return -1;
}

static struct cJSON *read_json(struct template *t, FILE *from, const char *path)
{
	struct cJSON *value = NULL;
	struct buf in;
	char *room;
	size_t n;

	buf_init(&in, TEMPLATE_BYTES_MAX);
	while ((room = buf_reserve(&in, READ_BYTES)) && (n = fread(room, 1, READ_BYTES, from)) > 0)
		buf_commit(&in, n);
	if (ferror(from))
		template_fail(t, "%s cannot be read: %s", path, strerror(errno));
	else if (!room)
		template_fail(t, "%s is longer than a template may be", path);
	else if (!(value = json_parse(buf_str(&in))))
		template_fail(t, "%s is not JSON", path);
	buf_fini(&in);
	return value;
}

/* Read the template at @path; "-" is the standard input. */
int template_load(struct template *t, const char *path)
{
	bool from_stdin = strcmp(path, "-") == 0;
	FILE *from = from_stdin ? stdin : fopen(path, "re");

	*t = (struct template){ .values = cJSON_CreateObject(), .live = cJSON_CreateObject() };
	if (!from)
		return template_fail(t, "%s cannot be opened: %s", path, strerror(errno));
	t->root = read_json(t, from, path);
	if (!from_stdin)
		fclose(from);
	if (!t->root)
		return -1;
	if (!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(t->root, "Resources")))
		return template_fail(t, "%s has no Resources", path);
	return 0;
}

void template_fini(struct template *t)
{
	cJSON_Delete(t->root);
	cJSON_Delete(t->values);
	cJSON_Delete(t->live);
}

/* NAME=VALUE from a command line: a parameter, or what stands for a resource that is skipped. */
int template_set(struct template *t, const char *text)
{
	const char *equals = strchr(text, '=');
	char name[NAME_BYTES];
	size_t n = equals ? (size_t)(equals - text) : 0;

	if (!n || n >= sizeof(name))
		return template_fail(t, "'%s' is not NAME=VALUE", text);
	memcpy(name, text, n);
	name[n] = '\0';
	cJSON_DeleteItemFromObjectCaseSensitive(t->values, name);
	cJSON_AddStringToObject(t->values, name, equals + 1);
	return 0;
}

static struct cJSON *split_commas(struct str text)
{
	struct str_cut c = { .tail = text, .found = true };
	struct cJSON *list = cJSON_CreateArray();

	while (c.found) {
		char item[NAME_BYTES];

		c = str_cut(c.tail, ',');
		snprintf(item, sizeof(item), STR_FMT, STR_ARG(c.head));
		cJSON_AddItemToArray(list, cJSON_CreateString(item));
	}
	return list;
}

/* Every parameter has a value from now on: the one that was set, or its default. */
int template_settle_parameters(struct template *t)
{
	const struct cJSON *parameters = cJSON_GetObjectItemCaseSensitive(t->root, "Parameters");
	const struct cJSON *p;

	cJSON_ArrayForEach (p, parameters) {
		const struct cJSON *value = cJSON_GetObjectItemCaseSensitive(t->values, p->string);
		struct str type = json_get_str(p, "Type");
		struct cJSON *list;

		if (!value) {
			value = cJSON_GetObjectItemCaseSensitive(p, "Default");
			if (!value)
				return template_fail(
					t, "the parameter %s needs a value: --set %s=VALUE",
					p->string, p->string);
			cJSON_AddItemToObject(t->values, p->string, cJSON_Duplicate(value, true));
		}
		if (!cJSON_IsString(value) ||
		    (!str_eq(type, STR("CommaDelimitedList")) && !str_starts(type, STR("List<"))))
			continue;
		list = split_commas(str_of(value->valuestring));
		cJSON_DeleteItemFromObjectCaseSensitive(t->values, p->string);
		cJSON_AddItemToObject(t->values, p->string, list);
	}
	return 0;
}

/* Evaluation */

static enum template_result eval_members(struct template *t, const struct cJSON *value,
					 struct cJSON *to)
{
	const struct cJSON *item;

	cJSON_ArrayForEach (item, value) {
		struct cJSON *v;

		switch (template_eval(t, item, &v)) {
		case TEMPLATE_FAILED:
			return TEMPLATE_FAILED;
		case TEMPLATE_NO_VALUE:
			continue;
		case TEMPLATE_DONE:
			break;
		}
		if (cJSON_IsArray(to))
			cJSON_AddItemToArray(to, v);
		else
			cJSON_AddItemToObject(to, item->string, v);
	}
	return TEMPLATE_DONE;
}

/* A copy of @value in which every function was replaced by what it yields. */
enum template_result template_eval(struct template *t, const struct cJSON *value,
				   struct cJSON **ret)
{
	if (template_is_function(value))
		return template_function(t, value, ret);
	if (!cJSON_IsObject(value) && !cJSON_IsArray(value)) {
		*ret = cJSON_Duplicate(value, true);
		return TEMPLATE_DONE;
	}
	*ret = cJSON_IsArray(value) ? cJSON_CreateArray() : cJSON_CreateObject();
	if (eval_members(t, value, *ret) == TEMPLATE_DONE)
		return TEMPLATE_DONE;
	cJSON_Delete(*ret);
	return TEMPLATE_FAILED;
}

/* Does the condition of @resource, if it has one, hold? */
int template_is_wanted(struct template *t, const struct cJSON *resource, bool *ret)
{
	const struct cJSON *name = cJSON_GetObjectItemCaseSensitive(resource, "Condition");
	struct cJSON *call, *holds;
	enum template_result r;

	*ret = true;
	if (!name)
		return 0;
	call = cJSON_CreateObject();
	cJSON_AddItemToObject(call, "Condition", cJSON_Duplicate(name, true));
	r = template_eval(t, call, &holds);
	cJSON_Delete(call);
	if (r != TEMPLATE_DONE)
		return -1;
	*ret = cJSON_IsTrue(holds);
	cJSON_Delete(holds);
	return 0;
}

/* Order */

/* The name before the first dot of @text, if a resource is called so. */
static const struct cJSON *resource_named(const struct template *t, struct str text)
{
	struct str head = str_cut(text, '.').head;
	char name[NAME_BYTES];

	snprintf(name, sizeof(name), STR_FMT, STR_ARG(head));
	return cJSON_GetObjectItemCaseSensitive(
		cJSON_GetObjectItemCaseSensitive(t->root, "Resources"), name);
}

static bool is_placed(const struct cJSON *resource, const struct cJSON *const *placed, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (placed[i] == resource)
			return true;
	return false;
}

struct placing {
	const struct template *t;
	const struct cJSON *const *placed;
	size_t count;
};

static bool may_follow(const struct placing *p, struct str name)
{
	const struct cJSON *r = resource_named(p->t, name);

	return !r || is_placed(r, p->placed, p->count);
}

/* Is every resource that "${NAME}" in @text names placed? */
static bool text_may_follow(const struct placing *p, struct str text)
{
	struct str_cut c = { .tail = text, .found = true };

	while (c.found) {
		c = str_cut(c.tail, '$');
		if (c.found && str_starts(c.tail, STR("{")) &&
		    !may_follow(p, str_cut(str_skip(c.tail, 1), '}').head))
			return false;
	}
	return true;
}

/* Is every resource that @value refers to placed? @key: the member that it is. */
static bool value_may_follow(const struct placing *p, const struct cJSON *value, const char *key)
{
	const struct cJSON *item;

	if (cJSON_IsString(value) && key &&
	    (strcmp(key, "Ref") == 0 || strcmp(key, "Fn::GetAtt") == 0 ||
	     strcmp(key, "DependsOn") == 0))
		return may_follow(p, str_of(value->valuestring));
	if (cJSON_IsString(value))
		return !key || strcmp(key, "Fn::Sub") != 0 ||
		       text_may_follow(p, str_of(value->valuestring));
	cJSON_ArrayForEach (item, value) {
		const char *name = item->string;

		/* Of a list, the function's first entry is what a lone text would be. */
		if (!name && (item == value->child || (key && strcmp(key, "DependsOn") == 0)))
			name = key;
		if (!value_may_follow(p, item, name))
			return false;
	}
	return true;
}

/* The resources, each behind all that it refers to or depends on. */
int template_order(struct template *t, const struct cJSON *ret[TEMPLATE_RESOURCES_MAX],
		   size_t *ret_count)
{
	const struct cJSON *all = cJSON_GetObjectItemCaseSensitive(t->root, "Resources"), *r;
	size_t total = (size_t)cJSON_GetArraySize(all), before;
	struct placing p = { t, ret, 0 };

	if (total > TEMPLATE_RESOURCES_MAX)
		return template_fail(t, "a template may have %d resources, not %zu",
				     TEMPLATE_RESOURCES_MAX, total);
	do {
		before = p.count;
		cJSON_ArrayForEach (r, all) {
			const struct cJSON *properties =
				cJSON_GetObjectItemCaseSensitive(r, "Properties");
			const struct cJSON *after =
				cJSON_GetObjectItemCaseSensitive(r, "DependsOn");

			if (is_placed(r, ret, p.count) || !value_may_follow(&p, properties, NULL) ||
			    !value_may_follow(&p, after, "DependsOn"))
				continue;
			ret[p.count++] = r;
		}
	} while (p.count > before);
	cJSON_ArrayForEach (r, all) {
		if (!is_placed(r, ret, p.count))
			return template_fail(t, "%s refers to itself through others", r->string);
	}
	*ret_count = p.count;
	return 0;
}
