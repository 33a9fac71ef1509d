/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group holds what it needs of its functions: a change of a function compiles everything, which
 * is rare enough.
 */
#include "store/compile_function.h"

#include "base/json.h"
#include "io/tls_trust.h"
#include "model/endpoint.h"
#include "model/function_arn.h"
#include "model/snap_function.h"

#include <cjson/cJSON.h>

/* What events the functions of @group get; NONE when its targets are no functions. */
enum snap_lambda compile_lambda(const struct cJSON *group)
{
	const cJSON *config = cJSON_GetObjectItemCaseSensitive(group, "config");

	if (!str_eq(json_get_str(group, "type"), STR("LAMBDA")))
		return SNAP_LAMBDA_NONE;
	return str_eq(json_get_str(config, "lambdaEventStructureVersion"), STR("V2"))
		       ? SNAP_LAMBDA_V2
		       : SNAP_LAMBDA_V1;
}

/* Whose signature calls of the function @r in @arn's region carry. */
static bool fill_signing(struct build *b, const struct record *r, const cJSON *body,
			 struct str region, struct snap_function *f)
{
	struct str secret = json_get_str(body, "sealedSecret");
	struct str token = json_get_str(body, "sealedToken");
	struct snap_signing *s;

	if (!secret.n)
		return true;
	s = arena_new(b->arena, struct snap_signing, 1);
	if (!s)
		return false;
	s->key_id = build_keep_member(b, body, "accessKeyId");
	s->region = build_keep(b, region);
	s->secret = build_keep(b, secret);
	s->secret_label = build_keep(b, r->id);
	if (token.n) {
		s->token = build_keep(b, token);
		s->token_label =
			arena_printf(b->arena, STR_FMT FUNCTION_TOKEN_LABEL_END, STR_ARG(r->id));
	}
	f->signing = s;
	return !token.n || s->token_label.p;
}

/* Whom to trust, if that is its own affair. */
static bool fill_trust(struct build *b, const cJSON *body, struct snap_function *f)
{
	struct str pem = json_get_str(body, "certificateAuthority");
	struct tls_trust *t;

	if (!pem.n)
		return true;
	t = tls_trust_new(pem);
	if (!t || !arena_defer(b->arena, tls_trust_free, t)) {
		tls_trust_free(t);
		return false;
	}
	f->trust = t;
	return true;
}

static bool fill(struct build *b, const struct record *r, const struct function_arn *arn,
		 struct snap_target *t)
{
	struct snap_function *f = arena_new(b->arena, struct snap_function, 1);
	cJSON *body = json_parse(r->body);
	struct endpoint e;
	bool done;

	done = f && endpoint_parse(json_get_str(body, "endpoint"), &e) == 0 &&
	       str_eq(json_get_str(body, "functionArn"), arn->unqualified);
	if (done) {
		*f = (struct snap_function){
			.host = build_keep(b, e.host),
			.name = build_keep(b, e.name),
			.path_prefix = e.path.n ? build_keep(b, e.path) : STR(""),
			.is_whole_path = str_ends(e.path, STR("/invocations")),
			.is_tls = e.is_tls,
		};
		t->vpc = LATTICE_HOST_VPC;
		t->addr = e.addr;
		t->function = f;
		done = fill_signing(b, r, body, arn->region, f) && fill_trust(b, body, f);
	}
	cJSON_Delete(body);
	return done;
}

/* The function that the target @r is, which its name says. */
int compile_function_target(struct build *b, const struct record *r, struct snap_target *ret)
{
	struct store_query q = { .kind = KIND_FUNCTION, .account = r->account, .limit = 1 };
	struct function_arn arn;
	struct record *function;

	if (!function_arn_parse(r->name, &arn))
		return build_bad_record(b, r, "its name is no ARN of a function");
	q.name = arn.name;
	if (store_list(b->store, &q, &b->reading, &function, b->fault) < 0)
		return -1;
	if (!function || !fill(b, function, &arn, ret))
		return build_bad_record(b, r, "its function cannot be called");
	ret->function_arn = build_keep(b, r->name);
	return 0;
}
