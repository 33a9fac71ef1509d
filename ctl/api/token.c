/* SPDX-License-Identifier: Apache-2.0 */
/* Remembering answers by the token of their request, in the transaction that did the work. */
#include "api/token.h"

#include "base/json.h"

#include <cjson/cJSON.h>

/* AWS names no time; a day is longer than any client retries. */
static const uint64_t keep_ms = (uint64_t)24 * 60 * 60 * 1000;

static const char token_member[] = "clientToken";

/* What was asked, without the token: path parameters and body. Dies with the call. */
static cJSON *request_of(struct call *c)
{
	cJSON *request = call_new_object(c);
	cJSON *body = cJSON_Duplicate(c->body, true);
	char name[] = "0";
	size_t i;

	cJSON_DeleteItemFromObjectCaseSensitive(body, token_member);
	call_put(c, request, "body", body);
	for (i = 0; i < CALL_PARAMS_MAX && c->params[i].n; i++) {
		name[0] = (char)('0' + i);
		call_put_str(c, request, name, c->params[i]);
	}
	return request;
}

static struct store_token token_of(const struct call *c, const char *operation)
{
	return (struct store_token){
		.account = c->account,
		.operation = str_of(operation),
		.token = json_get_str(c->body, token_member),
		.created_ms = c->now_ms,
	};
}

/* Answer as before when @c repeats a request; *@ret_repeated then. */
int token_recall(struct call *c, const char *operation, bool *ret_repeated)
{
	struct store_token t = token_of(c, operation);
	cJSON *asked, *answer;
	bool same;

	*ret_repeated = false;
	if (!t.token.n)
		return 0;
	if (store_recall(c->store, &t, &c->arena, &c->fault) < 0)
		return -1;
	if (!t.request.n || t.created_ms + keep_ms < c->now_ms)
		return 0;
	asked = json_parse(t.request);
	same = cJSON_Compare(asked, request_of(c), true);
	cJSON_Delete(asked);
	if (!same)
		return fault_set_field(&c->fault, token_member,
				       "clientToken was used for a request with other parameters");
	answer = json_parse(t.answer);
	if (!answer || c->failed) {
		cJSON_Delete(answer);
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	}
	cJSON_Delete(c->answer);
	c->answer = answer;
	*ret_repeated = true;
	return 0;
}

static struct str print(struct call *c, const cJSON *value)
{
	char *text = cJSON_PrintUnformatted(value);
	struct str copy = arena_copy(&c->arena, str_of(text ? text : ""));

	if (!text)
		c->failed = true;
	cJSON_free(text);
	return copy;
}

/* Remember the answer of @c, if it carries a token. */
int token_keep(struct call *c, const char *operation)
{
	struct store_token t = token_of(c, operation);

	if (!t.token.n || c->discard)
		return 0;
	t.request = print(c, request_of(c));
	t.answer = print(c, c->answer);
	if (c->failed || !t.request.p || !t.answer.p)
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	return store_remember(c->store, &t, c->now_ms > keep_ms ? c->now_ms - keep_ms : 0,
			      &c->fault);
}
