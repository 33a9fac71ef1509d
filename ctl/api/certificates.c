/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates, which AWS leaves to ACM: a chain and its key, checked whole before they are kept.
 * The key is sealed in the store and is never shown. Importing to an ARN replaces what is there,
 * and every service that uses it shows the new one.
 */
#include "auth/certificate.h"

#include "api/form.h"
#include "api/handlers.h"
#include "api/service_certificate.h"
#include "auth/local_ca.h"
#include "auth/vault.h"
#include "base/json.h"

#include <cjson/cJSON.h>
#include <time.h>

static bool is_certificate_arn(struct str s)
{
	struct str id;

	return str_starts(s, STR("arn:")) && id_parse(KIND_CERTIFICATE, s, &id);
}

const struct field certificate_import_fields[] = {
	{ .name = "certificate",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = CERTIFICATE_PEM_BYTES_MAX },
	{ .name = "certificateChain",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = CERTIFICATE_PEM_BYTES_MAX },
	{ .name = "privateKey",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = CERTIFICATE_KEY_BYTES_MAX },
	{ .name = "certificateArn",
	  .type = FIELD_STRING,
	  .min = 20,
	  .max = 2048,
	  .matches = is_certificate_arn,
	  .expected = "the ARN of the certificate that is replaced" },
	FORM_TAGS,
	{ 0 },
};

static const char *const members[] = {
	"id",	     "arn",	 "domainName", "subjectAlternativeNames",
	"issuer",    "serial",	 "type",       "keyAlgorithm",
	"notBefore", "notAfter", "createdAt",  "lastUpdatedAt",
	NULL,
};

static void put_seconds(struct call *c, cJSON *to, const char *name, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[40];
	struct tm tm;

	if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		call_put_str(c, to, name, str_of(text));
}

static void put_facts(struct call *c, const struct certificate_facts *f, cJSON *body)
{
	cJSON *names = cJSON_CreateArray();
	size_t i;

	for (i = 0; i < f->name_count; i++) {
		char *name = arena_cstr(&c->arena, f->names[i]);
		cJSON *item = name ? cJSON_CreateString(name) : NULL;

		if (!item || !cJSON_AddItemToArray(names, item)) {
			cJSON_Delete(item);
			c->failed = true;
		}
	}
	call_put_str(c, body, "domainName", f->names[0]);
	call_put(c, body, "subjectAlternativeNames", names);
	call_put_str(c, body, "issuer", f->issuer);
	call_put_str(c, body, "serial", f->serial);
	call_put_str(c, body, "type", STR("IMPORTED"));
	call_put_str(c, body, "keyAlgorithm", f->key_algorithm);
	put_seconds(c, body, "notBefore", f->not_before);
	put_seconds(c, body, "notAfter", f->not_after);
	call_put_number(c, body, "expires", (double)f->not_after);
}

/* Is what was read good, and valid now? */
static int check(struct call *c, struct certificate_verdict v)
{
	static const char *const fields[] = {
		[CERTIFICATE_LEAF] = "certificate",
		[CERTIFICATE_CHAIN] = "certificateChain",
		[CERTIFICATE_KEY] = "privateKey",
	};

	if (v.part == CERTIFICATE_IS_GOOD)
		return 0;
	return fault_set_field(&c->fault, fields[v.part], "%s %s", fields[v.part], v.reason);
}

/* Read and check the request's certificate into its @facts. */
static int read_certificate(struct call *c, const struct certificate_pem *pem,
			    struct certificate_facts *facts)
{
	struct certificate *read;
	int err = check(c, certificate_read(pem, &read));

	if (err)
		return err;
	err = check(c, certificate_check(read, (int64_t)(c->now_ms / 1000)));
	if (!err && certificate_facts(read, &c->arena, facts))
		err = fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	if (!err && !facts->name_count)
		err = fault_set_field(&c->fault, "certificate", "certificate must have a DNS name");
	certificate_put(read);
	return err;
}

/* Put the certificate with its key, sealed for the record @id, into @body. */
static int put_pem(struct call *c, struct str id, const struct certificate_pem *pem, cJSON *body)
{
	struct str sealed = { 0 };

	if (c->vault)
		sealed = vault_seal(c->vault, &c->arena, id, pem->key);
	if (!sealed.p)
		return fault_set(&c->fault, FAULT_INTERNAL, "the private key cannot be sealed");
	call_put_str(c, body, "certificate", pem->leaf);
	if (pem->chain.n)
		call_put_str(c, body, "certificateChain", pem->chain);
	call_put_str(c, body, "sealedKey", sealed);
	return 0;
}

