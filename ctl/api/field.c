/* SPDX-License-Identifier: Apache-2.0 */
/* Checking JSON bodies and query strings against tables of fields. */
#include "api/field.h"

#include "base/num.h"
#include "model/id.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <strings.h>

enum { PATH_BYTES_MAX = 128, QUERY_VALUE_BYTES_MAX = 2048, TAG_KEY_MAX = 128, TAG_VALUE_MAX = 256 };

static int check_value(const cJSON *v, const struct field *f, const char *path,
		       struct fault *fault);

/* How many bytes the UTF-8 character at @p takes; 0 when it is none. @left is at least 1. */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	size_t i;

	if (p[0] > 0xf4 || n > left)
		return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	for (i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static bool is_utf8(struct str s)
{
	while (s.n) {
		size_t n = utf8_len((const unsigned char *)s.p, s.n);

		if (!n)
			return false;
		s = str_skip(s, n);
	}
	return true;
}

static bool is_one_of(struct str s, const char *const *values)
{
	for (; *values; values++)
		if (str_eq(s, str_of(*values)))
			return true;
	return false;
}

/* "must be one of A, B". Returns -1. */
static int refuse_value(const struct field *f, const char *path, struct fault *fault)
{
	char list[160] = "";
	size_t i, n = 0;

	for (i = 0; f->values[i] && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "",
				      f->values[i][0] ? f->values[i] : "empty");
	return fault_set_field(fault, path, "%s must be %s%s", path, i > 1 ? "one of " : "", list);
}

static int check_string(struct str s, const struct field *f, const char *path, struct fault *fault)
{
	struct str id;

	if (f->values)
		return is_one_of(s, f->values) ? 0 : refuse_value(f, path, fault);
	if (f->max && ((int64_t)s.n < f->min || (int64_t)s.n > f->max))
		return fault_set_field(fault, path, "%s must be %lld to %lld characters", path,
				       (long long)f->min, (long long)f->max);
	if (!is_utf8(s))
		return fault_set_field(fault, path, "%s must be UTF-8", path);
	if (f->identifies && !id_parse(f->identifies, s, &id))
		return fault_set_field(fault, path, "%s must be the id or ARN of a %s", path,
				       kind_names(f->identifies)->word);
	if (f->matches && !f->matches(s))
		return fault_set_field(fault, path, "%s must be %s", path, f->expected);
	return 0;
}

static int check_integer(double v, const struct field *f, const char *path, struct fault *fault)
{
	if (v < -9e15 || v > 9e15 || v != (double)(int64_t)v)
		return fault_set_field(fault, path, "%s must be an integer", path);
	if (v < (double)f->min || v > (double)f->max)
		return fault_set_field(fault, path, "%s must be %lld to %lld", path,
				       (long long)f->min, (long long)f->max);
	return 0;
}

static int check_count(const cJSON *v, const struct field *f, const char *path, struct fault *fault)
{
	int count = cJSON_GetArraySize(v);

	if (count >= f->min && count <= f->max)
		return 0;
	if (f->expected)
		return fault_set_field(fault, path, "%s must be %s", path, f->expected);
	return fault_set_field(fault, path, "%s must have %lld to %lld entries", path,
			       (long long)f->min, (long long)f->max);
}

static int check_list(const cJSON *v, const struct field *f, const char *path, struct fault *fault)
{
	char below[PATH_BYTES_MAX];
	const cJSON *item;
	int i = 0;

	if (check_count(v, f, path, fault) < 0)
		return -1;
	cJSON_ArrayForEach (item, v) {
		snprintf(below, sizeof(below), "%s[%d]", path, i++);
		if (check_value(item, f->members, below, fault) < 0)
			return -1;
	}
	return 0;
}

static int check_map(const cJSON *v, const struct field *f, const char *path, struct fault *fault)
{
	const struct field value = { .type = FIELD_STRING, .max = TAG_VALUE_MAX };
	char below[PATH_BYTES_MAX];
	const cJSON *item;

	if (check_count(v, f, path, fault) < 0)
		return -1;
	cJSON_ArrayForEach (item, v) {
		struct str key = str_of(item->string);

		if (!key.n || key.n > TAG_KEY_MAX || !is_utf8(key))
			return fault_set_field(fault, path,
					       "%s has a key that is not 1 to %d "
					       "characters of UTF-8",
					       path, TAG_KEY_MAX);
		if (key.n > 3 && strncasecmp(key.p, "aws:", 4) == 0)
			return fault_set_field(fault, path,
					       "%s has the key %.64s, but aws: is reserved", path,
					       item->string);
		if (cJSON_GetObjectItemCaseSensitive(v, item->string) != item)
			return fault_set_field(fault, path, "%s has the key %.64s twice", path,
					       item->string);
		snprintf(below, sizeof(below), "%s.%s", path, item->string);
		if (!cJSON_IsString(item))
			return fault_set_field(fault, below, "%s must be a string", below);
		if (check_string(str_of(item->valuestring), &value, below, fault) < 0)
			return -1;
	}
	return 0;
}

/* The entry for the member @name in @fields, or NULL. */
static const struct field *find_field(const struct field *fields, struct str name)
{
	for (; fields && fields->name; fields++)
		if (str_eq(name, str_of(fields->name)) || str_eq(STR("*"), str_of(fields->name)))
			return fields;
	return NULL;
}

static void join(char to[PATH_BYTES_MAX], const char *path, const char *name)
{
	snprintf(to, PATH_BYTES_MAX, "%.*s%s%.64s", PATH_BYTES_MAX - 66, path, path[0] ? "." : "",
		 name);
}

static int check_required(const cJSON *object, const struct field *fields, const char *path,
			  struct fault *fault)
{
	char below[PATH_BYTES_MAX];

	for (; fields && fields->name; fields++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, fields->name);

		if (!fields->required || (v && !cJSON_IsNull(v)))
			continue;
		join(below, path, fields->name);
		return fault_set_field(fault, below, "%s is required", below);
	}
	return 0;
}

