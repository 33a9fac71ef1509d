/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of sets: a key's id says which set, and the entry of the set that was used longest ago
 * makes room. An entry is known by the key's id and by its sealed secret, so that nothing derived
 * from one secret is ever used for another.
 */
#include "auth/keyring.h"

#include "auth/signing_key.h"
#include "auth/sigv4a_key.h"
#include "base/hash.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	SETS = 256,
	WAYS = 4,
	PUBLIC_KEYS = 64, /* these are dear to make and to keep, and few ask for them */
	ID_BYTES = 32,
	SEALED_BYTES = 256,
	DATE_BYTES = 8,
	SCOPE_BYTES = 64,
	UNSEAL_BYTES_MAX = 64 << 10, /* what one secret takes to be unsealed */
};

/* Which secret something was derived from. */
struct origin {
	unsigned char id_n, sealed_n;
	char id[ID_BYTES], sealed[SEALED_BYTES - 1];
};

struct entry {
	struct origin origin;
	char date[DATE_BYTES];
	uint64_t used; /* by the keyring's count; 0: never */
	struct hmac_key key;
};

struct public_key {
	struct origin origin;
	uint64_t used;
	EVP_PKEY *key;
};

/* In a mapping of its own. */
struct keyring {
	const struct vault *vault;
	struct str region, service;
	char scope[SCOPE_BYTES];
	uint64_t count;
	struct entry entries[SETS][WAYS];
	struct public_key public_keys[PUBLIC_KEYS];
};

/*
 * An empty keyring; NULL without memory, or when the names are longer than any. @v is borrowed,
 * the names are copied.
 */
struct keyring *keyring_new(const struct vault *v, struct str region, struct str service)
{
	struct keyring *r;

	if (region.n + service.n > SCOPE_BYTES)
		return NULL;
	r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r == MAP_FAILED)
		return NULL;
	madvise(r, sizeof(*r), MADV_DONTDUMP);
	r->vault = v;
	memcpy(r->scope, region.p, region.n);
	memcpy(r->scope + region.n, service.p, service.n);
	r->region = (struct str){ r->scope, region.n };
	r->service = (struct str){ r->scope + region.n, service.n };
	return r;
}

/* Wipe everything. NULL is fine. */
void keyring_free(struct keyring *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < PUBLIC_KEYS; i++)
		EVP_PKEY_free(r->public_keys[i].key);
	explicit_bzero(r, sizeof(*r));
	munmap(r, sizeof(*r));
}

static bool is_from(const struct origin *o, const struct access_key *k)
{
	return o->id_n == k->id.n && o->sealed_n == k->sealed.n &&
	       memcmp(o->id, k->id.p, k->id.n) == 0 &&
	       memcmp(o->sealed, k->sealed.p, k->sealed.n) == 0;
}

static void set_origin(struct origin *o, const struct access_key *k)
{
	o->id_n = (unsigned char)k->id.n;
	o->sealed_n = (unsigned char)k->sealed.n;
	memcpy(o->id, k->id.p, k->id.n);
	memcpy(o->sealed, k->sealed.p, k->sealed.n);
}

/* The secret of @k, which the caller wipes. False: it was not sealed with our key, as this one's.
 */
static bool unseal(const struct keyring *r, const struct access_key *k,
		   char to[ACCESS_KEY_SECRET_BYTES_MAX], size_t *ret_bytes)
{
	struct arena a;
	struct str secret = { 0 };
	bool done;

	arena_init(&a, UNSEAL_BYTES_MAX);
	done = vault_unseal(r->vault, &a, k->id, k->sealed, &secret) == 0 &&
	       secret.n <= ACCESS_KEY_SECRET_BYTES_MAX;
	if (done) {
		memcpy(to, secret.p, secret.n);
		*ret_bytes = secret.n;
	}
	if (secret.n)
		explicit_bzero((char *)secret.p, secret.n);
	arena_fini(&a);
	return done;
}

static bool fits(const struct access_key *k)
{
	return k->id.n && k->id.n <= ID_BYTES && k->sealed.n && k->sealed.n < SEALED_BYTES;
}

static struct entry *oldest(struct entry set[WAYS])
{
	struct entry *old = &set[0];
	size_t i;

	for (i = 1; i < WAYS; i++) {
		if (set[i].used < old->used)
			old = &set[i];
	}
	return old;
}

/*
 * The signing key of @k for @date, 8 digits. It lives until the next call. NULL: the secret
 * cannot be unsealed.
 */
const struct hmac_key *keyring_signing_key(struct keyring *r, const struct access_key *k,
					   struct str date)
{
	const struct signing_scope scope = { date, r->region, r->service };
	struct entry *set = r->entries[hash_str(k->id) % SETS], *e;
	char secret[ACCESS_KEY_SECRET_BYTES_MAX];
	size_t i, n;

	if (!fits(k) || date.n != DATE_BYTES)
		return NULL;
	for (i = 0; i < WAYS; i++) {
		e = &set[i];
		if (e->used && memcmp(e->date, date.p, DATE_BYTES) == 0 && is_from(&e->origin, k)) {
			e->used = ++r->count;
			return &e->key;
		}
	}
	if (!unseal(r, k, secret, &n))
		return NULL;
	e = oldest(set);
	explicit_bzero(e, sizeof(*e));
	set_origin(&e->origin, k);
	memcpy(e->date, date.p, DATE_BYTES);
	if (signing_key_derive((struct str){ secret, n }, &scope, &e->key))
		e->used = ++r->count;
	explicit_bzero(secret, sizeof(secret));
	return e->used ? &e->key : NULL;
}

/* The public key of @k for SigV4A, borrowed until the next call. NULL: there is none. */
EVP_PKEY *keyring_public_key(struct keyring *r, const struct access_key *k)
{
	struct public_key *old = &r->public_keys[0];
	char secret[ACCESS_KEY_SECRET_BYTES_MAX];
	size_t i, n;

	if (!fits(k))
		return NULL;
	for (i = 0; i < PUBLIC_KEYS; i++) {
		struct public_key *p = &r->public_keys[i];

		if (p->key && is_from(&p->origin, k)) {
			p->used = ++r->count;
			return p->key;
		}
		if (p->used < old->used)
			old = p;
	}
	if (!unseal(r, k, secret, &n))
		return NULL;
	EVP_PKEY_free(old->key);
	old->key = sigv4a_public_key(k->id, (struct str){ secret, n });
	set_origin(&old->origin, k);
	old->used = ++r->count;
	explicit_bzero(secret, sizeof(secret));
	return old->key;
}
