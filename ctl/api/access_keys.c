/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access keys of identities. A secret is in one answer, the one that makes it, and from then on
 * only sealed, in the store; of a session's token only a hash is kept. A role's keys may be
 * temporary, under the name of a session.
 */
#include "api/form.h"
#include "api/handlers.h"
#include "api/identities.h"
#include "auth/principal.h"
#include "auth/sha256.h"
#include "auth/vault.h"
#include "base/json.h"
#include "base/rand.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <time.h>

enum {
	KEYS_PER_IDENTITY_MAX = 100,
	KEY_ID_PREFIX = 4,
	KEY_ID_BYTES = 20,
	SECRET_RANDOM = 30, /* bytes; 40 characters */
	SECRET_TEXT = 40,
	TOKEN_RANDOM = 96,
	TOKEN_TEXT = 128,
	SESSION_S_MIN = 900, /* STS */
	SESSION_S_MAX = 43200,
	SESSION_S_DEFAULT = 3600,
};

/* What an answer shows once; wiped when it was copied into it. */
struct fresh_key {
	char id[KEY_ID_BYTES + 1];
	char secret[SECRET_TEXT + 1];
	char token[TOKEN_TEXT + 1];
};

static bool is_session_name(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char b = s.p[i];

		if (!(b >= '0' && b <= '9') && !((b | 0x20) >= 'a' && (b | 0x20) <= 'z') &&
		    !memchr("_+=,.@-", b, 7))
			return false;
	}
	return s.n >= 2;
}

const struct field access_key_create_fields[] = {
	{ .name = "sessionName",
	  .type = FIELD_STRING,
	  .min = 2,
	  .max = 64,
	  .matches = is_session_name,
	  .expected = "letters, digits and _+=,.@-" },
	{ .name = "durationSeconds",
	  .type = FIELD_INTEGER,
	  .min = SESSION_S_MIN,
	  .max = SESSION_S_MAX },
	{ 0 },
};

static const char *const statuses[] = { "Active", "Inactive", NULL };

const struct field access_key_update_fields[] = {
	{ .name = "status", .type = FIELD_STRING, .required = true, .values = statuses },
	{ 0 },
};

static void random_text(unsigned char *random, size_t n, char *to)
{
	rand_bytes(random, n);
	EVP_EncodeBlock((unsigned char *)to, random, (int)n);
	explicit_bzero(random, n);
}

