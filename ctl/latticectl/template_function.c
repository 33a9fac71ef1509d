/* SPDX-License-Identifier: Apache-2.0 */
/* CloudFormation's functions, each from its argument to what it yields. */
#include "base/array.h"
#include "base/json.h"
#include "base/num.h"
#include "latticectl/template.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_BYTES = 256, TEXT_BYTES_MAX = 1 << 20, CONDITION_DEPTH_MAX = 32 };

#define UNKNOWN "(known after apply)"

static enum template_result fail(struct template *t, const char *function, const char *why)
{
	template_fail(t, "%s: %s", function, why);
	return TEMPLATE_FAILED;
}

/* What a text of @value is; the caller's to free. NULL: it has none. */
static char *text_of(const struct cJSON *value)
{
	if (cJSON_IsString(value))
		return strdup(value->valuestring);
	if (cJSON_IsNumber(value) || cJSON_IsBool(value))
		return cJSON_PrintUnformatted(value);
	return NULL;
}

/* Evaluate @value to a text, the caller's to free, or NULL. */
static char *eval_text(struct template *t, const struct cJSON *value)
{
	struct cJSON *v;
	char *text;

	if (!value || template_eval(t, value, &v) != TEMPLATE_DONE)
		return NULL;
	text = text_of(v);
	cJSON_Delete(v);
	if (!text)
		template_fail(t, "a text is needed where there is none");
	return text;
}

/* "DnsEntry.DomainName" of what the API says of a resource, in whose words it is camel case. */
const struct cJSON *template_attribute(const struct cJSON *live, const char *path)
{
	struct str_cut c = { .tail = str_of(path), .found = true };

	while (c.found && live) {
		char name[WORD_BYTES];

		c = str_cut(c.tail, '.');
		snprintf(name, sizeof(name), STR_FMT, STR_ARG(c.head));
		name[0] = (char)tolower((unsigned char)name[0]);
		live = cJSON_GetObjectItemCaseSensitive(live, name);
	}
	return live;
}

/* The attribute @path of the resource @name, which is no parameter. */
static enum template_result resource_value(struct template *t, const char *name, const char *path,
					   struct cJSON **ret)
{
	const struct cJSON *live = cJSON_GetObjectItemCaseSensitive(t->live, name), *value;

	if (!live) {
		template_fail(t,
			      "%s is skipped or does not exist; give what refers to it a value: "
			      "--set %s%s%s=VALUE",
			      name, name, path ? "." : "", path ? path : "");
		return TEMPLATE_FAILED;
	}
	if (cJSON_IsNull(live)) {
		*ret = cJSON_CreateString(UNKNOWN);
		return TEMPLATE_DONE;
	}
	value = path ? NULL : cJSON_GetObjectItemCaseSensitive(live, TEMPLATE_REF);
	if (!value)
		value = template_attribute(live, path ? path : "Arn");
	if (!value) {
		template_fail(t, "%s has no attribute %s", name, path ? path : "Arn");
		return TEMPLATE_FAILED;
	}
	*ret = cJSON_Duplicate(value, true);
	return TEMPLATE_DONE;
}

/* "Name" as Ref, "Name.Attribute" as GetAtt; whatever was set comes first. */
static enum template_result refer(struct template *t, const char *text, struct cJSON **ret)
{
	const struct cJSON *set = cJSON_GetObjectItemCaseSensitive(t->values, text);
	struct str_cut c = str_cut(str_of(text), '.');
	char name[WORD_BYTES];

	if (strcmp(text, "AWS::NoValue") == 0)
		return TEMPLATE_NO_VALUE;
	if (set) {
		*ret = cJSON_Duplicate(set, true);
		return TEMPLATE_DONE;
	}
	snprintf(name, sizeof(name), STR_FMT, STR_ARG(c.head));
	return resource_value(t, name, c.found ? c.tail.p : NULL, ret);
}

static enum template_result fn_ref(struct template *t, const struct cJSON *arg, struct cJSON **ret)
{
	if (!cJSON_IsString(arg))
		return fail(t, "Ref", "takes a name");
	return refer(t, arg->valuestring, ret);
}

