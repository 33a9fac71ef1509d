/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document that does not compile any more, because this version knows less than the one that
 * took it, is as good as none: it allows nothing.
 */
#include "store/compile_policy.h"

#include "base/json.h"

#include <cjson/cJSON.h>

static void drop(void *policy)
{
	policy_put(policy);
}

/* The compiled @text, which lives as long as the part; NULL: there is none. */
const struct policy *compile_policy(struct build *b, enum policy_kind kind, struct str text)
{
	struct policy_error ignored;
	struct policy *p = text.n ? policy_new(kind, text, &ignored) : NULL;

	if (p && !arena_defer(b->arena, drop, p)) {
		policy_put(p);
		b->failed = true;
		return NULL;
	}
	return p;
}

/* How the network or service @r, with @body, decides who may call. */
int compile_gate(struct build *b, const struct record *r, const struct cJSON *body,
		 struct auth_gate *g)
{
	const struct record *const *policies;
	size_t i, count;

	g->is_on = !str_eq(json_get_str(body, "authType"), STR("NONE"));
	if (build_children(b, KIND_AUTH_POLICY, r->id, &policies, &count) < 0)
		return -1;
	for (i = 0; i < count; i++) {
		cJSON *each = json_parse(policies[i]->body);
		const struct policy *p =
			compile_policy(b, POLICY_RESOURCE, json_get_str(each, "policy"));

		if (str_eq(policies[i]->name, STR("trial")))
			g->trial = p;
		else
			g->policy = p;
		cJSON_Delete(each);
	}
	return b->failed ? build_out_of_memory(b) : 0;
}
