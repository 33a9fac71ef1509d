/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Imported certificates by the id of their record, promised ones by their name, in one table: no
 * id is a name. One whose key cannot be unsealed is as if there were none: its service is served
 * without, others are not touched.
 */
#include "store/certificates.h"

#include "auth/vault.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/list.h"
#include "model/id.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <stdlib.h>

enum {
	BUCKETS = 1024,
	KEY_BYTES_MAX = 255,	     /* a DNS name */
	RECORDS_BYTES_MAX = 1 << 28, /* of all certificates in PEM */
	SWEEP_EVERY = 64,	     /* refreshes */
};

struct entry {
	struct list link;
	struct certificate *certificate; /* NULL: it cannot be used */
	uint64_t updated_ms, seen;	 /* imported: of its record, and the last refresh */
	bool is_imported;
	size_t key_n;
	char key[];
};

struct certificates {
	const struct vault *vault;
	const struct local_ca *ca;
	uint64_t version, refreshes;
	bool is_read;
	struct list buckets[BUCKETS];
};

/* All that is in @v and signed by @ca; either may be NULL. NULL without memory. */
struct certificates *certificates_new(const struct vault *v, const struct local_ca *ca)
{
	struct certificates *all = calloc(1, sizeof(*all));
	size_t i;

	if (!all)
		return NULL;
	all->vault = v;
	all->ca = ca;
	for (i = 0; i < BUCKETS; i++)
		list_init(&all->buckets[i]);
	return all;
}

static void drop(struct entry *e)
{
	list_remove(&e->link);
	certificate_put(e->certificate);
	free(e);
}

/* NULL is fine. */
void certificates_free(struct certificates *all)
{
	size_t i;

	if (!all)
		return;
	for (i = 0; i < BUCKETS; i++) {
		while (!list_empty(&all->buckets[i]))
			drop(list_entry(all->buckets[i].next, struct entry, link));
	}
	free(all);
}

static struct list *bucket_of(const struct certificates *all, struct str key)
{
	return (struct list *)&all->buckets[hash_str(key) % BUCKETS];
}

static struct entry *find(const struct certificates *all, struct str key)
{
	struct list *bucket = bucket_of(all, key), *pos;

	list_each (pos, bucket) {
		struct entry *e = list_entry(pos, struct entry, link);

		if (str_eq((struct str){ e->key, e->key_n }, key))
			return e;
	}
	return NULL;
}

/* An entry without a certificate, or NULL. */
static struct entry *add(struct certificates *all, struct str key)
{
	struct entry *e = key.n <= KEY_BYTES_MAX ? calloc(1, sizeof(*e) + key.n) : NULL;

	if (!e)
		return NULL;
	e->key_n = key.n;
	memcpy(e->key, key.p, key.n);
	list_add_tail(bucket_of(all, key), &e->link);
	return e;
}

/* The certificate of @r, or NULL when it cannot be used. */
static struct certificate *read_record(const struct certificates *all, const struct record *r)
{
	struct certificate *c = NULL;
	struct certificate_pem pem;
	cJSON *body = json_parse(r->body);
	struct arena secrets;

	arena_init(&secrets, 8 * CERTIFICATE_KEY_BYTES_MAX);
	pem.leaf = json_get_str(body, "certificate");
	pem.chain = json_get_str(body, "certificateChain");
	if (all->vault && vault_unseal(all->vault, &secrets, r->id, json_get_str(body, "sealedKey"),
				       &pem.key) == 0) {
		if (certificate_read(&pem, &c).part != CERTIFICATE_IS_GOOD)
			c = NULL;
		OPENSSL_cleanse((char *)pem.key.p, pem.key.n);
	}
	arena_fini(&secrets);
	cJSON_Delete(body);
	return c;
}

static int take_record(struct certificates *all, const struct record *r, struct fault *fault)
{
	struct entry *e = find(all, r->id);

	if (!e) {
		e = add(all, r->id);
		if (!e)
			return fault_set(fault, FAULT_INTERNAL, "certificates: out of memory");
	}
	e->is_imported = true;
	e->seen = all->refreshes;
	if (e->certificate && e->updated_ms == r->updated_ms)
		return 0;
	certificate_put(e->certificate);
	e->certificate = read_record(all, r);
	e->updated_ms = r->updated_ms;
	return 0;
}

/* Forget what was deleted, and promises that nobody relies on any more. */
static void sweep(struct certificates *all, bool has_read)
{
	struct list *pos, *after;
	size_t i;

	for (i = 0; i < BUCKETS; i++) {
		list_each_safe (pos, after, &all->buckets[i]) {
			struct entry *e = list_entry(pos, struct entry, link);

			if (e->is_imported ? has_read && e->seen != all->refreshes
					   : !certificate_is_shared(e->certificate))
				drop(e);
		}
	}
}

static int read_all(struct certificates *all, struct store *s, struct fault *fault)
{
	struct store_query q = { .kind = KIND_CERTIFICATE };
	struct arena records;
	struct record *r;
	int err;

	arena_init(&records, RECORDS_BYTES_MAX);
	err = store_list(s, &q, &records, &r, fault);
	for (; !err && r; r = r->next)
		err = take_record(all, r, fault);
	arena_fini(&records);
	return err;
}

/* Take in what changed in @s, in whose transaction this is. 0 or -1 with @fault. */
int certificates_refresh(struct certificates *all, struct store *s, struct fault *fault)
{
	uint64_t version = store_version(s, KIND_CERTIFICATE);

	all->refreshes++;
	if (all->is_read && all->version == version) {
		if (all->refreshes % SWEEP_EVERY == 0)
			sweep(all, false);
		return 0;
	}
	if (read_all(all, s, fault) < 0)
		return -1;
	all->is_read = true;
	all->version = version;
	sweep(all, true);
	return 0;
}

/* The imported certificate @id, borrowed; NULL: there is none that can be used. */
struct certificate *certificates_find(const struct certificates *all, struct str id)
{
	const struct entry *e = find(all, id);

	return e && e->is_imported ? e->certificate : NULL;
}

/* A certificate of the authority for @name, borrowed; NULL without authority or memory. */
struct certificate *certificates_promise(struct certificates *all, struct str name)
{
	struct entry *e = find(all, name);

	if (e)
		return e->certificate;
	if (!all->ca)
		return NULL;
	e = add(all, name);
	if (!e)
		return NULL;
	e->certificate = certificate_promise(all->ca, name);
	if (!e->certificate) {
		drop(e);
		return NULL;
	}
	return e->certificate;
}

static void drop_reference(void *what)
{
	certificate_put(what);
}

/* A reference to @c that lives as long as @a; NULL, with *@failed, when that is spent. */
static struct certificate *keep(struct arena *a, struct certificate *c, bool *failed)
{
	if (!c)
		return NULL;
	if (arena_defer(a, drop_reference, c))
		return certificate_get(c);
	*failed = true;
	return NULL;
}

static bool has_https(const struct snap_service *s)
{
	size_t i;

	for (i = 0; i < s->listener_count; i++)
		if (s->listeners[i].kind == SNAP_LISTENER_HTTPS)
			return true;
	return false;
}

bool certificates_fill(struct certificates *all, struct arena *a, const struct cJSON *body,
		       struct snap_service *s)
{
	struct str arn = json_get_str(body, "certificateArn"), id;
	bool failed = false;

	if (!has_https(s))
		return true;
	s->own_certificate = keep(a, certificates_promise(all, s->dns_name), &failed);
	if (arn.n && id_parse(KIND_CERTIFICATE, arn, &id))
		s->certificate = keep(a, certificates_find(all, id), &failed);
	return !failed;
}
