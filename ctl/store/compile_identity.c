/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A principal is made once for each identity, then once more for each of its keys and attestation
 * rules, which add how it was recognised: a request needs a pointer only.
 */
#include "store/compile_identity.h"

#include "auth/caller_text.h"
#include "base/json.h"
#include "store/compile_policy.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static uint64_t get_number(const cJSON *body, const char *name)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(body, name);

	return cJSON_IsNumber(v) && v->valuedouble > 0 ? (uint64_t)v->valuedouble : 0;
}

static int cmp_tag(const void *a, const void *b)
{
	return str_cmp(((const struct principal_tag *)a)->key,
		       ((const struct principal_tag *)b)->key);
}

static int fill_tags(struct build *b, const cJSON *tags, struct principal *p)
{
	int count = cJSON_GetArraySize(tags);
	struct principal_tag *list;
	const cJSON *item;
	size_t n = 0;

	if (count <= 0)
		return 0;
	list = arena_new(b->arena, struct principal_tag, (size_t)count);
	if (!list)
		return build_out_of_memory(b);
	cJSON_ArrayForEach (item, tags) {
		list[n].key = build_keep(b, str_of(item->string));
		list[n++].value = build_keep(b, str_of(cJSON_GetStringValue(item)));
	}
	if (b->failed)
		return build_out_of_memory(b);
	qsort(list, n, sizeof(*list), cmp_tag);
	p->tags = list;
	p->tag_count = n;
	return 0;
}

static int fill_org_paths(struct build *b, const cJSON *paths, struct principal *p)
{
	int count = cJSON_GetArraySize(paths);
	const cJSON *item;
	struct str *list;

	if (count <= 0)
		return 0;
	list = arena_new(b->arena, struct str, (size_t)count);
	if (!list)
		return build_out_of_memory(b);
	p->org_paths = list;
	cJSON_ArrayForEach (item, paths)
		list[p->org_path_count++] = build_keep(b, str_of(cJSON_GetStringValue(item)));
	return 0;
}

static struct str keep_text(struct build *b, const struct principal *p,
			    void (*write)(const struct principal *p, struct buf *to))
{
	struct buf text;
	struct str kept = { 0 };

	buf_init(&text, CALLER_TEXT_BYTES_MAX);
	write(p, &text);
	if (text.failed)
		b->failed = true;
	else
		kept = build_keep(b, buf_str(&text));
	buf_fini(&text);
	return kept;
}

/* Write what targets are told of @p, whose other members are there. */
static int fill_texts(struct build *b, struct principal *p)
{
	p->identity_text = keep_text(b, p, caller_text_identity);
	p->tags_text = keep_text(b, p, caller_text_tags);
	return b->failed ? build_out_of_memory(b) : 0;
}

/* What @p is under the session @name of its role; its other members stay. */
static int enter_session(struct build *b, struct principal *p, struct str name)
{
	struct principal_arn arn = principal_parse_arn(p->iam_arn);

	p->session = build_keep(b, name);
	p->user_id =
		arena_printf(b->arena, STR_FMT ":" STR_FMT, STR_ARG(p->user_id), STR_ARG(name));
	p->arn = arena_printf(
		b->arena, "arn:" STR_FMT ":sts::" STR_FMT ":assumed-role/" STR_FMT "/" STR_FMT,
		STR_ARG(arn.partition), STR_ARG(arn.account), STR_ARG(arn.name), STR_ARG(name));
	return p->arn.p && p->user_id.p ? fill_texts(b, p) : build_out_of_memory(b);
}

static int fill_principal(struct build *b, const struct record *r, const cJSON *body,
			  struct principal *p)
{
	struct principal_arn arn;

	p->arn = build_keep_member(b, body, "arn");
	if (b->failed)
		return build_out_of_memory(b);
	arn = principal_parse_arn(p->arn);
	p->type = arn.type;
	if (p->type == PRINCIPAL_ANONYMOUS)
		return build_bad_record(b, r, "its ARN is no principal's");
	p->account = arn.account;
	p->name = arn.name;
	p->session = arn.session;
	p->iam_arn = p->arn;
	if (p->type == PRINCIPAL_ASSUMED_ROLE && p->session.n)
		p->iam_arn = arena_printf(
			b->arena, "arn:" STR_FMT ":iam::" STR_FMT ":role/" STR_FMT,
			STR_ARG(arn.partition), STR_ARG(arn.account), STR_ARG(arn.name));
	if (!p->iam_arn.p)
		return build_out_of_memory(b);
	p->user_id = build_keep_member(b, body, "userId");
	p->org_id = build_keep_member(b, body, "organizationId");
	p->policy_text = build_keep_member(b, body, "policy");
	p->policy = compile_policy(b, POLICY_IDENTITY, p->policy_text);
	if (fill_org_paths(b, cJSON_GetObjectItemCaseSensitive(body, "organizationPaths"), p) < 0)
		return -1;
	if (fill_tags(b, cJSON_GetObjectItemCaseSensitive(body, "tags"), p) < 0)
		return -1;
	return fill_texts(b, p);
}