/* The record that is imported to: the one that is named, or a new one. */
static int choose_record(struct call *c, struct record **ret)
{
	struct str arn = json_get_str(c->body, "certificateArn");

	if (arn.n)
		return call_find(c, "certificateArn", KIND_CERTIFICATE, arn, ret);
	*ret = call_new_record(c, KIND_CERTIFICATE, STR(""));
	return *ret ? 0 : -1;
}

/* The services that use @r. */
static int list_users(struct call *c, const struct record *r, struct record **ret)
{
	struct store_query q = { .kind = KIND_SERVICE, .links_to = r->id };

	return store_list(c->store, &q, &c->arena, ret, &c->fault);
}

/* Settle each service that uses @r with what that is now; so it is stored, and compiled, anew. */
static int settle_users(struct call *c, const struct record *r)
{
	struct record *service;

	if (list_users(c, r, &service) < 0)
		return -1;
	for (; service; service = service->next)
		if (service_certificate_settle(c, service, call_body(c, service)) < 0)
			return -1;
	return 0;
}

static int keep(struct call *c, struct record *r, const struct cJSON *body, bool is_new)
{
	if (!is_new)
		return call_update(c, r, body) < 0 ? -1 : settle_users(c, r);
	if (call_insert(c, r, body, NULL) < 0)
		return -1;
	return quota_check(c, QUOTA_CERTIFICATES, NULL);
}

int certificate_import(struct call *c)
{
	const struct certificate_pem pem = {
		.leaf = json_get_str(c->body, "certificate"),
		.chain = json_get_str(c->body, "certificateChain"),
		.key = json_get_str(c->body, "privateKey"),
	};
	const cJSON *tags = cJSON_GetObjectItemCaseSensitive(c->body, "tags");
	struct certificate_facts facts;
	struct record *r;
	cJSON *body;
	bool is_new;

	if (choose_record(c, &r) < 0 || read_certificate(c, &pem, &facts) < 0)
		return -1;
	is_new = !r->body.n;
	body = call_new_object(c);
	call_put_str(c, body, "arn", call_arn(c, r));
	if (!tags && !is_new)
		tags = cJSON_GetObjectItemCaseSensitive(call_body(c, r), "tags");
	call_put_copy(c, body, "tags", tags);
	put_facts(c, &facts, body);
	if (put_pem(c, r->id, &pem, body) < 0 || keep(c, r, body, is_new) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, members, c->answer);
	return 0;
}

/* Whether it is good yet. */
static int put_status(struct call *c, const struct record *r, struct cJSON *into)
{
	const cJSON *expires = cJSON_GetObjectItemCaseSensitive(call_body(c, r), "expires");
	int64_t left = (int64_t)(cJSON_IsNumber(expires) ? expires->valuedouble : 0) -
		       (int64_t)(c->now_ms / 1000);

	call_put_str(c, into, "status", left > 0 ? STR("ISSUED") : STR("EXPIRED"));
	call_put_number(c, into, "daysLeft", left > 0 ? (double)(left / (24 * 3600)) : 0);
	return 0;
}

/* The ARNs of the services that use @r. */
static int put_users(struct call *c, const struct record *r, struct cJSON *into)
{
	cJSON *users = cJSON_CreateArray();
	struct record *service;

	call_put(c, into, "inUseBy", users);
	if (list_users(c, r, &service) < 0)
		return -1;
	for (; service; service = service->next) {
		char *arn = arena_cstr(&c->arena, json_get_str(call_body(c, service), "arn"));
		cJSON *item = arn ? cJSON_CreateString(arn) : NULL;

		if (!item || !cJSON_AddItemToArray(users, item)) {
			cJSON_Delete(item);
			c->failed = true;
		}
	}
	return 0;
}

int certificate_get_record(struct call *c)
{
	struct record *r;

	if (call_find_param(c, 0, KIND_CERTIFICATE, &r) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	put_status(c, r, c->answer);
	return put_users(c, r, c->answer);
}

int certificate_list(struct call *c)
{
	static const struct call_list_view view = { members, put_status };
	struct store_query q = { .kind = KIND_CERTIFICATE };

	return call_list(c, &q, &view);
}

int certificate_delete(struct call *c)
{
	struct record *r;

	if (call_find_param(c, 0, KIND_CERTIFICATE, &r) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}

/* What clients trust, so that they believe the certificates of generated names. */
int certificate_authority_get(struct call *c)
{
	if (!c->ca)
		return fault_set(&c->fault, FAULT_INTERNAL, "there is no certificate authority");
	call_put_str(c, c->answer, "certificate", local_ca_pem(c->ca));
	return 0;
}
