/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations as a table. A path is split at its slashes before anything in it is decoded, because
 * an ARN in a path carries encoded slashes of its own.
 */
#include "api/dispatch.h"

#include "api/handlers.h"
#include "api/permission.h"
#include "api/token.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/rand.h"
#include "model/address.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* What one call may allocate: a page of records, and all records of a kind for a count. */
static const size_t call_bytes_max = (size_t)64 << 20;

/* Longest path parameter: an ARN. */
enum { PARAM_BYTES_MAX = 2048 };

struct operation {
	const char *name, *method, *uri;
	unsigned status;
	int (*handler)(struct call *c);
	const struct field *body, *query;
};

static const struct operation operations[] = {
#define X(name, method, uri, status, handler, body, query) \
	{ #name, #method, uri, status, handler, body, query },
#include "api/operations.def"
#undef X
};

static bool is_param(struct str segment)
{
	return segment.n && segment.p[0] == '{';
}

/* Does @path fit the template @uri? Its parameters, still encoded, go to @params. */
static bool match_uri(struct str uri, struct str path, struct str params[CALL_PARAMS_MAX])
{
	struct str_cut u = { .tail = uri, .found = true }, p = { .tail = path, .found = true };
	size_t n = 0;

	while (u.found && p.found) {
		u = str_cut(u.tail, '/');
		p = str_cut(p.tail, '/');
		if (is_param(u.head)) {
			if (!p.head.n || n == CALL_PARAMS_MAX)
				return false;
			params[n++] = p.head;
		} else if (!str_eq(u.head, p.head)) {
			return false;
		}
	}
	return u.found == p.found;
}

static const struct operation *find_operation(const struct api_request *r,
					      struct str params[CALL_PARAMS_MAX])
{
	struct str path = r->path;
	size_t i;

	/* Where collectors look for it. */
	if (str_eq(path, STR("/metrics")))
		path = STR("/lattice/v1/metrics");
	for (i = 0; i < ARRAY_SIZE(operations); i++)
		if (str_eq(r->method, str_of(operations[i].method)) &&
		    match_uri(str_of(operations[i].uri), path, params))
			return &operations[i];
	return NULL;
}

/* What the @nth parameter of @uri is called. */
static struct str param_name(const char *uri, size_t nth)
{
	struct str_cut c = str_cut(str_of(uri), '{');

	while (nth--)
		c = str_cut(c.tail, '{');
	return str_cut(c.tail, '}').head;
}

static int decode_params(struct call *c, const struct operation *o,
			 const struct str params[CALL_PARAMS_MAX])
{
	size_t i;

	for (i = 0; i < CALL_PARAMS_MAX && params[i].n; i++) {
		char *text = arena_new(&c->arena, char, params[i].n);

		if (!text)
			return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
		if (!field_decode(params[i], text, &c->params[i].n) || !c->params[i].n)
			return fault_set(&c->fault, FAULT_CANNOT_PARSE,
					 "the path cannot be decoded");
		if (c->params[i].n > PARAM_BYTES_MAX) {
			char *name = arena_cstr(&c->arena, param_name(o->uri, i));

			return fault_set_field(&c->fault, name ? name : "",
					       "%s must be 1 to %d characters", name ? name : "",
					       PARAM_BYTES_MAX);
		}
		c->params[i].p = text;
	}
	return 0;
}

/* Read and check body and query. No body is an empty object. */
static int read_request(struct call *c, const struct operation *o, const struct api_request *r)
{
	cJSON *query = call_new_object(c);
	cJSON *body = r->body.n ? json_parse(r->body) : cJSON_CreateObject();

	if (!body)
		return fault_set(&c->fault, FAULT_CANNOT_PARSE, "the body is not JSON");
	if (!query || !cJSON_AddItemToArray(c->kept, body)) {
		cJSON_Delete(body);
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	}
	c->body = body;
	c->query = query;
	if (!cJSON_IsObject(body))
		return fault_set(&c->fault, FAULT_CANNOT_PARSE, "the body must be an object");
	if (field_read_query(r->query, o->query, query, &c->fault) < 0)
		return -1;
	return field_check_object(body, o->body, &c->fault);
}

static int check_permission(struct call *c, const struct operation *o, const struct api_request *r)
{
	const struct permission p = {
		.operation = str_of(o->name),
		.uri = str_of(o->uri),
		.principal = r->principal,
		.source = r->source,
		.headers = r->headers,
	};

	return r->principal ? permission_check(c, &p) : 0;
}

/* The handler's work, unless the request repeats one whose answer is remembered. */
static int do_work(struct call *c, const struct operation *o, const struct api_request *r)
{
	bool repeated;

	if (check_permission(c, o, r) < 0)
		return -1;
	if (token_recall(c, o->name, &repeated) < 0)
		return -1;
	if (repeated)
		return 0;
	if (o->handler(c) < 0)
		return -1;
	if (c->failed)
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	return token_keep(c, o->name);
}

/* Run the operation in a transaction that is committed only when all went well. */
static int run_handler(struct call *c, const struct operation *o, const struct api_request *r)
{
	bool writes = !str_eq(str_of(o->method), STR("GET"));
	struct fault ignored;

	if (store_begin(c->store, writes, &c->fault) < 0)
		return -1;
	if (do_work(c, o, r) < 0) {
		store_end(c->store, false, &ignored);
		return -1;
	}
	return store_end(c->store, writes && !c->discard, &c->fault);
}

/* No signature opens what is an administrator's; of AWS's operations its identity's policy says. */
static int check_signer(struct call *c, const struct operation *o)
{
	if (!o || !str_starts(str_of(o->uri), STR("/lattice/")))
		return 0;
	return fault_set(&c->fault, FAULT_ACCESS_DENIED,
			 "%s is an administrator's: it is answered on the daemon's own socket only",
			 o->name);
}

static int check_access(struct call *c, const struct api_request *r, const struct operation *o)
{
	if (r->is_metrics_only && (!o || o->handler != metrics_get))
		return fault_set(&c->fault, FAULT_ACCESS_DENIED,
				 "nothing but GET /metrics is answered here");
	if (r->principal)
		return check_signer(c, o);
	if (!r->is_admin && !r->is_metrics_only)
		return fault_set(&c->fault, FAULT_ACCESS_DENIED,
				 "only root and the group lattice may use this API");
	return 0;
}

static int run_operation(struct call *c, const struct api_request *r, struct api_reply *ret)
{
	struct str params[CALL_PARAMS_MAX] = { 0 };
	const struct operation *o;

	o = find_operation(r, params);
	if (check_access(c, r, o) < 0)
		return -1;
	if (!id_is_account(c->account))
		return fault_set_field(&c->fault, "X-Lattice-Account",
				       "X-Lattice-Account must be 12 digits");
	if (!o)
		return fault_set(&c->fault, FAULT_UNKNOWN_OPERATION,
				 STR_FMT " of this path is no operation",
				 STR_ARG(str_first(r->method, 16)));
	if (decode_params(c, o, params) < 0 || read_request(c, o, r) < 0 ||
	    run_handler(c, o, r) < 0)
		return -1;
	ret->status = o->status;
	return 0;
}

static void reply_init(struct api_reply *r)
{
	static const size_t dashes[] = { 8, 13, 18, 23 };
	size_t i;

	*r = (struct api_reply){ 0 };
	buf_init(&r->body, API_REPLY_BYTES_MAX);
	r->body.wipes = true;
	rand_hex(r->request_id, API_REQUEST_ID_BYTES - 1);
	for (i = 0; i < ARRAY_SIZE(dashes); i++)
		r->request_id[dashes[i]] = '-';
	r->request_id[14] = '4';
}

static void write_member(struct buf *b, const char *name, struct str value)
{
	if (buf_len(b) > 1)
		buf_add_char(b, ',');
	json_write_str(b, str_of(name));
	buf_add_char(b, ':');
	json_write_str(b, value);
}

/* The members that AWS's model gives this fault. */
static void write_fault(const struct fault *f, struct buf *b)
{
	struct str reason = fault_reason(f->code);

	buf_add_char(b, '{');
	write_member(b, "message", str_of(f->message));
	if (reason.n)
		write_member(b, "reason", reason);
	if (f->field[0]) {
		buf_add_lit(b, ",\"fieldList\":[{\"name\":");
		json_write_str(b, str_of(f->field));
		buf_add_lit(b, ",\"message\":");
		json_write_str(b, str_of(f->message));
		buf_add_lit(b, "}]");
	}
	if (f->code == FAULT_NOT_FOUND || f->code == FAULT_CONFLICT || f->code == FAULT_QUOTA) {
		write_member(b, "resourceId", str_of(f->resource_id));
		write_member(b, "resourceType", str_of(kind_names(f->kind)->type));
	}
	if (f->code == FAULT_QUOTA) {
		write_member(b, "serviceCode", STR("vpc-lattice"));
		write_member(b, "quotaCode", str_of(f->quota_code ? f->quota_code : "local"));
	}
	buf_add_char(b, '}');
}

static void set_fault(const struct fault *f, struct api_reply *ret)
{
	ret->status = fault_status(f->code);
	ret->error = fault_name(f->code);
	buf_clear(&ret->body);
	write_fault(f, &ret->body);
}

/* The reply to a request that was refused before it could be dispatched. */
void dispatch_refuse(const struct fault *fault, struct api_reply *ret)
{
	reply_init(ret);
	set_fault(fault, ret);
}

/* An answer that is text moves to the reply as it is. */
static void move_text(struct call *c, struct api_reply *ret)
{
	buf_fini(&ret->body);
	ret->body = c->text;
	ret->type = c->text_type;
	c->text = (struct buf){ 0 };
}

static void write_answer(struct call *c, struct api_reply *ret)
{
	char *text = cJSON_PrintUnformatted(c->answer);

	if (text)
		buf_add(&ret->body, str_of(text));
	cJSON_free(text);
	if (text && !ret->body.failed)
		return;
	/* What was changed stays changed: it is durable, only its description is lost. */
	fault_set(&c->fault, FAULT_INTERNAL, "done, but out of memory for the answer");
	set_fault(&c->fault, ret);
}

/* Answer @r. *@ret is always filled. */
void dispatch_run(const struct api_context *on, const struct api_request *r, struct api_reply *ret)
{
	struct call c = {
		.store = on->store,
		.region = on->region,
		.account = r->account.n ? r->account : on->account,
		.hooks = on->hooks,
		.quotas = on->quotas,
		.pool = on->pool ? on->pool : &pool_default,
		.vault = on->vault,
		.ca = on->ca,
		.now_ms = clock_wall_ms(),
	};

	reply_init(ret);
	arena_init(&c.arena, call_bytes_max);
	c.arena.wipes = true;
	c.answer = cJSON_CreateObject();
	c.kept = cJSON_CreateArray();
	if (!c.answer || !c.kept) {
		fault_set(&c.fault, FAULT_INTERNAL, "out of memory");
		set_fault(&c.fault, ret);
	} else if (run_operation(&c, r, ret) < 0) {
		set_fault(&c.fault, ret);
	} else {
		if (c.text_type.n)
			move_text(&c, ret);
		else if (ret->status != 204)
			write_answer(&c, ret);
		if (c.changed && !c.discard && on->hooks && on->hooks->changed)
			on->hooks->changed(on->hooks->ctx);
	}
	if (on->hooks && on->hooks->answered)
		on->hooks->answered(on->hooks->ctx);
	buf_fini(&c.text);
	cJSON_Delete(c.answer);
	cJSON_Delete(c.kept);
	arena_fini(&c.arena);
}

void api_reply_fini(struct api_reply *r)
{
	buf_fini(&r->body);
}