static enum template_result fn_get_att(struct template *t, const struct cJSON *arg,
				       struct cJSON **ret)
{
	const struct cJSON *name = cJSON_GetArrayItem(arg, 0), *path = cJSON_GetArrayItem(arg, 1);
	char text[2 * WORD_BYTES];

	if (cJSON_IsString(arg) && strchr(arg->valuestring, '.'))
		return refer(t, arg->valuestring, ret);
	if (!cJSON_IsString(name) || !cJSON_IsString(path))
		return fail(t, "Fn::GetAtt", "takes a resource and an attribute");
	snprintf(text, sizeof(text), "%s.%s", name->valuestring, path->valuestring);
	return refer(t, text, ret);
}

/* Add what "${@name}" stands for to @out. */
static int substitute(struct template *t, struct str name, const struct cJSON *map, struct buf *out)
{
	char text[WORD_BYTES], *value;
	struct cJSON *v = NULL;
	const struct cJSON *own;

	if (str_starts(name, STR("!"))) {
		buf_addf(out, "${" STR_FMT "}", STR_ARG(str_skip(name, 1)));
		return 0;
	}
	snprintf(text, sizeof(text), STR_FMT, STR_ARG(name));
	own = cJSON_GetObjectItemCaseSensitive(map, text);
	if ((own ? template_eval(t, own, &v) : refer(t, text, &v)) != TEMPLATE_DONE)
		return -1;
	value = text_of(v);
	cJSON_Delete(v);
	if (!value)
		return template_fail(t, "Fn::Sub: %s is not a text", text);
	buf_add(out, str_of(value));
	free(value);
	return 0;
}

static enum template_result fn_sub(struct template *t, const struct cJSON *arg, struct cJSON **ret)
{
	const struct cJSON *format = cJSON_IsArray(arg) ? cJSON_GetArrayItem(arg, 0) : arg;
	const struct cJSON *map = cJSON_GetArrayItem(cJSON_IsArray(arg) ? arg : NULL, 1);
	enum template_result r = TEMPLATE_DONE;
	struct str rest;
	struct buf out;

	if (!cJSON_IsString(format))
		return fail(t, "Fn::Sub", "takes a text");
	buf_init(&out, TEXT_BYTES_MAX);
	rest = str_of(format->valuestring);
	while (rest.n && r == TEMPLATE_DONE) {
		struct str_cut c;

		if (!str_starts(rest, STR("${"))) {
			buf_add_char(&out, rest.p[0]);
			rest = str_skip(rest, 1);
			continue;
		}
		c = str_cut(str_skip(rest, 2), '}');
		rest = c.tail;
		if (substitute(t, c.head, map, &out) < 0)
			r = TEMPLATE_FAILED;
	}
	buf_add_char(&out, '\0');
	if (r == TEMPLATE_DONE)
		*ret = cJSON_CreateString(buf_str(&out).p);
	buf_fini(&out);
	return r;
}

static enum template_result fn_join(struct template *t, const struct cJSON *arg, struct cJSON **ret)
{
	const struct cJSON *separator = cJSON_GetArrayItem(arg, 0), *item;
	struct cJSON *list = NULL;
	struct buf out;

	if (!cJSON_IsString(separator) || !cJSON_GetArrayItem(arg, 1))
		return fail(t, "Fn::Join", "takes a text and a list");
	if (template_eval(t, cJSON_GetArrayItem(arg, 1), &list) != TEMPLATE_DONE)
		return TEMPLATE_FAILED;
	buf_init(&out, TEXT_BYTES_MAX);
	cJSON_ArrayForEach (item, list) {
		char *text = text_of(item);

		if (item != list->child)
			buf_add(&out, str_of(separator->valuestring));
		buf_add(&out, str_of(text ? text : ""));
		free(text);
	}
	buf_add_char(&out, '\0');
	*ret = cJSON_CreateString(buf_str(&out).p);
	buf_fini(&out);
	cJSON_Delete(list);
	return TEMPLATE_DONE;
}

static enum template_result fn_select(struct template *t, const struct cJSON *arg,
				      struct cJSON **ret)
{
	char *text = eval_text(t, cJSON_GetArrayItem(arg, 0));
	const struct cJSON *from = cJSON_GetArrayItem(arg, 1);
	struct cJSON *list = NULL;
	enum template_result r = TEMPLATE_FAILED;
	uint32_t at = 0;
	bool is_index = text && num_parse_u32(str_of(text), &at) == 0 && at <= INT32_MAX;