/* A member that is null counts as absent, as in AWS's protocol. */
static int check_members(const cJSON *object, const struct field *fields, const char *path,
			 struct fault *fault)
{
	char below[PATH_BYTES_MAX];
	const cJSON *item;

	if (!cJSON_IsObject(object))
		return fault_set_field(fault, path, "%s must be an object",
				       path[0] ? path : "the request");
	cJSON_ArrayForEach (item, object) {
		const struct field *f = find_field(fields, str_of(item->string));

		join(below, path, item->string);
		if (!f)
			return fault_set_field(fault, below, "%s is not a member of this request",
					       below);
		if (cJSON_GetObjectItemCaseSensitive(object, item->string) != item)
			return fault_set_field(fault, below, "%s is given twice", below);
		if (!cJSON_IsNull(item) && check_value(item, f, below, fault) < 0)
			return -1;
	}
	return check_required(object, fields, path, fault);
}

static int check_union(const cJSON *v, const struct field *f, const char *path, struct fault *fault)
{
	const cJSON *item;
	int set = 0;

	if (check_members(v, f->members, path, fault) < 0)
		return -1;
	cJSON_ArrayForEach (item, v)
		set += !cJSON_IsNull(item);
	if (set != 1)
		return fault_set_field(fault, path, "%s must have exactly one member", path);
	return 0;
}

static int check_value(const cJSON *v, const struct field *f, const char *path, struct fault *fault)
{
	switch (f->type) {
	case FIELD_STRING:
		if (!cJSON_IsString(v))
			return fault_set_field(fault, path, "%s must be a string", path);
		return check_string(str_of(v->valuestring), f, path, fault);
	case FIELD_INTEGER:
		if (!cJSON_IsNumber(v))
			return fault_set_field(fault, path, "%s must be an integer", path);
		return check_integer(v->valuedouble, f, path, fault);
	case FIELD_BOOLEAN:
		if (!cJSON_IsBool(v))
			return fault_set_field(fault, path, "%s must be true or false", path);
		return 0;
	case FIELD_OBJECT:
		return check_members(v, f->members, path, fault);
	case FIELD_UNION:
		return check_union(v, f, path, fault);
	case FIELD_LIST:
		if (!cJSON_IsArray(v))
			return fault_set_field(fault, path, "%s must be a list", path);
		return check_list(v, f, path, fault);
	case FIELD_MAP:
		if (!cJSON_IsObject(v))
			return fault_set_field(fault, path, "%s must be an object", path);
		return check_map(v, f, path, fault);
	case FIELD_ANY:
		return 0;
	}
	return fault_set(fault, FAULT_INTERNAL, "%s has no type", path);
}

