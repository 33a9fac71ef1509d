/* SPDX-License-Identifier: Apache-2.0 */
/* The calls on a store, whichever implementation is behind it. */
#include "store/store.h"

/* Close @s; a transaction that is open is rolled back. NULL is fine. */
void store_close(struct store *s)
{
	if (s)
		s->ops->close(s);
}

/* Begin a transaction. Returns 0 or -1 with @fault. */
int store_begin(struct store *s, bool writes, struct fault *fault)
{
	return s->ops->begin(s, writes, fault);
}

/* End the transaction. When a commit fails, nothing was changed and none is open any more. */
int store_end(struct store *s, bool commit, struct fault *fault)
{
	return s->ops->end(s, commit, fault);
}

/* The records that @q asks for, in @a. None is no fault: *@ret is then NULL. */
int store_list(struct store *s, const struct store_query *q, struct arena *a, struct record **ret,
	       struct fault *fault)
{
	return s->ops->query(s, q, a, ret, fault);
}

/* How many records @q asks for; its limit is not looked at. */
int store_count(struct store *s, const struct store_query *q, size_t *ret, struct fault *fault)
{
	return s->ops->count(s, q, ret, fault);
}

/* Do one change. When it fails the transaction is to be ended without a commit. */
int store_change(struct store *s, const struct store_change *c, struct fault *fault)
{
	if (c->record)
		s->changes[c->record->kind]++;
	if (c->action == STORE_DELETE)
		s->deletions++;
	return s->ops->change(s, c, fault);
}

/* Changes count when they are tried: what is rolled back only looks like one. */
uint64_t store_version(const struct store *s, enum kind kind)
{
	return s->changes[kind] + s->deletions;
}

/*
 * Fill the rest of @t, of which account, operation and token are known, from what is remembered.
 * None is no fault: the request is empty then.
 */
int store_recall(struct store *s, struct store_token *t, struct arena *a, struct fault *fault)
{
	return s->ops->recall(s, t, a, fault);
}

/* Remember @t, and forget every token that is older than @oldest_ms. */
int store_remember(struct store *s, const struct store_token *t, uint64_t oldest_ms,
		   struct fault *fault)
{
	return s->ops->remember(s, t, oldest_ms, fault);
}

/* The record @id of @kind, which must exist. */
int store_get(struct store *s, enum kind kind, struct str id, struct arena *a, struct record **ret,
	      struct fault *fault)
{
	struct store_query q = { .kind = kind, .id = id, .limit = 1 };
	struct record *found;

	if (store_list(s, &q, a, &found, fault) < 0)
		return -1;
	if (!found)
		return fault_set_resource(fault, FAULT_NOT_FOUND, kind, id,
					  "%s " STR_FMT " not found", kind_names(kind)->word,
					  STR_ARG(id));
	*ret = found;
	return 0;
}

/* How many records hang on @first. */
size_t record_count(const struct record *first)
{
	size_t n = 0;

	for (; first; first = first->next)
		n++;
	return n;
}
