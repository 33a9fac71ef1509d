/* SPDX-License-Identifier: Apache-2.0 */
/* Refused requests, copied whole: the snapshot that they were judged by may go at any time. */
#include "proxy/refusal.h"

#include "proxy/request.h"

#include <stddef.h>
#include <stdlib.h>

/* A head of 60 K, a principal with its tags and the ARNs. Longer ones are not kept. */
enum { REFUSAL_BYTES_MAX = 128 << 10 };

static struct str keep(struct refusal *f, struct str s, bool *ok)
{
	struct str copy = arena_copy(&f->arena, s);

	*ok &= copy.p != NULL;
	return copy;
}

static void keep_principal(struct refusal *f, const struct principal *p, bool *ok)
{
	struct principal_tag *tags = arena_new(&f->arena, struct principal_tag, p->tag_count + 1);
	struct str *paths = arena_new(&f->arena, struct str, p->org_path_count + 1);
	size_t i;

	*ok &= tags && paths;
	if (!*ok)
		return;
	for (i = 0; i < p->tag_count; i++)
		tags[i] = (struct principal_tag){ keep(f, p->tags[i].key, ok),
						  keep(f, p->tags[i].value, ok) };
	for (i = 0; i < p->org_path_count; i++)
		paths[i] = keep(f, p->org_paths[i], ok);
	f->principal = (struct principal){
		.type = p->type,
		.arn = keep(f, p->arn, ok),
		.iam_arn = keep(f, p->iam_arn, ok),
		.account = keep(f, p->account, ok),
		.user_id = keep(f, p->user_id, ok),
		.name = keep(f, p->name, ok),
		.session = keep(f, p->session, ok),
		.org_id = keep(f, p->org_id, ok),
		.org_paths = paths,
		.org_path_count = p->org_path_count,
		.tags = tags,
		.tag_count = p->tag_count,
		.issued_ms = p->issued_ms,
		.is_attested = p->is_attested,
	};
	/* Policies are counted, and nobody changes them. */
	if (p->policy)
		f->principal.policy = policy_get((struct policy *)p->policy);
}

static const struct http_headers *keep_headers(struct refusal *f, const struct http_headers *h,
					       bool *ok)
{
	struct http_headers *copy = arena_new(&f->arena, struct http_headers, 1);
	size_t i;

	*ok &= copy != NULL;
	if (!copy)
		return NULL;
	copy->count = h->count;
	for (i = 0; i < h->count; i++)
		copy->at[i] = (struct http_header){ keep(f, h->at[i].name, ok),
						    keep(f, h->at[i].value, ok) };
	return copy;
}

static void keep_question(struct refusal *f, const struct auth_request *q, bool *ok)
{
	struct principal_tag *tags =
		arena_new(&f->arena, struct principal_tag, q->resource_tag_count + 1);
	size_t i;

	*ok &= tags != NULL;
	if (!tags)
		return;
	for (i = 0; i < q->resource_tag_count; i++)
		tags[i] = (struct principal_tag){ keep(f, q->resource_tags[i].key, ok),
						  keep(f, q->resource_tags[i].value, ok) };
	f->source = *q->source;
	f->question = *q;
	f->question.principal = &f->principal;
	f->question.source = &f->source;
	f->question.resource_tags = tags;
	f->question.resource = keep(f, q->resource, ok);
	f->question.service_arn = keep(f, q->service_arn, ok);
	f->question.network_arn = keep(f, q->network_arn, ok);
	f->question.source_vpc = keep(f, q->source_vpc, ok);
	f->question.source_vpc_account = keep(f, q->source_vpc_account, ok);
	f->question.method = keep(f, q->method, ok);
	f->question.path = keep(f, q->path, ok);
	f->question.query = keep(f, q->query, ok);
	f->question.authority = keep(f, q->authority, ok);
	f->question.headers = keep_headers(f, q->headers, ok);
}

static struct auth_gate keep_gate(const struct auth_gate *g)
{
	if (g->policy)
		policy_get((struct policy *)g->policy);
	if (g->trial)
		policy_get((struct policy *)g->trial);
	return *g;
}

/* What is to be kept of @r, which asked @q through the @network; NULL without memory. */
struct refusal *refusal_new(const struct request *r, const struct auth_gate *network,
			    const struct auth_request *q)
{
	struct refusal *f = calloc(1, sizeof(*f));
	bool ok = true;

	if (!f)
		return NULL;
	list_init(&f->link);
	arena_init(&f->arena, REFUSAL_BYTES_MAX);
	f->arena.wipes = true; /* heads may hold secrets */
	f->at_ms = q->now_ms;
	f->network = keep_gate(network);
	f->service = keep_gate(&r->service->auth);
	f->id = keep(f, r->id, &ok);
	f->service_id = keep(f, r->service->id, &ok);
	f->network_id = keep(f, r->vpc->network_id, &ok);
	keep_principal(f, q->principal, &ok);
	keep_question(f, q, &ok);
	if (ok)
		return f;
	refusal_free(f);
	return NULL;
}

/* NULL is fine. */
void refusal_free(struct refusal *f)
{
	if (!f)
		return;
	list_remove(&f->link);
	policy_put((struct policy *)f->network.policy);
	policy_put((struct policy *)f->network.trial);
	policy_put((struct policy *)f->service.policy);
	policy_put((struct policy *)f->service.trial);
	policy_put((struct policy *)f->principal.policy);
	arena_fini(&f->arena);
	free(f);
}