/* Identities lie in the order of their ids while keys and attestations look for them. */
static int cmp_id(const void *key, const void *item)
{
	return str_cmp(*(const struct str *)key, ((const struct snap_identity *)item)->id);
}

/* The principal of the identity whose child @r is, or NULL. */
static const struct principal *parent_of(const struct build *b, const struct record *r)
{
	const struct snap_identities *s = &b->snapshot->identities;
	const struct snap_identity *found;

	if (!s->count || !r->parent.n)
		return NULL;
	found = bsearch(&r->parent, s->at, s->count, sizeof(*s->at), cmp_id);
	return found ? &found->principal : NULL;
}

static int fill_identity(struct build *b, const struct record *r, const cJSON *body)
{
	struct snap_identities *s = &b->snapshot->identities;
	struct snap_identity *i = &s->at[s->count++];

	i->id = build_keep(b, r->id);
	return fill_principal(b, r, body, &i->principal);
}

static int fill_key(struct build *b, const struct record *r, const cJSON *body)
{
	struct snap_identities *s = &b->snapshot->identities;
	const struct principal *parent = parent_of(b, r);
	struct str session = json_get_str(body, "sessionName");
	struct access_key *k = &s->keys[s->key_count++];

	if (!parent)
		return build_bad_record(b, r, "its identity does not exist");
	*k = (struct access_key){
		.id = build_keep(b, r->id),
		.is_active = str_eq(json_get_str(body, "status"), STR("Active")),
		.expires_ms = get_number(body, "expiresMs"),
		.sealed = build_keep_member(b, body, "sealed"),
		.token_hash = build_keep_member(b, body, "tokenHash"),
		.principal = *parent,
	};
	k->principal.access_key_id = k->id;
	if (k->token_hash.n)
		k->principal.issued_ms = r->created_ms;
	return session.n ? enter_session(b, &k->principal, session) : 0;
}

static int fill_attestation(struct build *b, const struct record *r, const cJSON *body)
{
	struct snap_identities *s = &b->snapshot->identities;
	struct snap_attestation *a = &s->attestations[s->attestation_count];
	const cJSON *uid = cJSON_GetObjectItemCaseSensitive(body, "uid");
	const struct principal *parent = parent_of(b, r);
	uint32_t vpc;

	if (!parent)
		return build_bad_record(b, r, "its identity does not exist");
	if (!build_find_place(b, json_get_str(body, "vpcId"), &vpc))
		return build_bad_record(b, r, "its VPC does not exist");
	*a = (struct snap_attestation){
		.vpc = vpc,
		.by_uid = cJSON_IsNumber(uid),
		.uid = (uint32_t)get_number(body, "uid"),
		.cgroup = build_keep_member(b, body, "cgroup"),
		.principal = *parent,
	};
	a->principal.is_attested = true;
	if (!a->by_uid && !identities_is_cgroup(a->cgroup))
		return build_bad_record(b, r, "its cgroup is no path");
	s->attestation_count++;
	return 0;
}

static int cmp_arn(const void *a, const void *b)
{
	return str_cmp(((const struct snap_identity *)a)->principal.arn,
		       ((const struct snap_identity *)b)->principal.arn);
}

static int fill_each(struct build *b, const struct record *r,
		     int (*fill)(struct build *b, const struct record *r, const cJSON *body))
{
	for (; r; r = r->next) {
		cJSON *body = json_parse(r->body);
		int err = fill(b, r, body);

		cJSON_Delete(body);
		if (err)
			return err;
	}
	return b->failed ? build_out_of_memory(b) : 0;
}

static int list(struct build *b, enum kind kind, struct record **ret)
{
	struct store_query q = { .kind = kind };

	return store_list(b->store, &q, &b->records, ret, b->fault);
}

/* Compile all identities. VPCs have their places already. */
int compile_identities(struct build *b)
{
	struct snap_identities *ids = &b->snapshot->identities;
	struct record *identities, *keys, *attestations;

	*ids = (struct snap_identities){ 0 };
	if (list(b, KIND_IDENTITY, &identities) < 0 || list(b, KIND_ACCESS_KEY, &keys) < 0 ||
	    list(b, KIND_ATTESTATION, &attestations) < 0)
		return -1;
	ids->at = arena_new(b->arena, struct snap_identity, record_count(identities) + 1);
	ids->keys = arena_new(b->arena, struct access_key, record_count(keys) + 1);
	ids->attestations =
		arena_new(b->arena, struct snap_attestation, record_count(attestations) + 1);
	if (!ids->at || !ids->keys || !ids->attestations)
		return build_out_of_memory(b);
	if (fill_each(b, identities, fill_identity) < 0 || fill_each(b, keys, fill_key) < 0 ||
	    fill_each(b, attestations, fill_attestation) < 0)
		return -1;
	qsort(ids->at, ids->count, sizeof(*ids->at), cmp_arn);
	qsort(ids->attestations, ids->attestation_count, sizeof(*ids->attestations),
	      snap_attestation_cmp);
	return 0;
}
