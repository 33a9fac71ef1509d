/* SPDX-License-Identifier: Apache-2.0 */
/* The calls on a store, whichever implementation is behind it. */
#include "store/store.h"

#include <stdlib.h>

/* What finding the root of one record may take. */
enum { ROOT_BYTES_MAX = 1 << 20 };

/* Close @s; a transaction that is open is rolled back. NULL is fine. */
void store_close(struct store *s)
{
	if (!s)
		return;
	free(s->events);
	s->ops->close(s);
}

/* Do what may take long, now that nobody waits. No transaction is open. */
void store_rest(struct store *s)
{
	s->ops->rest(s);
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

static void add_event(struct store *s, enum kind kind, struct str id)
{
	struct store_event *e;

	if (!s->events)
		s->events = calloc(STORE_EVENTS_MAX, sizeof(*s->events));
	if (!s->events || s->event_count == STORE_EVENTS_MAX || id.n > STORE_ID_BYTES_MAX) {
		s->events_lost = true;
		return;
	}
	e = &s->events[s->event_count];
	/* Most changes of one transaction concern one record. */
	if (s->event_count && str_eq(str_of(e[-1].id), id))
		return;
	*e = (struct store_event){ .kind = kind };
	memcpy(e->id, id.p, id.n);
	s->event_count++;
}

/* Remember the root of @r, which is in the store. */
static void note_root(struct store *s, const struct record *r)
{
	struct fault ignored;
	struct record *parent;
	struct arena a;

	arena_init(&a, ROOT_BYTES_MAX);
	while (r && r->parent.n) {
		struct store_query q = { .id = r->parent, .limit = 1 };

		r = store_list(s, &q, &a, &parent, &ignored) == 0 ? parent : NULL;
	}
	if (r)
		add_event(s, r->kind, r->id);
	else
		s->events_lost = true;
	arena_fini(&a);
}

/* The records of some kinds are read where others link to them: those are changed, too. */
static void note_linkers(struct store *s, const struct record *r, struct arena *a)
{
	struct store_query q = { .links_to = r->id };
	struct fault ignored;
	struct record *linker;

	if (r->kind != KIND_INSTANCE)
		return;
	if (store_list(s, &q, a, &linker, &ignored) < 0) {
		s->events_lost = true;
		return;
	}
	for (; linker; linker = linker->next)
		note_root(s, linker);
}

/* Remember the root of the record @id, which may be about to go. */
static void note_id(struct store *s, struct str id, bool is_going)
{
	struct store_query q = { .id = id, .limit = 1 };
	struct fault ignored;
	struct record *r;
	struct arena a;

	arena_init(&a, ROOT_BYTES_MAX);
	if (store_list(s, &q, &a, &r, &ignored) < 0) {
		s->events_lost = true;
	} else if (r) {
		s->changes[r->kind]++;
		s->deletions[r->kind] += is_going;
		note_root(s, r);
		note_linkers(s, r, &a);
	}
	arena_fini(&a);
}

/* Do one change. When it fails the transaction is to be ended without a commit. */
int store_change(struct store *s, const struct store_change *c, struct fault *fault)
{
	if (c->action == STORE_DELETE)
		note_id(s, c->id, true);
	if (s->ops->change(s, c, fault) < 0)
		return -1;
	/* Who changes a record need not say whose it is. */
	if (c->action == STORE_INSERT) {
		s->changes[c->record->kind]++;
		note_root(s, c->record);
	} else if (c->action == STORE_UPDATE) {
		note_id(s, c->record->id, false);
	}
	return 0;
}

/* Changes count when they are tried: what is rolled back only looks like one. */
uint64_t store_version(const struct store *s, enum kind kind)
{
	return s->changes[kind];
}

/* What has changed since store_forget_events(); false: too much to tell. Borrowed. */
bool store_events(const struct store *s, const struct store_event **ret, size_t *ret_count)
{
	*ret = s->events;
	*ret_count = s->event_count;
	return !s->events_lost;
}

void store_forget_events(struct store *s)
{
	s->event_count = 0;
	s->events_lost = false;
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

/*
 * Add what @u did in @hour since 1970: of one that is there, with its name, or of one that is gone,
 * without, and then to that day or the one before, whichever has it.
 */
int store_add_usage(struct store *s, const struct store_usage *u, uint64_t hour,
		    struct fault *fault)
{
	return s->ops->add_usage(s, u, hour, fault);
}

/* Drop up to *@rows of what is older than @oldest_day; then *@rows says how many there were. */
int store_forget_usage(struct store *s, uint32_t oldest_day, size_t *rows, struct fault *fault)
{
	return s->ops->forget_usage(s, oldest_day, rows, fault);
}

/* What each service did in @days, in @a; none is no fault. */
int store_list_usage(struct store *s, const struct store_days *days, struct arena *a,
		     struct store_usage **ret, struct fault *fault)
{
	return s->ops->list_usage(s, days, a, ret, fault);
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