/* An id in IAM's form, of 80 random bits, and a secret; for a session a token too. */
static void make(struct fresh_key *k, bool is_temporary)
{
	unsigned char random[TOKEN_RANDOM];
	size_t i;

	memcpy(k->id, is_temporary ? "ASIA" : "AKIA", KEY_ID_PREFIX);
	rand_bytes(random, KEY_ID_BYTES);
	for (i = KEY_ID_PREFIX; i < KEY_ID_BYTES; i++)
		k->id[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[random[i] & 31];
	k->id[KEY_ID_BYTES] = '\0';
	random_text(random, SECRET_RANDOM, k->secret);
	k->token[0] = '\0';
	if (is_temporary)
		random_text(random, TOKEN_RANDOM, k->token);
}

static void put_expiration(struct call *c, cJSON *to, uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[32];
	struct tm tm;

	if (gmtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		call_put_str(c, to, "expiration", str_of(text));
}

/* Sessions that are over make room. */
static int forget_expired(struct call *c, struct record *keys, size_t *ret_left)
{
	for (*ret_left = 0; keys; keys = keys->next) {
		const cJSON *ms = cJSON_GetObjectItemCaseSensitive(call_body(c, keys), "expiresMs");

		if (!ms || ms->valuedouble > (double)c->now_ms)
			++*ret_left;
		else if (call_delete(c, keys->id) < 0)
			return -1;
	}
	return 0;
}

static int check_room(struct call *c, const struct record *identity)
{
	struct store_query q = { .kind = KIND_ACCESS_KEY, .parent = identity->id };
	struct record *keys;
	size_t left;

	if (store_list(c->store, &q, &c->arena, &keys, &c->fault) < 0 ||
	    forget_expired(c, keys, &left) < 0)
		return -1;
	if (left >= KEYS_PER_IDENTITY_MAX)
		return fault_set_resource(&c->fault, FAULT_QUOTA, KIND_IDENTITY, identity->id,
					  "an identity can have %d access keys",
					  KEYS_PER_IDENTITY_MAX);
	return 0;
}

/* What of a session is kept. */
static int put_session(struct call *c, const struct record *identity, struct str token, cJSON *body)
{
	struct str name = json_get_str(c->body, "sessionName");
	const cJSON *duration = cJSON_GetObjectItemCaseSensitive(c->body, "durationSeconds");
	double seconds = duration ? duration->valuedouble : SESSION_S_DEFAULT;
	struct principal_arn arn = principal_parse_arn(identity->name);
	unsigned char digest[SHA256_BYTES];
	char hex[SHA256_HEX];

	if (arn.type != PRINCIPAL_ASSUMED_ROLE || arn.session.n)
		return fault_set_field(&c->fault, "sessionName", "sessionName is for roles");
	sha256(token, digest);
	sha256_write_hex(digest, hex);
	call_put_str(c, body, "sessionName", name);
	call_put_str(c, body, "tokenHash", (struct str){ hex, sizeof(hex) });
	call_put_number(c, body, "expiresMs", (double)c->now_ms + seconds * 1000);
	put_expiration(c, c->answer, c->now_ms + (uint64_t)seconds * 1000);
	return 0;
}

static int keep(struct call *c, const struct record *identity, const struct fresh_key *k)
{
	struct record r = { .kind = KIND_ACCESS_KEY,
			    .id = str_of(k->id),
			    .account = identity->account,
			    .parent = identity->id,
			    .created_ms = c->now_ms,
			    .updated_ms = c->now_ms };
	cJSON *body = call_new_object(c);
	struct str sealed = { 0 };

	if (c->vault)
		sealed = vault_seal(c->vault, &c->arena, r.id, str_of(k->secret));
	if (!sealed.p)
		return fault_set(&c->fault, FAULT_INTERNAL, "the secret cannot be sealed");
	call_put_str(c, body, "status", STR("Active"));
	call_put_str(c, body, "sealed", sealed);
	if (k->token[0] && put_session(c, identity, str_of(k->token), body) < 0)
		return -1;
	return call_insert(c, &r, body, NULL);
}

static void show_once(struct call *c, const struct fresh_key *k, struct str arn)
{
	call_put(c, c->answer, "accessKeyId", cJSON_CreateString(k->id));
	call_put(c, c->answer, "secretAccessKey", cJSON_CreateString(k->secret));
	if (k->token[0])
		call_put(c, c->answer, "sessionToken", cJSON_CreateString(k->token));
	call_put_str(c, c->answer, "identityArn", arn);
}

int access_key_create(struct call *c)
{
	bool is_temporary = json_get_str(c->body, "sessionName").n > 0;
	struct record *identity;
	struct fresh_key k;
	int err;

	if (cJSON_GetObjectItemCaseSensitive(c->body, "durationSeconds") && !is_temporary)
		return fault_set_field(&c->fault, "durationSeconds",
				       "durationSeconds goes with sessionName");
	if (identity_find(c, "identityIdentifier", c->params[0], &identity) < 0 ||
	    check_room(c, identity) < 0)
		return -1;
	make(&k, is_temporary);
	err = keep(c, identity, &k);
	if (!err)
		show_once(c, &k, identity->name);
	explicit_bzero(&k, sizeof(k));
	c->changed = true;
	return err;
}

static int put_key(struct call *c, const struct record *r, struct cJSON *into)
{
	const cJSON *ms = cJSON_GetObjectItemCaseSensitive(call_body(c, r), "expiresMs");

	call_put_str(c, into, "accessKeyId", r->id);
	if (ms)
		put_expiration(c, into, (uint64_t)ms->valuedouble);
	return 0;
}

static const char *const members[] = { "status", "sessionName", "createdAt", NULL };

int access_key_list(struct call *c)
{
	static const struct call_list_view view = { members, put_key };
	struct store_query q = { .kind = KIND_ACCESS_KEY };
	struct record *identity;

	if (identity_find(c, "identityIdentifier", c->params[0], &identity) < 0)
		return -1;
	q.parent = identity->id;
	return call_list_all(c, &q, &view);
}

static int find_key(struct call *c, struct record **ret)
{
	if (c->params[0].n != KEY_ID_BYTES)
		return fault_set_field(&c->fault, "accessKeyId",
				       "accessKeyId must be the id of an access key");
	return store_get(c->store, KIND_ACCESS_KEY, c->params[0], &c->arena, ret, &c->fault);
}

int access_key_update(struct call *c)
{
	struct record *r;
	cJSON *body;

	if (find_key(c, &r) < 0)
		return -1;
	body = call_edit(c, r);
	call_replace(c, body, "status", cJSON_GetObjectItemCaseSensitive(c->body, "status"));
	if (call_update(c, r, body) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, members, c->answer);
	return put_key(c, r, c->answer);
}

int access_key_delete(struct call *c)
{
	struct record *r;

	if (find_key(c, &r) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}
