/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of an outgoing head, as text or as a list. */
#include "http/head_out.h"

void head_list_add(struct head_list *l, struct str name, struct str value)
{
	if (l->count == HEAD_LIST_MAX) {
		l->failed = true;
		return;
	}
	l->at[l->count++] = (struct http_header){ name, value };
}

/* An empty list, whose values may take what its own room does not hold from @arena. */
void head_list_init(struct head_list *l, struct arena *arena)
{
	l->arena = arena;
	l->count = 0;
	l->failed = false;
	l->used = 0;
}

/* Memory for a value of @n bytes; NULL, and failed, when the arena is spent. */
static char *value_memory(struct head_list *l, size_t n)
{
	char *p;

	if (n <= sizeof(l->room) - l->used) {
		p = l->room + l->used;
		l->used += n;
		return p;
	}
	p = arena_new(l->arena, char, n + 1);
	if (!p)
		l->failed = true;
	return p;
}

void head_out_u64(const struct head_out *o, struct str name, uint64_t value)
{
	char digits[20];
	size_t n = sizeof(digits);
	char *p;

	if (o->text) {
		h1_write_header_u64(o->text, name, value);
		return;
	}
	do
		digits[--n] = (char)('0' + value % 10);
	while (value /= 10);
	p = value_memory(o->list, sizeof(digits) - n);
	if (!p)
		return;
	memcpy(p, digits + n, sizeof(digits) - n);
	head_list_add(o->list, name, (struct str){ p, sizeof(digits) - n });
}

static void join_text(struct buf *to, struct str name, const struct str *parts, size_t n)
{
	size_t i;

	buf_add(to, name);
	buf_add_lit(to, ": ");
	for (i = 0; i < n; i++)
		buf_add(to, parts[i]);
	buf_add_lit(to, "\r\n");
}

static void join_list(struct head_list *l, struct str name, const struct str *parts, size_t n)
{
	size_t bytes = 0, i;
	char *p, *end;

	for (i = 0; i < n; i++)
		bytes += parts[i].n;
	p = value_memory(l, bytes);
	if (!p)
		return;
	for (end = p, i = 0; i < n; i++) {
		if (parts[i].n)
			memcpy(end, parts[i].p, parts[i].n);
		end += parts[i].n;
	}
	head_list_add(l, name, (struct str){ p, bytes });
}

/* A field whose value is the @n @parts, one behind the other. */
void head_out_joined(const struct head_out *o, struct str name, const struct str *parts, size_t n)
{
	if (o->text)
		join_text(o->text, name, parts, n);
	else
		join_list(o->list, name, parts, n);
}
