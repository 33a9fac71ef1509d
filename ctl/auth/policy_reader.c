/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a policy document one is, what is wrong there, and JSON's shapes that many elements
 * have. */
#include "auth/policy_reader.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>

/* Refuse the document, saying where we are. Returns -1. */
int policy_reader_refuse(const struct policy_reader *p, const char *format, ...)
{
	struct policy_error *e = p->error;
	char sid[48] = "", number[32] = "document";
	va_list args;

	va_start(args, format);
	vsnprintf(e->why, sizeof(e->why), format, args);
	va_end(args);
	if (p->statement)
		snprintf(number, sizeof(number), "statement %zu", p->statement);
	if (p->now && p->now->sid.n)
		snprintf(sid, sizeof(sid), " (Sid %.32s)", p->now->sid.p);
	snprintf(e->where, sizeof(e->where), "%s%s%s%s%s%s%s%.48s", number, sid,
		 p->element ? ", " : "", p->element ? p->element : "", p->op ? "/" : "",
		 p->op ? p->op : "", p->key ? "/" : "", p->key ? p->key : "");
	return -1;
}

/* Refuse it for want of memory. Returns -1. */
int policy_reader_out_of_memory(const struct policy_reader *p)
{
	return policy_reader_refuse(p, "finds no memory");
}

/* A copy that lives as long as the policy; p is NULL without memory. */
struct str policy_reader_keep(struct policy_reader *p, const char *text)
{
	return arena_copy(&p->policy->arena, str_of(text));
}

/* An object, in which no name stands twice. */
int policy_reader_check_object(struct policy_reader *p, const cJSON *object)
{
	const cJSON *a, *b;
	int count = 0;

	if (!cJSON_IsObject(object))
		return policy_reader_refuse(p, "must be an object");
	for (a = object->child; a; a = a->next) {
		if (++count > POLICY_VALUES_MAX)
			return policy_reader_refuse(p, "has more than %d members",
						    POLICY_VALUES_MAX);
		for (b = a->next; b; b = b->next)
			if (!strcmp(a->string, b->string))
				return policy_reader_refuse(p, "has %.48s twice", a->string);
	}
	return 0;
}

/* One value, as JSON allows a list of one to be written, or the first of a list. */
const cJSON *policy_reader_first(const cJSON *value)
{
	return cJSON_IsArray(value) ? value->child : value;
}

/* The value of a list behind @item, or NULL. */
const cJSON *policy_reader_next(const cJSON *value, const cJSON *item)
{
	return cJSON_IsArray(value) ? item->next : NULL;
}

/* How many strings @value holds; it may be a string or a list of them. */
int policy_reader_count_strings(struct policy_reader *p, const cJSON *value, size_t *ret)
{
	const cJSON *item;

	*ret = 0;
	for (item = policy_reader_first(value); item; item = policy_reader_next(value, item)) {
		if (!cJSON_IsString(item))
			return policy_reader_refuse(p, "must be a string or a list of strings");
		if (!item->valuestring[0])
			return policy_reader_refuse(p, "must not be empty");
		if (++*ret > POLICY_VALUES_MAX)
			return policy_reader_refuse(p, "has more than %d values",
						    POLICY_VALUES_MAX);
	}
	return *ret ? 0 : policy_reader_refuse(p, "must not be an empty list");
}
