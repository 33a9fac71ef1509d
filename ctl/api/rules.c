/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of a listener. Its priority is a rule's number in the store, which makes it unique. The
 * default rule is the listener's default action seen as a rule: it has no record, and its id is
 * the listener's with another prefix.
 */
#include "api/action.h"
#include "api/form.h"
#include "api/handlers.h"
#include "base/json.h"
#include "http/chars.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* As AWS documents it; its model would allow 2000. */
/* A listener that may have more rules than PRIORITY_MAX takes priorities up to their number. */
enum { PRIORITY_MAX = 100, PRIORITY_EVER_MAX = 1000000, BATCH_MAX = 10 };

static const char default_name[] = "default";

static bool is_token(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!char_is(s.p[i], CHAR_TOKEN))
			return false;
	return true;
}

static bool is_match_path(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'A' && s.p[i] <= 'Z') &&
		    !(s.p[i] >= 'a' && s.p[i] <= 'z') && !memchr("@:%_+.~#?&/=-", s.p[i], 13))
			return false;
	return s.n && s.p[0] == '/';
}

#define PATH_EXPECTED "a path: / and then letters, digits and @:%_+.~#?&/=-"

static const struct field path_type_fields[] = {
	{ .name = "exact",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = 200,
	  .matches = is_match_path,
	  .expected = PATH_EXPECTED },
	{ .name = "prefix",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = 200,
	  .matches = is_match_path,
	  .expected = PATH_EXPECTED },
	{ 0 },
};

static const struct field path_fields[] = {
	{ .name = "match", .type = FIELD_UNION, .required = true, .members = path_type_fields },
	{ .name = "caseSensitive", .type = FIELD_BOOLEAN },
	{ 0 },
};

static const struct field header_type_fields[] = {
	{ .name = "exact", .type = FIELD_STRING, .min = 1, .max = 200 },
	{ .name = "prefix", .type = FIELD_STRING, .min = 1, .max = 200 },
	{ .name = "contains", .type = FIELD_STRING, .min = 1, .max = 200 },
	{ 0 },
};

static const struct field header_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = 100,
	  .matches = is_token,
	  .expected = "the name of a header" },
	{ .name = "match", .type = FIELD_UNION, .required = true, .members = header_type_fields },
	{ .name = "caseSensitive", .type = FIELD_BOOLEAN },
	{ 0 },
};

static const struct field header_item = { .type = FIELD_OBJECT, .members = header_fields };

static const struct field http_fields[] = {
	{ .name = "method",
	  .type = FIELD_STRING,
	  .max = 16,
	  .matches = is_token,
	  .expected = "a method" },
	{ .name = "pathMatch", .type = FIELD_OBJECT, .members = path_fields },
	{ .name = "headerMatches",
	  .type = FIELD_LIST,
	  .min = 1,
	  .max = 5,
	  .members = &header_item },
	{ 0 },
};

static const struct field match_fields[] = {
	{ .name = "httpMatch", .type = FIELD_OBJECT, .members = http_fields },
	{ 0 },
};

/* clang-format off */
#define FORM_MATCH .name = "match", .type = FIELD_UNION, .members = match_fields
#define FORM_PRIORITY .name = "priority", .type = FIELD_INTEGER, .min = 1, .max = PRIORITY_EVER_MAX
#define FORM_ACTION .name = "action", .type = FIELD_UNION, .members = action_fields
/* clang-format on */

const struct field rule_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 3,
	  .max = 63,
	  .matches = form_is_rule_name,
	  .expected = FORM_NAME_EXPECTED },
	{ FORM_MATCH, .required = true },
	{ FORM_PRIORITY, .required = true },
	{ FORM_ACTION, .required = true },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

const struct field rule_update_fields[] = {
	{ FORM_MATCH },
	{ FORM_PRIORITY },
	{ FORM_ACTION },
	{ 0 },
};

static const struct field batch_item_fields[] = {
	{ .name = "ruleIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 20,
	  .max = 2048,
	  .identifies = KIND_RULE },
	{ FORM_MATCH },
	{ FORM_PRIORITY },
	{ FORM_ACTION },
	{ 0 },
};

static const struct field batch_item = { .type = FIELD_OBJECT, .members = batch_item_fields };

