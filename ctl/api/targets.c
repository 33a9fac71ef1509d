/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Targets of a group. A request names many; each succeeds or fails by itself, and the answer
 * says which. A target's record is named by its place and port, which makes it unique.
 */
#include "api/form.h"
#include "api/handlers.h"
#include "api/target_place.h"
#include "base/json.h"

#include <cjson/cJSON.h>

static const struct field target_fields[] = {
	{ .name = "id", .type = FIELD_STRING, .required = true, .min = 1, .max = 200 },
	{ .name = "port", .type = FIELD_INTEGER, .min = 1, .max = 65535 },
	{ 0 },
};

static const struct field target_item = { .type = FIELD_OBJECT, .members = target_fields };

const struct field target_change_fields[] = {
	{ .name = "targets",
	  .type = FIELD_LIST,
	  .required = true,
	  .min = 1,
	  .max = 100,
	  .members = &target_item },
	{ 0 },
};

const struct field target_list_fields[] = {
	{ .name = "targets", .type = FIELD_LIST, .min = 0, .max = 20, .members = &target_item },
	{ 0 },
};

/* One request for a group's targets. */
struct batch {
	struct record *group;
	struct place_rules rules;
	cJSON *successful, *unsuccessful;
};

static int batch_init(struct call *c, struct batch *b)
{
	*b = (struct batch){ 0 };
	if (call_find_param(c, 0, KIND_TARGET_GROUP, &b->group) < 0)
		return -1;
	place_rules(c, b->group, &b->rules);
	return 0;
}

/* Add {id, port} to one of the answer's lists. */
static cJSON *note(struct call *c, cJSON *list, const cJSON *item, unsigned port)
{
	cJSON *o = call_add_item(c, list);

	call_put_copy(c, o, "id", cJSON_GetObjectItemCaseSensitive(item, "id"));
	if (port)
		call_put_number(c, o, "port", port);
	return o;
}

static void note_failure(struct call *c, const struct batch *b, const cJSON *item, const char *code,
			 const char *message)
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(item, "port");
	cJSON *o = note(c, b->unsuccessful, item,
			cJSON_IsNumber(port) ? (unsigned)port->valuedouble : b->rules.port);

	call_put_str(c, o, "failureCode", str_of(code));
	call_put_str(c, o, "failureMessage", str_of(message));
}

/* Where @item is, and the group's record of it; NULL in *@ret: it is not registered. */
static int find_target(struct call *c, const struct batch *b, const cJSON *item,
		       struct place *ret_place, struct record **ret)
{
	struct store_query q = { .kind = KIND_TARGET, .parent = b->group->id, .limit = 1 };

	*ret = NULL;
	if (place_of_item(c, &b->rules, item, ret_place) < 0)
		return -1;
	if (!ret_place->name.n)
		return 0;
	q.name = ret_place->name;
	return store_list(c->store, &q, &c->arena, ret, &c->fault);
}

/* A group of the type ALB or LAMBDA has one target. */
static int check_room(struct call *c, const struct batch *b, struct place *p)
{
	struct store_query q = { .kind = KIND_TARGET, .parent = b->group->id };
	bool is_balancer = str_eq(b->rules.type, STR("ALB"));
	size_t count;

	if (!is_balancer && !str_eq(b->rules.type, STR("LAMBDA")))
		return 0;
	if (store_count(c->store, &q, &count, &c->fault) < 0)
		return -1;
	if (count)
		p->wrong = is_balancer ? "The target group has its one balancer already."
				       : "The target group has its one function already.";
	return 0;
}

/* Registering what is registered already succeeds and changes nothing. */
static int add_target(struct call *c, const struct batch *b, const cJSON *item)
{
	struct record *r, *known;
	struct place p;
	cJSON *body;

	if (find_target(c, b, item, &p, &known) < 0 ||
	    (!p.wrong && !known && check_room(c, b, &p) < 0))
		return -1;
	if (p.wrong) {
		note_failure(c, b, item, "UnsupportedTarget", p.wrong);
		return 0;
	}
	note(c, b->successful, item, p.addr.port);
	if (known)
		return 0;
	r = call_new_record(c, KIND_TARGET, p.name);
	if (!r)
		return -1;
	r->parent = b->group->id;
	body = call_new_object(c);
	call_put_copy(c, body, "id", cJSON_GetObjectItemCaseSensitive(item, "id"));
	if (p.addr.port)
		call_put_number(c, body, "port", p.addr.port);
	if (p.instance.n)
		call_put_str(c, body, "instanceId", p.instance);
	if (p.function.n)
		call_put_str(c, body, "functionId", p.function);
	c->changed = true;
	if (call_insert(c, r, body, NULL) < 0)
		return -1;
	if (p.function.n)
		return call_link(c, r->id, p.function);
	return p.instance.n ? call_link(c, r->id, p.instance) : 0;
}

