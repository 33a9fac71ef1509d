/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations of our own that say why: of a request that might be made, by the configuration in
 * force, and of one that was refused a moment ago, by what it was judged by.
 */
#include "api/explanation.h"
#include "api/form.h"
#include "api/handlers.h"
#include "base/json.h"
#include "model/snapshot.h"
#include "proxy/refusal.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

enum { PATH_BYTES_MAX = 8192, HEADER_BYTES_MAX = 8192 };

static bool is_path(struct str s)
{
	return str_starts(s, STR("/"));
}

static bool is_ip(struct str s)
{
	struct sock_addr a;

	return sock_addr_parse(s, &a) == 0;
}

static bool is_principal(struct str s)
{
	return principal_parse_arn(s).type != PRINCIPAL_ANONYMOUS;
}

static const struct field header_fields[] = {
	{ .name = "name", .type = FIELD_STRING, .required = true, .min = 1, .max = 256 },
	{ .name = "value", .type = FIELD_STRING, .required = true, .max = HEADER_BYTES_MAX },
	{ 0 },
};

static const struct field header_item = { .type = FIELD_OBJECT, .members = header_fields };

const struct field explain_fields[] = {
	{ .name = "serviceIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .identifies = KIND_SERVICE },
	{ .name = "vpcIdentifier", .type = FIELD_STRING, .identifies = KIND_VPC },
	{ .name = "principalArn",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = 2048,
	  .matches = is_principal,
	  .expected = "the ARN of an account's root, a user, a role or a session" },
	{ .name = "method", .type = FIELD_STRING, .min = 1, .max = 16 },
	{ .name = "path",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = PATH_BYTES_MAX,
	  .matches = is_path,
	  .expected = "a path, with its query perhaps" },
	{ .name = "headers",
	  .type = FIELD_LIST,
	  .max = LATTICE_HEADERS_MAX,
	  .members = &header_item },
	{ .name = "sourceIp",
	  .type = FIELD_STRING,
	  .min = 2,
	  .max = 64,
	  .matches = is_ip,
	  .expected = "an IPv4 or IPv6 address" },
	{ .name = "port", .type = FIELD_INTEGER, .min = 1, .max = 65535 },
	{ .name = "isSecure", .type = FIELD_BOOLEAN },
	{ 0 },
};

/* A request as it is made up from the call. */
struct made {
	struct auth_request question;
	struct principal principal;
	struct sock_addr source;
	struct http_headers headers;
	const struct snap_service *service;
	const struct snap_vpc *vpc;
	const struct snap_network *network;
};

static const struct snapshot *snapshot_of(struct call *c)
{
	const struct snapshot *s = NULL;

	if (c->hooks && c->hooks->snapshot)
		s = c->hooks->snapshot(c->hooks->ctx);
	if (!s)
		fault_set(&c->fault, FAULT_INTERNAL, "there is no configuration in force");
	return s;
}

/* The listener of @m's service on the port that is asked for, or its first; NULL: none. */
static const struct snap_listener *find_listener(const struct call *c, const struct made *m)
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(c->body, "port");
	size_t i;

	for (i = 0; i < m->service->listener_count; i++)
		if (!cJSON_IsNumber(port) || m->service->listeners[i].port == port->valuedouble)
			return &m->service->listeners[i];
	return NULL;
}

static int find_service(struct call *c, const struct snapshot *s, struct made *m)
{
	struct record *r;

	if (call_find(c, "serviceIdentifier", KIND_SERVICE,
		      json_get_str(c->body, "serviceIdentifier"), &r) < 0)
		return -1;
	m->service = snapshot_find_service(s, r->number);
	if (!m->service || !str_eq(m->service->id, r->id))
		return fault_set_field(&c->fault, "serviceIdentifier",
				       "the service is not in force yet");
	return 0;
}

/* The VPC that is asked for, or the first one that reaches the service; and its network. */
static int find_vpc(struct call *c, const struct snapshot *s, struct made *m)
{
	struct str wanted = json_get_str(c->body, "vpcIdentifier");
	uint32_t i;

	for (i = 0; i < LATTICE_VPCS_MAX; i++) {
		const struct snap_vpc *v = snapshot_find_vpc(s, i);
		const struct snap_network *n = v ? snapshot_find_network(s, v->network) : NULL;

		if (!n || (wanted.n && !str_eq(v->id, wanted) && !str_eq(v->arn, wanted)))
			continue;
		if (!snap_network_has(n, m->service->index))
			continue;
		m->vpc = v;
		m->network = n;
		return 0;
	}
	return fault_set_field(&c->fault, "vpcIdentifier",
			       wanted.n ? "the VPC does not exist, or does not reach the service"
					: "no VPC reaches the service");
}

/* The identity @arn, or the role whose session it is. */
static const struct snap_identity *find_identity(const struct snap_identities *ids, struct str arn)
{
	const struct snap_identity *found = identities_find(ids, arn);
	struct principal_arn want = principal_parse_arn(arn);
	size_t i;

	for (i = 0; !found && want.session.n && i < ids->count; i++) {
		const struct principal *p = &ids->at[i].principal;

		if (p->type == want.type && str_eq(p->account, want.account) &&
		    str_eq(p->name, want.name))
			found = &ids->at[i];
	}
	return found;
}

