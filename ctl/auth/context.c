/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Condition keys and their values. The names of keys compare without case, and so do those of
 * headers and tags in them; the names of query parameters compare with case, as parameters do. A
 * header on several lines has a value for each. Query parameters are decoded, "+" as a space, as
 * whoever serves the request reads them: an escape must not hide a parameter from a Deny.
 */
#include "auth/context.h"

#include "base/array.h"
#include "http/chars.h"

#include <assert.h>
#include <time.h>

enum { FORM_ONE, FORM_MANY };

static const struct {
	struct str name;
	int form;
} known[] = {
	[CONTEXT_NONE] = { { "", 0 }, FORM_ONE },
#define X(kind, name, form) [CONTEXT_##kind] = { { name, sizeof(name) - 1 }, FORM_##form },
#include "auth/context_keys.def"
#undef X
	[CONTEXT_CALL] = { { "", 0 }, FORM_ONE },
#define X(kind, name, form) [CONTEXT_CALL_##kind] = { { name, sizeof(name) - 1 }, FORM_##form },
#include "auth/call_keys.def"
#undef X
};

/* What @q wants to do, as policies name it; the request's or static. */
struct str auth_action_name(const struct auth_request *q)
{
	if (q->action == AUTH_CALL)
		return q->call->action;
	return q->action == AUTH_INVOKE ? STR("vpc-lattice-svcs:Invoke")
					: STR("vpc-lattice-svcs:Connect");
}

/* What @text names, in @ret; false: nothing that there is. */
static bool find_key(struct str text, struct context_key *ret)
{
	size_t i;

	for (i = CONTEXT_NONE + 1; i < ARRAY_SIZE(known); i++) {
		struct str name = known[i].name;
		bool has_more = str_ends(name, STR("/"));

		if (!name.n || !str_eq_nocase(str_first(text, name.n), name))
			continue;
		if (has_more ? text.n == name.n : text.n != name.n)
			continue;
		*ret = (struct context_key){ (enum context_key_kind)i, str_skip(text, name.n),
					     text };
		return true;
	}
	return false;
}

static bool is_same_key(const struct context_key *a, const struct context_key *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == CONTEXT_REQUEST_QUERY ? str_eq(a->name, b->name)
						: str_eq_nocase(a->name, b->name);
}

/* Do only calls of the control API have values for @k? */
static bool is_of_call(const struct context_key *k)
{
	return k->kind > CONTEXT_CALL || k->kind == CONTEXT_REQUEST_TAG ||
	       k->kind == CONTEXT_TAG_KEYS;
}

/*
 * The number of the key @text in @k, which it enters when it is new; @text is borrowed as long as
 * @k lives. Returns 0, or -1 with *@ret_why saying why not.
 */
int context_keys_add(struct context_keys *k, struct str text, uint16_t *ret, const char **ret_why)
{
	struct context_key key;
	size_t i;

	if (!find_key(text, &key)) {
		*ret_why = "is no condition key";
		return -1;
	}
	if (k->without_calls && is_of_call(&key)) {
		*ret_why = "is a key of calls to the control API, for policies of identities";
		return -1;
	}
	for (i = 0; i < k->count && !is_same_key(&k->at[i], &key); i++)
		;
	if (i == CONTEXT_KEYS_MAX) {
		*ret_why = "is one key too many: a policy may name 128";
		return -1;
	}
	if (i == k->count)
		k->at[k->count++] = key;
	*ret = (uint16_t)i;
	return 0;
}

/* May a request have several values for @k? */
bool context_key_is_multivalued(const struct context_key *k)
{
	return known[k->kind].form == FORM_MANY;
}

/* Begin an evaluation of a policy with @keys for @q. All are borrowed until it ends. */
void context_init(struct context *c, const struct context_keys *keys, const struct auth_request *q,
		  struct arena *scratch)
{
	c->request = q;
	c->keys = keys;
	c->scratch = scratch;
	c->failed = false;
	memset(c->known, 0, sizeof(c->known));
}

static struct context_values one_value(struct str s)
{
	return (struct context_values){ .one = s, .count = 1 };
}

/* A value that is missing when it is empty. */
static struct context_values value_if(struct str s)
{
	return (struct context_values){ .one = s, .count = s.n > 0 };
}

/* A text made in scratch; without memory the evaluation has failed. */
static struct context_values made_value(struct context *c, struct str s)
{
	if (!s.p)
		c->failed = true;
	return value_if(s);
}

