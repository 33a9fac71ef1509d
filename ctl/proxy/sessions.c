/* SPDX-License-Identifier: Apache-2.0 */
/* A list is searched from its front: a connection to a target is rarer than a request by far. */
#include "proxy/sessions.h"

#include <openssl/ssl.h>
#include <stdlib.h>

struct entry {
	struct list link;
	struct session_key key; /* its name is below */
	SSL_SESSION *session;
	char name[SESSION_NAME_BYTES_MAX];
};

void sessions_init(struct sessions *s)
{
	s->count = 0;
	list_init(&s->by_use);
}

static void drop(struct sessions *s, struct entry *e)
{
	list_remove(&e->link);
	s->count--;
	SSL_SESSION_free(e->session);
	free(e);
}

void sessions_fini(struct sessions *s)
{
	while (!list_empty(&s->by_use))
		drop(s, list_entry(s->by_use.next, struct entry, link));
}

static bool same_key(const struct session_key *a, const struct session_key *b)
{
	return a->group_serial == b->group_serial && a->trust_serial == b->trust_serial &&
	       a->vpc == b->vpc && a->wants_h2 == b->wants_h2 && sock_addr_eq(&a->addr, &b->addr) &&
	       str_eq(a->name, b->name);
}

static struct entry *find(const struct sessions *s, const struct session_key *k)
{
	struct list *pos;

	list_each (pos, &s->by_use) {
		struct entry *e = list_entry(pos, struct entry, link);

		if (same_key(&e->key, k))
			return e;
	}
	return NULL;
}

/* What may be resumed, borrowed until the next call; or NULL. */
SSL_SESSION *sessions_find(struct sessions *s, const struct session_key *k)
{
	struct entry *e = find(s, k);

	if (!e)
		return NULL;
	if (!SSL_SESSION_is_resumable(e->session)) {
		drop(s, e);
		return NULL;
	}
	list_remove(&e->link);
	list_add(&s->by_use, &e->link);
	return e->session;
}

/*
 * Keep a copy of @session in place of an earlier one. OpenSSL forbids to resume what it has handed
 * out when the next session comes over the same connection, or when that ends badly.
 */
void sessions_keep(struct sessions *s, const struct session_key *k, SSL_SESSION *session)
{
	struct entry *e = find(s, k);
	SSL_SESSION *copy = SSL_SESSION_dup(session);

	if (!e && copy && k->name.n <= SESSION_NAME_BYTES_MAX)
		e = calloc(1, sizeof(*e));
	if (!e || !copy) {
		SSL_SESSION_free(copy);
		return;
	}
	if (!e->session) {
		e->key = *k;
		e->key.name.p = e->name;
		if (k->name.n)
			memcpy(e->name, k->name.p, k->name.n);
		list_add(&s->by_use, &e->link);
		s->count++;
	}
	SSL_SESSION_free(e->session);
	e->session = copy;
	if (s->count > SESSIONS_MAX)
		drop(s, list_entry(s->by_use.prev, struct entry, link));
}

/* What was resumed with no success is not tried again. */
void sessions_drop(struct sessions *s, const struct session_key *k)
{
	struct entry *e = find(s, k);

	if (e)
		drop(s, e);
}

/* Forget the targets of groups that are not as they were. */
void sessions_sweep(struct sessions *s, const struct snapshot *in_force)
{
	struct list *pos, *after;

	list_each_safe (pos, after, &s->by_use) {
		struct entry *e = list_entry(pos, struct entry, link);
		const struct snap_target_group *g = snapshot_find_group(in_force, e->key.group);

		if (!g || g->serial != e->key.group_serial)
			drop(s, e);
	}
}

void sessions_forget_vpc(struct sessions *s, uint32_t vpc)
{
	struct list *pos, *after;

	list_each_safe (pos, after, &s->by_use) {
		struct entry *e = list_entry(pos, struct entry, link);

		if (e->key.vpc == vpc)
			drop(s, e);
	}
}
