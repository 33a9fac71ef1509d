/* SPDX-License-Identifier: Apache-2.0 */
/* Heads in the form that libnghttp2 wants them: names in lower case, in memory that stays. */
#include "proxy/h2_fields.h"

#include "base/array.h"
#include "base/word.h"

/*
 * Of so many heads one has those values put into the peer's table that are another each time: so
 * their names are there, and need not be said by the others.
 */
enum { HEADS_PER_NAME = 64 };

struct h2_block {
	struct h2_block *older;
	char bytes[];
};

/*
 * Is the value of the field called @name another in each message? Kept in the peer's table it
 * would only push out those that come again.
 */
static bool is_unique(struct str name)
{
	static const struct str names[] = {
		{ "x-amzn-requestid", 16 },
		{ "x-amzn-trace-id", 15 },
		{ "traceparent", 11 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(name, names[i]))
			return true;
	}
	return false;
}

/* @name in lower case; returns its end. What is not whole words is done with the last of them. */
static char *put_lower(char *to, struct str name)
{
	size_t i;

	if (name.n < WORD_BYTES) {
		for (i = 0; i < name.n; i++) {
			char c = name.p[i];

			to[i] = (char)(c + (c >= 'A' && c <= 'Z' ? 'a' - 'A' : 0));
		}
		return to + name.n;
	}
	for (i = 0; i + WORD_BYTES < name.n; i += WORD_BYTES)
		word_store(to + i, word_lower(word_load(name.p + i)));
	i = name.n - WORD_BYTES;
	word_store(to + i, word_lower(word_load(name.p + i)));
	return to + name.n;
}

static struct h2_block *new_block(struct h2_fields *f, const struct head_list *fields)
{
	size_t bytes = 0, i;
	struct h2_block *b;

	for (i = 0; i < fields->count; i++)
		bytes += fields->at[i].name.n + fields->at[i].value.n;
	b = reuse_alloc(f->reuse, sizeof(*b) + bytes);
	if (!b)
		return NULL;
	b->older = f->held;
	f->held = b;
	return b;
}

/* @fields as @ret, with room for as many. Returns how many they are; 0 without memory. */
size_t h2_fields_make(struct h2_fields *f, const struct head_list *fields, nghttp2_nv *ret)
{
	const uint8_t copied = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
	bool says_names = f->heads++ % HEADS_PER_NAME == 0;
	struct h2_block *b = new_block(f, fields);
	char *to;
	size_t i;

	if (!b)
		return 0;
	to = b->bytes;
	for (i = 0; i < fields->count; i++) {
		const struct http_header *h = &fields->at[i];
		nghttp2_nv nv = { (uint8_t *)to, NULL, h->name.n, h->value.n, copied };

		to = put_lower(to, h->name);
		nv.value = (uint8_t *)to;
		if (h->value.n)
			memcpy(to, h->value.p, h->value.n);
		to += h->value.n;
		if (!says_names && is_unique(h->name))
			nv.flags |= NGHTTP2_NV_FLAG_NO_INDEX;
		ret[i] = nv;
	}
	return fields->count;
}

/* No head is queued any more: give back what was held for them. */
void h2_fields_release(struct h2_fields *f)
{
	while (f->held) {
		struct h2_block *b = f->held;

		f->held = b->older;
		reuse_wipe(f->reuse, b); /* credentials are among the values */
	}
}