static struct context_values tag_value(const struct principal_tag *tags, size_t count,
				       struct str key)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (str_eq_nocase(tags[i].key, key))
			return one_value(tags[i].value);
	return (struct context_values){ 0 };
}

/* Room for @count values in scratch, or NULL. */
static struct str *many(struct context *c, size_t count)
{
	struct str *at = arena_new(c->scratch, struct str, count);

	if (!at)
		c->failed = true;
	return at;
}

static struct context_values header_values(struct context *c, struct str name)
{
	const struct http_headers *h = c->request->headers;
	struct context_values v = { 0 };
	struct str *at;
	size_t i;

	for (i = 0; h && i < h->count; i++) {
		if (!str_eq_nocase(h->at[i].name, name))
			continue;
		v.one = h->at[i].value;
		v.count++;
	}
	if (!v.count && str_eq_nocase(name, STR("host")))
		return value_if(c->request->authority);
	if (v.count <= 1)
		return v;
	at = many(c, v.count);
	if (!at)
		return (struct context_values){ 0 };
	v = (struct context_values){ .at = at };
	for (i = 0; i < h->count; i++)
		if (str_eq_nocase(h->at[i].name, name))
			at[v.count++] = h->at[i].value;
	return v;
}

/* The first of the request's lines @name, alone. */
static struct context_values first_header(const struct auth_request *q, struct str name)
{
	const struct http_header *h = q->headers ? http_headers_find(q->headers, name) : NULL;

	return h ? one_value(h->value) : (struct context_values){ 0 };
}

/* @s without its escapes, in scratch when it has some. */
static struct str decode(struct context *c, struct str s)
{
	char *to;
	size_t i, n = 0;

	for (i = 0; i < s.n && s.p[i] != '%' && s.p[i] != '+'; i++)
		;
	if (i == s.n)
		return s;
	to = arena_new(c->scratch, char, s.n);
	if (!to) {
		c->failed = true;
		return (struct str){ 0 };
	}
	for (i = 0; i < s.n; i++) {
		int byte = char_escape(s, i);

		if (byte >= 0) {
			to[n++] = (char)byte;
			i += 2;
		} else {
			to[n++] = s.p[i];
			if (s.p[i] == '+')
				to[n - 1] = ' ';
		}
	}
	return (struct str){ to, n };
}

/* The values of the query's parameters @name, in their order; @at NULL: only count them. */
static size_t read_query(struct context *c, struct str name, struct str *at)
{
	struct str_cut part = { .tail = c->request->query };
	size_t count = 0;

	while (part.tail.n) {
		struct str_cut pair;

		part = str_cut(part.tail, '&');
		pair = str_cut(part.head, '=');
		if (!str_eq(decode(c, pair.head), name))
			continue;
		if (at)
			at[count] = decode(c, pair.tail);
		count++;
	}
	return count;
}

static struct context_values query_values(struct context *c, struct str name)
{
	size_t count = read_query(c, name, NULL);
	struct str *at;

	if (!count)
		return (struct context_values){ 0 };
	at = many(c, count);
	if (!at)
		return (struct context_values){ 0 };
	read_query(c, name, at);
	return (struct context_values){ .at = at, .count = count };
}

static struct context_values time_value(struct context *c, uint64_t ms)
{
	time_t at = (time_t)(ms / 1000);
	char text[32];
	struct tm tm = { 0 };
	size_t n;

	gmtime_r(&at, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return made_value(c, arena_copy(c->scratch, (struct str){ text, n }));
}

static struct context_values address_value(struct context *c, const struct sock_addr *a)
{
	char text[SOCK_ADDR_TEXT_MAX];

	if (!a || !a->family)
		return (struct context_values){ 0 };
	return made_value(c, arena_copy(c->scratch, sock_addr_write_ip(a, text)));
}

/* The part of an ARN before its @nth colon. */
static struct str arn_part(struct str arn, unsigned nth)
{
	struct str_cut c = { .tail = arn };

	while (nth--)
		c = str_cut(c.tail, ':');
	return c.head;
}

static struct context_values bool_value(bool b)
{
	return one_value(b ? STR("true") : STR("false"));
}

/* Keys about the caller; the anonymous one has a type and an id only. */
static struct context_values principal_value(struct context *c, const struct context_key *k)
{
	const struct principal *p = c->request->principal;