const struct field rule_batch_fields[] = {
	{ .name = "rules",
	  .type = FIELD_LIST,
	  .required = true,
	  .min = 1,
	  .max = BATCH_MAX,
	  .members = &batch_item },
	{ 0 },
};

static const char *const rule_view[] = { "arn", "id", "name", "match", "priority", "action", NULL };
static const char *const flag_view[] = { "isDefault", NULL };
static const char *const time_view[] = { "createdAt", "lastUpdatedAt", NULL };

/* Finding */

static struct str default_id(struct call *c, const struct record *listener)
{
	struct str digits = str_skip(listener->id, strlen(kind_names(KIND_LISTENER)->prefix));

	return arena_printf(&c->arena, "%s" STR_FMT, kind_names(KIND_RULE)->prefix,
			    STR_ARG(digits));
}

/* The ARN of the rule @id, below that of its listener. */
static struct str rule_arn(struct call *c, const struct record *listener, struct str id)
{
	struct str of = json_get_str(call_body(c, listener), "arn");
	struct str arn =
		arena_printf(&c->arena, STR_FMT "/rule/" STR_FMT, STR_ARG(of), STR_ARG(id));

	if (!arn.p)
		c->failed = true;
	return arn;
}

static bool is_default(struct call *c, const struct record *listener, struct str identifier)
{
	struct str id = default_id(c, listener);

	return str_eq(identifier, id) || str_eq(identifier, rule_arn(c, listener, id));
}

/* The rule of @listener that @identifier names; the default rule, which is none, is refused. */
static int find_rule(struct call *c, const struct record *listener, const char *field,
		     struct str identifier, struct record **ret)
{
	struct record *r;

	if (is_default(c, listener, identifier))
		return fault_set_field(&c->fault, field,
				       "the default rule is changed with UpdateListener and goes "
				       "with its listener");
	if (call_find(c, field, KIND_RULE, identifier, &r) < 0)
		return -1;
	if (!str_eq(r->parent, listener->id))
		return fault_set_resource(&c->fault, FAULT_NOT_FOUND, KIND_RULE, r->id,
					  "Rule " STR_FMT " not found", STR_ARG(r->id));
	*ret = r;
	return 0;
}

/* Creating */

static cJSON *new_body(struct call *c, const struct record *r, const struct record *listener)
{
	static const char *const given[] = { "match", "priority", "action", "tags", NULL };
	cJSON *body = call_new_object(c);
	size_t i;

	call_put_str(c, body, "arn", rule_arn(c, listener, r->id));
	call_put_str(c, body, "serviceArn", json_get_str(call_body(c, listener), "serviceArn"));
	call_put(c, body, "isDefault", cJSON_CreateFalse());
	for (i = 0; given[i]; i++)
		call_put_copy(c, body, given[i],
			      cJSON_GetObjectItemCaseSensitive(c->body, given[i]));
	return body;
}

/* The priority in @given, if there is one, which is @field of the request. */
static int check_priority(struct call *c, const cJSON *given, const char *field)
{
	const cJSON *priority = cJSON_GetObjectItemCaseSensitive(given, "priority");
	uint32_t max = quota_max(c, QUOTA_RULES_PER_LISTENER);

	if (max < PRIORITY_MAX)
		max = PRIORITY_MAX;
	if (!cJSON_IsNumber(priority) || priority->valuedouble <= max)
		return 0;
	return fault_set_field(&c->fault, field, "%s must be 1 to %u", field, max);
}

int rule_create(struct call *c)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(c->body, "priority");
	uint32_t numbers[2] = { (uint32_t)given->valuedouble, (uint32_t)given->valuedouble };
	struct str name = json_get_str(c->body, "name");
	struct record *listener, *r;
	cJSON *body;

	if (check_priority(c, c->body, "priority") < 0 || call_find_listener(c, &listener) < 0)
		return -1;
	if (str_eq(name, str_of(default_name)))
		return fault_set_resource(&c->fault, FAULT_CONFLICT, KIND_RULE,
					  default_id(c, listener), "Rule default already exists");
	if (action_is_tcp(call_body(c, listener)))
		return fault_set_field(&c->fault, "listenerIdentifier",
				       "a TLS_PASSTHROUGH listener has no rules but its default");
	r = call_new_record(c, KIND_RULE, name);
	if (!r)
		return -1;
	r->parent = listener->id;
	body = new_body(c, r, listener);
	c->changed = true;
	if (call_insert(c, r, body, numbers) < 0 ||
	    quota_check(c, QUOTA_RULES_PER_LISTENER, listener) < 0)
		return -1;
	if (action_settle(c, r, "action", cJSON_GetObjectItemCaseSensitive(body, "action"), false) <
		    0 ||
	    call_update(c, r, body) < 0)
		return -1;
	call_view(c, r, rule_view, c->answer);
	return 0;
}

