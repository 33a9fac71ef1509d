/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and actions from their records. */
#include "store/compile_rule.h"

#include "base/array.h"
#include "base/json.h"
#include "model/route.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static int fill_forward(struct build *b, const struct record *r, const cJSON *groups,
			struct snap_action *a)
{
	int count = cJSON_GetArraySize(groups);
	const cJSON *item;

	if (count <= 0)
		return build_bad_record(b, r, "its action forwards to nothing");
	a->kind = SNAP_ACTION_FORWARD;
	a->forward = arena_new(b->arena, struct snap_forward, (size_t)count);
	if (!a->forward)
		return build_out_of_memory(b);
	cJSON_ArrayForEach (item, groups) {
		const cJSON *weight = cJSON_GetObjectItemCaseSensitive(item, "weight");
		struct str id = json_get_str(item, "targetGroupIdentifier");
		struct snap_forward *f = &a->forward[a->forward_count++];

		if (!build_find_place(b, id, &f->group))
			return build_bad_record(b, r, "its action names an unknown target group");
		f->weight = cJSON_IsNumber(weight) ? (uint32_t)weight->valuedouble : 100;
		a->weight_sum += f->weight;
	}
	snap_action_settle(a);
	return 0;
}

/* The action that @r says: forward, or a fixed response. */
int compile_action(struct build *b, const struct record *r, const cJSON *action,
		   struct snap_action *a)
{
	const cJSON *forward = cJSON_GetObjectItemCaseSensitive(action, "forward");
	const cJSON *fixed = cJSON_GetObjectItemCaseSensitive(action, "fixedResponse");
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(fixed, "statusCode");

	if (forward)
		return fill_forward(b, r, cJSON_GetObjectItemCaseSensitive(forward, "targetGroups"),
				    a);
	if (!cJSON_IsNumber(status))
		return build_bad_record(b, r, "its action cannot be read");
	a->kind = SNAP_ACTION_FIXED_RESPONSE;
	a->status = (unsigned)status->valuedouble;
	return 0;
}

/* The union @match, of which one member is set. */
static bool fill_match(struct build *b, const cJSON *match, bool case_sensitive,
		       struct snap_match *m)
{
	static const struct {
		const char *name;
		enum snap_match_kind kind;
	} members[] = {
		{ "exact", SNAP_MATCH_EXACT },
		{ "prefix", SNAP_MATCH_PREFIX },
		{ "contains", SNAP_MATCH_CONTAINS },
	};
	size_t i;

	m->case_sensitive = case_sensitive;
	for (i = 0; i < ARRAY_SIZE(members); i++) {
		struct str value = json_get_str(match, members[i].name);

		if (!value.n)
			continue;
		m->kind = members[i].kind;
		m->value = build_keep(b, value);
		return true;
	}
	return false;
}

/* An object that has "match" and perhaps "caseSensitive". */
static bool fill_cased_match(struct build *b, const cJSON *of, struct snap_match *m)
{
	return fill_match(b, cJSON_GetObjectItemCaseSensitive(of, "match"),
			  cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(of, "caseSensitive")), m);
}

/* @name in lower case, kept in the snapshot. */
static struct str keep_lower(struct build *b, struct str name)
{
	char *copy = arena_new(b->arena, char, name.n + 1);
	size_t i;

	if (!copy) {
		b->failed = true;
		return STR("");
	}
	for (i = 0; i < name.n; i++)
		copy[i] = (char)str_fold(name.p[i]);
	return (struct str){ copy, name.n };
}

static int fill_header_matches(struct build *b, const struct record *r, const cJSON *list,
			       struct snap_rule *rule)
{
	const cJSON *item;
	size_t count = (size_t)cJSON_GetArraySize(list);

	if (!count)
		return 0;
	rule->headers = arena_new(b->arena, struct snap_header_match, count);
	if (!rule->headers)
		return build_out_of_memory(b);
	cJSON_ArrayForEach (item, list) {
		struct snap_header_match *h = &rule->headers[rule->header_count++];

		h->name = keep_lower(b, json_get_str(item, "name"));
		if (!fill_cased_match(b, item, &h->match))
			return build_bad_record(b, r, "a header match cannot be read");
	}
	return 0;
}

static int fill_rule(struct build *b, const struct record *r, const cJSON *body,
		     struct snap_rule *rule)
{
	const cJSON *match = cJSON_GetObjectItemCaseSensitive(body, "match");
	const cJSON *http = cJSON_GetObjectItemCaseSensitive(match, "httpMatch");
	const cJSON *path = cJSON_GetObjectItemCaseSensitive(http, "pathMatch");

	rule->id = build_keep(b, r->id);
	rule->priority = r->number;
	rule->method = build_keep_member(b, http, "method");
	if (!http)
		return build_bad_record(b, r, "its match cannot be read");
	if (path && !fill_cased_match(b, path, &rule->path))
		return build_bad_record(b, r, "its path match cannot be read");
	if (fill_header_matches(b, r, cJSON_GetObjectItemCaseSensitive(http, "headerMatches"),
				rule) < 0)
		return -1;
	return compile_action(b, r, cJSON_GetObjectItemCaseSensitive(body, "action"),
			      &rule->action);
}

static int cmp_priority(const void *a, const void *b)
{
	uint32_t x = ((const struct snap_rule *)a)->priority;
	uint32_t y = ((const struct snap_rule *)b)->priority;

	return x < y ? -1 : x > y;
}

/* The rules of @l, by priority. */
int compile_rules(struct build *b, struct snap_listener *l)
{
	const struct record *const *r;
	size_t i, count;

	if (build_children(b, KIND_RULE, l->id, &r, &count) < 0)
		return -1;
	if (!count)
		return 0;
	l->rules = arena_new(b->arena, struct snap_rule, count);
	if (!l->rules)
		return build_out_of_memory(b);
	for (i = 0; i < count; i++) {
		cJSON *body = json_parse(r[i]->body);
		int err = fill_rule(b, r[i], body, &l->rules[l->rule_count++]);

		cJSON_Delete(body);
		if (err)
			return err;
	}
	qsort(l->rules, l->rule_count, sizeof(*l->rules), cmp_priority);
	l->routes = route_compile(b->arena, l->rules, l->rule_count);
	return l->routes ? 0 : build_out_of_memory(b);
}