	switch (k->kind) {
	case CONTEXT_PRINCIPAL_ARN:
		return value_if(p->iam_arn);
	case CONTEXT_PRINCIPAL_ACCOUNT:
		return value_if(p->account);
	case CONTEXT_PRINCIPAL_ORG_ID:
		return value_if(p->org_id);
	case CONTEXT_PRINCIPAL_ORG_PATHS:
		return (struct context_values){ .at = p->org_paths, .count = p->org_path_count };
	case CONTEXT_PRINCIPAL_TAG:
		return tag_value(p->tags, p->tag_count, k->name);
	case CONTEXT_PRINCIPAL_TYPE:
		return one_value(principal_type_name(p->type));
	case CONTEXT_PRINCIPAL_IS_SERVICE:
		return bool_value(false);
	case CONTEXT_USER_ID:
		return p->type == PRINCIPAL_ANONYMOUS ? one_value(STR("anonymous"))
						      : value_if(p->user_id);
	case CONTEXT_USER_NAME:
		return p->type == PRINCIPAL_USER ? value_if(p->name) : (struct context_values){ 0 };
	default:
		assert(k->kind == CONTEXT_TOKEN_ISSUE_TIME);
		return p->issued_ms ? time_value(c, p->issued_ms) : (struct context_values){ 0 };
	}
}

static struct context_values call_value(const struct auth_call *call, const struct context_key *k)
{
	if (!call)
		return (struct context_values){ 0 };
	if (k->kind == CONTEXT_REQUEST_TAG)
		return tag_value(call->tags, call->tag_count, k->name);
	return k->kind == CONTEXT_TAG_KEYS ? call->tag_keys
					   : call->values[k->kind - CONTEXT_CALL - 1];
}

static struct context_values find_values(struct context *c, const struct context_key *k)
{
	const struct auth_request *q = c->request;

	switch (k->kind) {
	case CONTEXT_PORT:
		return made_value(c, arena_printf(c->scratch, "%u", q->port));
	case CONTEXT_REQUEST_METHOD:
		return value_if(q->method);
	case CONTEXT_REQUEST_PATH:
		return value_if(q->path);
	case CONTEXT_REQUEST_HEADER:
		return header_values(c, k->name);
	case CONTEXT_REQUEST_QUERY:
		return query_values(c, k->name);
	case CONTEXT_NETWORK_ARN:
		return value_if(q->network_arn);
	case CONTEXT_SERVICE_ARN:
		return value_if(q->service_arn);
	case CONTEXT_SOURCE_VPC:
	case CONTEXT_AWS_SOURCE_VPC:
		return value_if(q->source_vpc);
	case CONTEXT_SOURCE_VPC_ACCOUNT:
		return value_if(q->source_vpc_account);
	case CONTEXT_SOURCE_IP:
		return address_value(c, q->source);
	case CONTEXT_CURRENT_TIME:
		return time_value(c, q->now_ms);
	case CONTEXT_EPOCH_TIME:
		return made_value(
			c, arena_printf(c->scratch, "%llu", (unsigned long long)q->now_ms / 1000));
	case CONTEXT_SECURE_TRANSPORT:
		return bool_value(q->is_secure);
	case CONTEXT_USER_AGENT:
		return first_header(q, STR("user-agent"));
	case CONTEXT_REFERER:
		return first_header(q, STR("referer"));
	case CONTEXT_REQUESTED_REGION:
		return value_if(q->call ? q->call->region : arn_part(q->service_arn, 4));
	case CONTEXT_RESOURCE_ACCOUNT:
		return value_if(arn_part(q->call ? q->resource : q->service_arn, 5));
	case CONTEXT_RESOURCE_TAG:
		return tag_value(q->resource_tags, q->resource_tag_count, k->name);
	default:
		return is_of_call(k) ? call_value(q->call, k) : principal_value(c, k);
	}
}

/* The values of the policy's key number @key; they live as long as the request and scratch. */
const struct context_values *context_get(struct context *c, size_t key)
{
	uint64_t bit = UINT64_C(1) << key % 64;

	assert(key < c->keys->count);
	if (!(c->known[key / 64] & bit)) {
		c->known[key / 64] |= bit;
		c->values[key] = find_values(c, &c->keys->at[key]);
	}
	return &c->values[key];
}

/* The value number @i of @v. */
struct str context_value(const struct context_values *v, size_t i)
{
	return v->at ? v->at[i] : v->one;
}

/* Keys that are numbers or times need no text: seconds or the port in *@ret. */
bool context_number(const struct auth_request *q, const struct context_key *k, double *ret)
{
	switch (k->kind) {
	case CONTEXT_PORT:
		*ret = q->port;
		return true;
	case CONTEXT_CURRENT_TIME:
	case CONTEXT_EPOCH_TIME:
		*ret = (double)(q->now_ms / 1000);
		return true;
	default:
		return false;
	}
}