/* Reading */

/* What the default rule is, but for its action, which lists do not show. */
static void put_default(struct call *c, const struct record *listener, cJSON *into)
{
	struct str id = default_id(c, listener);

	call_put_str(c, into, "arn", rule_arn(c, listener, id));
	call_put_str(c, into, "id", id);
	call_put_str(c, into, "name", str_of(default_name));
	call_put(c, into, "isDefault", cJSON_CreateTrue());
	call_view(c, listener, time_view, into);
}

int rule_get(struct call *c)
{
	struct record *listener, *r;

	if (call_find_listener(c, &listener) < 0)
		return -1;
	if (is_default(c, listener, c->params[2])) {
		put_default(c, listener, c->answer);
		call_put_copy(
			c, c->answer, "action",
			cJSON_GetObjectItemCaseSensitive(call_body(c, listener), "defaultAction"));
		return 0;
	}
	if (call_find_child(c, 2, KIND_RULE, listener, &r) < 0)
		return -1;
	call_view(c, r, rule_view, c->answer);
	call_view(c, r, flag_view, c->answer);
	call_view(c, r, time_view, c->answer);
	return 0;
}

/* The default rule comes last, on the last page or, when that is full, on one of its own. */
int rule_list(struct call *c)
{
	static const char *const members[] = { "arn",		"id",	    "name",
					       "isDefault",	"priority", "createdAt",
					       "lastUpdatedAt", NULL };
	static const struct call_list_view view = { members, NULL };
	const cJSON *max = cJSON_GetObjectItemCaseSensitive(c->query, "maxResults");
	struct store_query q = { .kind = KIND_RULE };
	struct record *listener;
	cJSON *items, *item;

	if (call_find_listener(c, &listener) < 0)
		return -1;
	q.parent = listener->id;
	if (call_list(c, &q, &view) < 0)
		return -1;
	if (cJSON_HasObjectItem(c->answer, "nextToken"))
		return 0;
	items = cJSON_GetObjectItemCaseSensitive(c->answer, "items");
	if (max && cJSON_GetArraySize(items) >= max->valuedouble) {
		item = cJSON_GetArrayItem(items, cJSON_GetArraySize(items) - 1);
		call_put_str(c, c->answer, "nextToken", json_get_str(item, "id"));
		return 0;
	}
	put_default(c, listener, call_add_item(c, items));
	return 0;
}

/* Changing */

/* One rule that is about to change, in two steps, so that rules can swap their priorities. */
struct change {
	const cJSON *given;
	struct record *rule; /* NULL: it cannot be changed, see fault */
	cJSON *body;
	uint32_t priority;
	struct fault fault;
};

/* Everything but the priority, which the rule gives up when it gets another. */
static int change_begin(struct call *c, struct change *ch, const char *field)
{
	const cJSON *priority = cJSON_GetObjectItemCaseSensitive(ch->given, "priority");
	const cJSON *match = cJSON_GetObjectItemCaseSensitive(ch->given, "match");
	const cJSON *action = cJSON_GetObjectItemCaseSensitive(ch->given, "action");

	ch->body = call_edit(c, ch->rule);
	ch->priority = ch->rule->number;
	if (match && !cJSON_IsNull(match))
		call_replace(c, ch->body, "match", match);
	if (action && !cJSON_IsNull(action)) {
		call_replace(c, ch->body, "action", action);
		if (call_unlink(c, ch->rule->id) < 0 ||
		    action_settle(c, ch->rule, field,
				  cJSON_GetObjectItemCaseSensitive(ch->body, "action"), false) < 0)
			return -1;
	}
	if (cJSON_IsNumber(priority)) {
		call_replace(c, ch->body, "priority", priority);
		ch->priority = (uint32_t)priority->valuedouble;
		ch->rule->number = 0;
	}
	return call_update(c, ch->rule, ch->body);
}