	free(text);
	if (!is_index || !from)
		return fail(t, "Fn::Select", "takes an index and a list");
	if (template_eval(t, from, &list) != TEMPLATE_DONE)
		return TEMPLATE_FAILED;
	if (cJSON_GetArrayItem(list, (int)at)) {
		*ret = cJSON_DetachItemFromArray(list, (int)at);
		r = TEMPLATE_DONE;
	} else {
		fail(t, "Fn::Select", "the list is too short");
	}
	cJSON_Delete(list);
	return r;
}

static enum template_result fn_split(struct template *t, const struct cJSON *arg,
				     struct cJSON **ret)
{
	const struct cJSON *separator = cJSON_GetArrayItem(arg, 0);
	char *text, *rest, *next;
	size_t n;

	if (!cJSON_IsString(separator) || !separator->valuestring[0])
		return fail(t, "Fn::Split", "takes a text and a text");
	text = eval_text(t, cJSON_GetArrayItem(arg, 1));
	if (!text)
		return TEMPLATE_FAILED;
	n = strlen(separator->valuestring);
	*ret = cJSON_CreateArray();
	for (rest = text; rest; rest = next) {
		next = strstr(rest, separator->valuestring);
		if (next) {
			*next = '\0';
			next += n;
		}
		cJSON_AddItemToArray(*ret, cJSON_CreateString(rest));
	}
	free(text);
	return TEMPLATE_DONE;
}

/* What another stack exports is not kept anywhere: it is given as a parameter is. */
static enum template_result fn_import_value(struct template *t, const struct cJSON *arg,
					    struct cJSON **ret)
{
	char *name = eval_text(t, arg);
	const struct cJSON *set = cJSON_GetObjectItemCaseSensitive(t->values, name ? name : "");

	if (!name)
		return TEMPLATE_FAILED;
	if (set)
		*ret = cJSON_Duplicate(set, true);
	else
		template_fail(t, "Fn::ImportValue: give %s a value: --set %s=VALUE", name, name);
	free(name);
	return set ? TEMPLATE_DONE : TEMPLATE_FAILED;
}

static enum template_result fn_find_in_map(struct template *t, const struct cJSON *arg,
					   struct cJSON **ret)
{
	const struct cJSON *at = cJSON_GetObjectItemCaseSensitive(t->root, "Mappings");
	int i;

	for (i = 0; i < 3; i++) {
		char *key = eval_text(t, cJSON_GetArrayItem(arg, i));

		if (!key)
			return TEMPLATE_FAILED;
		at = cJSON_GetObjectItemCaseSensitive(at, key);
		if (!at)
			template_fail(t, "Fn::FindInMap: there is no %s", key);
		free(key);
		if (!at)
			return TEMPLATE_FAILED;
	}
	*ret = cJSON_Duplicate(at, true);
	return TEMPLATE_DONE;
}

/* Conditions */

/* The condition called @name: 1, 0, or -1 with a fault. */
static int condition_holds(struct template *t, const char *name)
{
	const struct cJSON *conditions = cJSON_GetObjectItemCaseSensitive(t->root, "Conditions");
	const struct cJSON *condition = cJSON_GetObjectItemCaseSensitive(conditions, name);
	struct cJSON *v;
	int holds = -1;

	if (!condition || t->depth > CONDITION_DEPTH_MAX)
		return template_fail(t, "the condition %s %s", name,
				     condition ? "refers to itself" : "does not exist");
	t->depth++;
	if (template_eval(t, condition, &v) == TEMPLATE_DONE) {
		holds = cJSON_IsTrue(v);
		cJSON_Delete(v);
	}
	t->depth--;
	return holds;
}

static enum template_result fn_condition(struct template *t, const struct cJSON *arg,
					 struct cJSON **ret)
{
	int holds = cJSON_IsString(arg) ? condition_holds(t, arg->valuestring)
					: template_fail(t, "Condition: takes a name");

	if (holds < 0)
		return TEMPLATE_FAILED;
	*ret = cJSON_CreateBool(holds);
	return TEMPLATE_DONE;
}