/* Is @object what @fields allow? A NULL table allows no member. */
int field_check_object(const struct cJSON *object, const struct field *fields, struct fault *fault)
{
	return check_members(object, fields, "", fault);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Percent-decode @text into @to, which has room for as many bytes. False: a broken escape or a
 * NUL byte.
 */
bool field_decode(struct str text, char *to, size_t *ret_len)
{
	size_t i, n = 0;

	for (i = 0; i < text.n; i++) {
		int high, low;

		if (text.p[i] != '%') {
			to[n++] = text.p[i];
			continue;
		}
		if (text.n - i < 3)
			return false;
		high = hex_digit(text.p[i + 1]);
		low = hex_digit(text.p[i + 2]);
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return false;
		to[n++] = (char)(high << 4 | low);
		i += 2;
	}
	*ret_len = n;
	return true;
}

/* The text of one parameter as what @f makes of it, checked, or NULL. */
static cJSON *read_value(struct str text, const struct field *f, struct fault *fault)
{
	uint32_t number;

	switch (f->type) {
	case FIELD_STRING:
		if (check_string(text, f, f->name, fault) < 0)
			return NULL;
		return cJSON_CreateString(text.p);
	case FIELD_BOOLEAN:
		if (str_eq(text, STR("true")) || str_eq(text, STR("false")))
			return cJSON_CreateBool(text.p[0] == 't');
		fault_set_field(fault, f->name, "%s must be true or false", f->name);
		return NULL;
	default:
		if (num_parse_u32(text, &number) < 0)
			fault_set_field(fault, f->name, "%s must be an integer", f->name);
		else if (check_integer(number, f, f->name, fault) == 0)
			return cJSON_CreateNumber(number);
		return NULL;
	}
}

/* Add @text to @into as what @f says: by itself or, when @f is a list, at the end of that. */
static int add_value(struct str text, const struct field *f, cJSON *into, struct fault *fault)
{
	cJSON *old = cJSON_GetObjectItemCaseSensitive(into, f->name), *value;
	struct field item = *f;

	if (f->type == FIELD_LIST) {
		item = *f->members;
		item.name = f->name;
	} else if (old) {
		return fault_set_field(fault, f->name, "%s is given twice", f->name);
	}
	fault->code = FAULT_NONE;
	value = read_value(text, &item, fault);
	if (!value)
		return fault->code ? -1 : fault_set(fault, FAULT_INTERNAL, "out of memory");
	if (f->type == FIELD_LIST && !old)
		old = cJSON_AddArrayToObject(into, f->name);
	if (f->type == FIELD_LIST ? cJSON_AddItemToArray(old, value)
				  : cJSON_AddItemToObject(into, f->name, value))
		return 0;
	cJSON_Delete(value);
	return fault_set(fault, FAULT_INTERNAL, "out of memory");
}

/* One "name=value" of the query, checked, into @into. */
static int read_pair(struct str pair, const struct field *fields, cJSON *into, struct fault *fault)
{
	struct str_cut c = str_cut(pair, '=');
	const struct field *f = find_field(fields, c.head);
	char value[QUERY_VALUE_BYTES_MAX + 1];
	size_t n;

	if (!f) {
		char name[65];

		snprintf(name, sizeof(name), STR_FMT, STR_ARG(str_first(c.head, 64)));
		return fault_set_field(fault, name, "%s is not a parameter of this request", name);
	}
	if (c.tail.n > QUERY_VALUE_BYTES_MAX || !field_decode(c.tail, value, &n))
		return fault_set_field(fault, f->name, "%s cannot be decoded", f->name);
	value[n] = '\0';
	return add_value((struct str){ value, n }, f, into, fault);
}

/*
 * Read "a=b&c=d", still percent-encoded, into the object @into: strings, integers, booleans, and
 * lists of those as a name that repeats.
 */
int field_read_query(struct str query, const struct field *fields, struct cJSON *into,
		     struct fault *fault)
{
	const cJSON *v;

	while (query.n) {
		struct str_cut c = str_cut(query, '&');

		query = c.tail;
		if (c.head.n && read_pair(c.head, fields, into, fault) < 0)
			return -1;
	}
	cJSON_ArrayForEach (v, into) {
		const struct field *f = find_field(fields, str_of(v->string));

		if (f->type == FIELD_LIST && check_count(v, f, f->name, fault) < 0)
			return -1;
	}
	return check_required(into, fields, "", fault);
}