static int change_end(struct call *c, struct change *ch)
{
	ch->rule->number = ch->priority;
	return call_update(c, ch->rule, ch->body);
}

int rule_update(struct call *c)
{
	struct change ch = { .given = c->body };
	struct record *listener;

	if (check_priority(c, c->body, "priority") < 0 || call_find_listener(c, &listener) < 0 ||
	    find_rule(c, listener, "ruleIdentifier", c->params[2], &ch.rule) < 0)
		return -1;
	if (change_begin(c, &ch, "action") < 0 || change_end(c, &ch) < 0)
		return -1;
	call_view(c, ch.rule, rule_view, c->answer);
	call_view(c, ch.rule, flag_view, c->answer);
	c->changed = true;
	return 0;
}

/* Remember what is wrong with @ch. -1 when it is more than that. */
static int change_failed(struct call *c, struct change *ch)
{
	if (c->fault.code == FAULT_INTERNAL)
		return -1;
	ch->fault = c->fault;
	ch->rule = NULL;
	return 0;
}

/* Find the rule of @all[@at], which no other entry may name. */
static int find_change(struct call *c, const struct record *listener, struct change *all, size_t at)
{
	struct str identifier = json_get_str(all[at].given, "ruleIdentifier");
	struct record *r;
	char field[64];
	size_t i;

	snprintf(field, sizeof(field), "rules[%zu].ruleIdentifier", at);
	if (find_rule(c, listener, field, identifier, &r) < 0)
		return -1;
	for (i = 0; i < at; i++)
		if (all[i].rule && str_eq(all[i].rule->id, r->id))
			return fault_set_field(&c->fault, field, "%s names a rule twice", field);
	all[at].rule = r;
	return 0;
}

static int run_changes(struct call *c, const struct record *listener, struct change *all, size_t n)
{
	char field[64];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(field, sizeof(field), "rules[%zu].action", i);
		if ((find_change(c, listener, all, i) < 0 || change_begin(c, &all[i], field) < 0) &&
		    change_failed(c, &all[i]) < 0)
			return -1;
	}
	for (i = 0; i < n; i++)
		if (all[i].rule && change_end(c, &all[i]) < 0 && change_failed(c, &all[i]) < 0)
			return -1;
	return 0;
}

static void note_failure(struct call *c, const struct change *ch, cJSON *unsuccessful)
{
	cJSON *item = call_add_item(c, unsuccessful);
	bool own = ch->fault.code != FAULT_NONE;

	call_put_str(c, item, "ruleIdentifier", json_get_str(ch->given, "ruleIdentifier"));
	call_put_str(c, item, "failureCode",
		     own ? fault_name(ch->fault.code) : STR("BatchCancelled"));
	call_put_str(c, item, "failureMessage",
		     own ? str_of(ch->fault.message)
			 : STR("Not applied, because another rule of the batch was refused."));
}

/* All rules change or none does. A rule that is refused is no error: the answer tells of it. */
int rule_batch_update(struct call *c)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(c->body, "rules"), *item;
	cJSON *successful = cJSON_AddArrayToObject(c->answer, "successful");
	cJSON *unsuccessful = cJSON_AddArrayToObject(c->answer, "unsuccessful");
	struct change all[BATCH_MAX] = { 0 };
	struct record *listener;
	char field[64];
	size_t i, n = 0;

	cJSON_ArrayForEach (item, given) {
		snprintf(field, sizeof(field), "rules[%zu].priority", n);
		if (check_priority(c, item, field) < 0)
			return -1;
		all[n++].given = item;
	}
	if (call_find_listener(c, &listener) < 0)
		return -1;
	if (run_changes(c, listener, all, n) < 0)
		return -1;
	for (i = 0; i < n; i++)
		c->discard |= !all[i].rule;
	for (i = 0; i < n; i++) {
		cJSON *done;

		if (c->discard) {
			note_failure(c, &all[i], unsuccessful);
			continue;
		}
		done = call_add_item(c, successful);
		call_view(c, all[i].rule, rule_view, done);
		call_view(c, all[i].rule, flag_view, done);
	}
	c->changed = true;
	return 0;
}

int rule_delete(struct call *c)
{
	struct record *listener, *r;

	if (call_find_listener(c, &listener) < 0 ||
	    find_rule(c, listener, "ruleIdentifier", c->params[2], &r) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}