static enum template_result fn_if(struct template *t, const struct cJSON *arg, struct cJSON **ret)
{
	const struct cJSON *name = cJSON_GetArrayItem(arg, 0);
	int holds;

	if (!cJSON_IsString(name) || cJSON_GetArraySize(arg) != 3)
		return fail(t, "Fn::If", "takes a condition and two values");
	holds = condition_holds(t, name->valuestring);
	if (holds < 0)
		return TEMPLATE_FAILED;
	return template_eval(t, cJSON_GetArrayItem(arg, holds ? 1 : 2), ret);
}

static enum template_result fn_equals(struct template *t, const struct cJSON *arg,
				      struct cJSON **ret)
{
	char *a = eval_text(t, cJSON_GetArrayItem(arg, 0));
	char *b = eval_text(t, cJSON_GetArrayItem(arg, 1));
	enum template_result r = a && b ? TEMPLATE_DONE : TEMPLATE_FAILED;

	if (r == TEMPLATE_DONE)
		*ret = cJSON_CreateBool(strcmp(a, b) == 0);
	else if (!t->fault[0])
		fail(t, "Fn::Equals", "takes two texts");
	free(a);
	free(b);
	return r;
}

/* How many conditions of the list @arg hold. -1: one cannot be told. */
static int count_true(struct template *t, const struct cJSON *arg)
{
	const struct cJSON *item;
	int n = 0;

	cJSON_ArrayForEach (item, arg) {
		struct cJSON *v;

		if (template_eval(t, item, &v) != TEMPLATE_DONE)
			return -1;
		n += cJSON_IsTrue(v);
		cJSON_Delete(v);
	}
	return n;
}

static enum template_result fn_and(struct template *t, const struct cJSON *arg, struct cJSON **ret)
{
	int n = count_true(t, arg);

	if (n < 0)
		return TEMPLATE_FAILED;
	*ret = cJSON_CreateBool(n == cJSON_GetArraySize(arg));
	return TEMPLATE_DONE;
}

static enum template_result fn_or(struct template *t, const struct cJSON *arg, struct cJSON **ret)
{
	int n = count_true(t, arg);

	if (n < 0)
		return TEMPLATE_FAILED;
	*ret = cJSON_CreateBool(n > 0);
	return TEMPLATE_DONE;
}

static enum template_result fn_not(struct template *t, const struct cJSON *arg, struct cJSON **ret)
{
	int n = count_true(t, arg);

	if (n < 0)
		return TEMPLATE_FAILED;
	*ret = cJSON_CreateBool(n == 0);
	return TEMPLATE_DONE;
}

static const struct {
	const char *name;
	enum template_result (*run)(struct template *, const struct cJSON *, struct cJSON **);
} functions[] = {
	/* clang-format off */
	{ "Ref", fn_ref },
	{ "Fn::GetAtt", fn_get_att },
	{ "Fn::Sub", fn_sub },
	{ "Fn::Join", fn_join },
	{ "Fn::Select", fn_select },
	{ "Fn::Split", fn_split },
	{ "Fn::ImportValue", fn_import_value },
	{ "Fn::FindInMap", fn_find_in_map },
	{ "Fn::If", fn_if },
	{ "Fn::Equals", fn_equals },
	{ "Fn::And", fn_and },
	{ "Fn::Or", fn_or },
	{ "Fn::Not", fn_not },
	{ "Condition", fn_condition },
	/* clang-format on */
};

/*
 * An object of one member that is called like a function. A policy's statement may have a
 * Condition: that one's value is an object.
 */
bool template_is_function(const struct cJSON *value)
{
	const struct cJSON *only = cJSON_IsObject(value) ? value->child : NULL;

	if (!only || only->next)
		return false;
	if (strcmp(only->string, "Condition") == 0)
		return cJSON_IsString(only);
	return strcmp(only->string, "Ref") == 0 || strncmp(only->string, "Fn::", 4) == 0;
}

enum template_result template_function(struct template *t, const struct cJSON *call,
				       struct cJSON **ret)
{
	const struct cJSON *arg = call->child;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(functions); i++)
		if (strcmp(arg->string, functions[i].name) == 0)
			return functions[i].run(t, arg, ret);
	template_fail(t, "%s is not supported", arg->string);
	return TEMPLATE_FAILED;
}