static int remove_target(struct call *c, const struct batch *b, const cJSON *item)
{
	struct record *known;
	struct place p;

	if (find_target(c, b, item, &p, &known) < 0)
		return -1;
	if (!known) {
		note_failure(c, b, item, "TargetNotFound", "The target is not registered.");
		return 0;
	}
	note(c, b->successful, item, p.addr.port);
	c->changed = true;
	return call_delete(c, known->id);
}

static int run_batch(struct call *c, struct batch *b,
		     int (*each)(struct call *c, const struct batch *b, const cJSON *item))
{
	const cJSON *item;

	b->successful = cJSON_AddArrayToObject(c->answer, "successful");
	b->unsuccessful = cJSON_AddArrayToObject(c->answer, "unsuccessful");
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(c->body, "targets")) {
		if (each(c, b, item) < 0)
			return -1;
	}
	return 0;
}

int target_register(struct call *c)
{
	struct batch b;

	if (batch_init(c, &b) < 0 || run_batch(c, &b, add_target) < 0)
		return -1;
	return quota_check(c, QUOTA_TARGETS_PER_GROUP, b.group);
}

int target_deregister(struct call *c)
{
	struct batch b;

	if (batch_init(c, &b) < 0)
		return -1;
	return run_batch(c, &b, remove_target);
}

/*
 * UNUSED: no listener or rule forwards to the group. UNAVAILABLE is AWS's word for a target that no
 * health check looks at. What was registered a moment ago is known here before the prober knows it.
 */
static int put_status(struct call *c, const struct record *target, struct cJSON *item)
{
	struct store_query q = { .links_to = target->parent, .limit = 1 };
	struct str status = STR("UNUSED"), reason = { 0 };
	const cJSON *body = call_body(c, target);
	struct record *used;
	struct place p;

	if (store_list(c->store, &q, &c->arena, &used, &c->fault) < 0 ||
	    place_of_record(c, target, &p) < 0)
		return -1;
	if (used)
		status = c->hooks && c->hooks->target_status && !p.function.n ? STR("INITIAL")
									      : STR("UNAVAILABLE");
	if (used && !p.function.n && c->hooks && c->hooks->target_status)
		c->hooks->target_status(c->hooks->ctx, target->parent, &p.addr, &status, &reason);
	call_put_copy(c, item, "id", cJSON_GetObjectItemCaseSensitive(body, "id"));
	call_put_str(c, item, "status", status);
	if (reason.n)
		call_put_str(c, item, "reasonCode", reason);
	return 0;
}

/* What is no longer registered but still drains. An instance is known by its address. */
static int list_draining(struct call *c, const struct batch *b)
{
	cJSON *items = cJSON_GetObjectItemCaseSensitive(c->answer, "items");
	char text[SOCK_ADDR_TEXT_MAX];
	struct record *instance = NULL;
	struct sock_addr addr;
	size_t i;

	if (!c->hooks || !c->hooks->target_draining)
		return 0;
	for (i = 0; c->hooks->target_draining(c->hooks->ctx, b->group->id, i, &addr); i++) {
		cJSON *item = call_add_item(c, items);

		if (str_eq(b->rules.type, STR("INSTANCE")) &&
		    place_find_instance(c, b->rules.vpc_id, &addr, &instance) < 0)
			return -1;
		call_put_str(c, item, "id",
			     instance ? instance->id : sock_addr_write_ip(&addr, text));
		call_put_number(c, item, "port", addr.port);
		call_put_str(c, item, "status", STR("DRAINING"));
	}
	return 0;
}

/* Only the targets that the request names, on one page; the unknown ones are left out. */
static int list_named(struct call *c, const struct batch *b, const cJSON *targets)
{
	static const char *const members[] = { "port", NULL };
	cJSON *items = cJSON_AddArrayToObject(c->answer, "items");
	const cJSON *named;

	cJSON_ArrayForEach (named, targets) {
		struct record *known;
		struct place p;
		cJSON *item;

		if (find_target(c, b, named, &p, &known) < 0)
			return -1;
		if (!known)
			continue;
		item = call_add_item(c, items);
		call_view(c, known, members, item);
		if (put_status(c, known, item) < 0)
			return -1;
	}
	return 0;
}

int target_list(struct call *c)
{
	static const char *const members[] = { "port", NULL };
	static const struct call_list_view view = { members, put_status };
	const cJSON *targets = cJSON_GetObjectItemCaseSensitive(c->body, "targets");
	struct store_query q = { .kind = KIND_TARGET };
	struct batch b;

	if (batch_init(c, &b) < 0)
		return -1;
	if (cJSON_GetArraySize(targets) > 0)
		return list_named(c, &b, targets);
	q.parent = b.group->id;
	if (call_list(c, &q, &view) < 0)
		return -1;
	return cJSON_HasObjectItem(c->answer, "nextToken") ? 0 : list_draining(c, &b);
}