static int read_principal(struct call *c, const struct snapshot *s, struct made *m)
{
	struct str arn = json_get_str(c->body, "principalArn");
	const struct snap_identity *i;

	if (!arn.n)
		return 0;
	i = find_identity(&s->identities, arn);
	if (!i)
		return fault_set_resource(&c->fault, FAULT_NOT_FOUND, KIND_IDENTITY, arn,
					  "there is no identity " STR_FMT, STR_ARG(arn));
	m->principal = i->principal;
	m->principal.arn = arn;
	return 0;
}

static void read_headers(const struct call *c, struct made *m)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(c->body, "headers"))
		m->headers.at[m->headers.count++] =
			(struct http_header){ json_get_str(item, "name"),
					      json_get_str(item, "value") };
}

/* What of a request is HTTP. */
static int read_http(struct call *c, struct made *m)
{
	struct str method = json_get_str(c->body, "method");
	struct str path = json_get_str(c->body, "path");
	struct str_cut cut = str_cut(path.n ? path : STR("/"), '?');
	struct auth_request *q = &m->question;

	read_headers(c, m);
	q->resource = arena_printf(&c->arena, STR_FMT STR_FMT, STR_ARG(m->service->arn),
				   STR_ARG(cut.head));
	q->method = method.n ? method : STR("GET");
	q->path = cut.head;
	q->query = cut.tail;
	q->authority = m->service->dns_name;
	return q->resource.p ? 0 : fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
}

/* Nothing of what passes through is read: it is allowed or not as a connection. */
static int read_question(struct call *c, const struct snap_listener *l, struct made *m)
{
	bool passes_through = str_eq(l->protocol, STR("TLS_PASSTHROUGH"));
	const cJSON *secure = cJSON_GetObjectItemCaseSensitive(c->body, "isSecure");
	struct str ip = json_get_str(c->body, "sourceIp");

	if (ip.n && sock_addr_parse(ip, &m->source) < 0)
		return fault_set(&c->fault, FAULT_INTERNAL, "sourceIp was not checked");
	m->question = (struct auth_request){
		.action = passes_through ? AUTH_CONNECT : AUTH_INVOKE,
		.principal = &m->principal,
		.resource = m->service->arn,
		.service_arn = m->service->arn,
		.network_arn = m->vpc->network_arn,
		.source_vpc = m->vpc->id,
		.source_vpc_account = m->vpc->account,
		.source = &m->source,
		.port = l->port,
		.is_secure = secure ? cJSON_IsTrue(secure) : !str_eq(l->protocol, STR("HTTP")),
		.now_ms = c->now_ms,
		.resource_tags = m->service->tags,
		.resource_tag_count = m->service->tag_count,
		.headers = &m->headers,
	};
	return passes_through ? 0 : read_http(c, m);
}

int explain_access(struct call *c)
{
	const struct snapshot *s = snapshot_of(c);
	struct made *m = arena_new(&c->arena, struct made, 1);
	const struct snap_listener *l;

	if (!s || !m)
		return fault_set(&c->fault, FAULT_INTERNAL, "no configuration, or no memory");
	if (find_service(c, s, m) < 0 || find_vpc(c, s, m) < 0 || read_principal(c, s, m) < 0)
		return -1;
	l = find_listener(c, m);
	if (!l)
		return fault_set_field(&c->fault, "port", "the service does not listen there");
	if (read_question(c, l, m) < 0)
		return -1;
	explanation_put(c,
			&(struct explanation){ &m->question, &m->network->auth, &m->service->auth,
					       m->vpc->network_id, m->service->id },
			c->answer);
	return 0;
}

static void put_request(struct call *c, const struct refusal *f, struct cJSON *into)
{
	call_put_str(c, into, "requestId", f->id);
	call_put_number(c, into, "refusedAt", (double)f->at_ms / 1000);
	call_put_str(c, into, "method", f->question.method);
	call_put_str(c, into, "path", f->question.path);
	if (f->question.query.n)
		call_put_str(c, into, "query", f->question.query);
}

/* A signature that is not valid was refused before any policy was asked. */
static void put_signature(struct call *c, const struct refusal *f, struct cJSON *into)
{
	call_put_str(c, into, "verdict", STR("DENIED"));
	call_put_str(c, into, "message", f->reason);
	if (f->canonical_request.n)
		call_put_str(c, into, "canonicalRequest", f->canonical_request);
	if (f->string_to_sign.n)
		call_put_str(c, into, "stringToSign", f->string_to_sign);
}

int explain_refusal(struct call *c)
{
	struct str id = c->params[0];
	const struct refusal *f = NULL;

	if (c->hooks && c->hooks->refusal)
		f = c->hooks->refusal(c->hooks->ctx, id);
	if (!f)
		return fault_set(&c->fault, FAULT_NOT_FOUND,
				 "no request " STR_FMT " was refused lately", STR_ARG(id));
	put_request(c, f, c->answer);
	if (f->reason.n) {
		put_signature(c, f, c->answer);
		return 0;
	}
	explanation_put(c,
			&(struct explanation){ &f->question, &f->network, &f->service,
					       f->network_id, f->service_id },
			c->answer);
	return 0;
}
