/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group holds what it needs of its functions: a change of a function compiles everything, which
 * is rare enough.
 */
#include "store/compile_function.h"

#include "base/json.h"
#include "model/endpoint.h"
#include "model/function_arn.h"

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

static bool fill(struct build *b, const cJSON *body, struct str arn, struct snap_target *t)
{
	struct snap_function *f = arena_new(b->arena, struct snap_function, 1);
	struct endpoint e;

	if (!f || endpoint_parse(json_get_str(body, "endpoint"), &e) ||
	    !str_eq(json_get_str(body, "functionArn"), arn))
		return false;
	*f = (struct snap_function){
		.host = build_keep(b, e.host),
		.path_prefix = e.path.n ? build_keep(b, e.path) : STR(""),
		.is_whole_path = str_ends(e.path, STR("/invocations")),
	};
	t->vpc = LATTICE_HOST_VPC;
	t->addr = e.addr;
	t->function = f;
	return true;
}

/* The function that the target @r is, which its name says. */
int compile_function_target(struct build *b, const struct record *r, struct snap_target *ret)
{
	struct store_query q = { .kind = KIND_FUNCTION, .account = r->account, .limit = 1 };
	struct function_arn arn;
	struct record *function;
	cJSON *body;
	bool done;

	if (!function_arn_parse(r->name, &arn))
		return build_bad_record(b, r, "its name is no ARN of a function");
	q.name = arn.name;
	if (store_list(b->store, &q, &b->reading, &function, b->fault) < 0)
		return -1;
	body = function ? json_parse(function->body) : NULL;
	done = body && fill(b, body, arn.unqualified, ret);
	cJSON_Delete(body);
	if (!done)
		return build_bad_record(b, r, "its function cannot be called");
	ret->function_arn = build_keep(b, r->name);
	return 0;
}
