/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Targets of a group. A request names many; each succeeds or fails by itself, and the answer
 * says which. A target's record is named by its address and port, which makes it unique.
 */
#include "api/form.h"
#include "api/handlers.h"
#include "base/json.h"
#include "io/sock.h"
#include "model/address.h"

#include <cjson/cJSON.h>
#include <sys/socket.h>

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
	uint16_t family, port; /* the group's */
	cJSON *successful, *unsuccessful;
};

static int batch_init(struct call *c, struct batch *b)
{
	const cJSON *config;

	*b = (struct batch){ 0 };
	if (call_find_param(c, 0, KIND_TARGET_GROUP, &b->group) < 0)
		return -1;
	config = cJSON_GetObjectItemCaseSensitive(call_body(c, b->group), "config");
	b->port = (uint16_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(config, "port"));
	b->family = str_eq(json_get_str(config, "ipAddressType"), STR("IPV6")) ? AF_INET6 : AF_INET;
	return 0;
}

/* The address and port that @item names. False: none that the group could hold. */
static bool read_target(const struct batch *b, const cJSON *item, struct sock_addr *ret)
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(item, "port");
	unsigned number = cJSON_IsNumber(port) ? (unsigned)port->valuedouble : b->port;

	if (sock_addr_parse(json_get_str(item, "id"), ret) < 0 || ret->family != b->family)
		return false;
	ret->port = (uint16_t)number;
	return true;
}

/* Addresses at which no target can be, or that lead back to us. */
static bool is_usable(const struct pool *pool, const struct sock_addr *a)
{
	uint32_t v4;

	if (address_in_pool(pool, a))
		return false;
	if (a->family == AF_INET6)
		return !IN6_IS_ADDR_UNSPECIFIED(&a->v6) && !IN6_IS_ADDR_LOOPBACK(&a->v6) &&
		       !IN6_IS_ADDR_MULTICAST(&a->v6) && !IN6_IS_ADDR_V4MAPPED(&a->v6) &&
		       !IN6_IS_ADDR_LINKLOCAL(&a->v6);
	v4 = ntohl(a->v4.s_addr);
	return v4 >> 24 != 0 && v4 >> 24 != 127 && v4 >> 28 < 14;
}

/* Add {id, port} to one of the answer's lists. */
static cJSON *note(struct call *c, cJSON *list, const cJSON *item, unsigned port)
{
	cJSON *o = call_add_item(c, list);

	call_put_copy(c, o, "id", cJSON_GetObjectItemCaseSensitive(item, "id"));
	call_put_number(c, o, "port", port);
	return o;
}

static void note_failure(struct call *c, const struct batch *b, const cJSON *item, const char *code,
			 const char *message)
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(item, "port");
	cJSON *o = note(c, b->unsuccessful, item,
			cJSON_IsNumber(port) ? (unsigned)port->valuedouble : b->port);

	call_put_str(c, o, "failureCode", str_of(code));
	call_put_str(c, o, "failureMessage", str_of(message));
}

/* The group's record for @addr, or NULL in *@ret. *@ret_name is its name. */
static int find_target(struct call *c, const struct batch *b, const struct sock_addr *addr,
		       struct str *ret_name, struct record **ret)
{
	char text[SOCK_ADDR_TEXT_MAX];
	struct store_query q = { .kind = KIND_TARGET, .parent = b->group->id, .limit = 1 };

	q.name = arena_copy(&c->arena, sock_addr_write(addr, text));
	if (!q.name.p)
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	*ret_name = q.name;
	return store_list(c->store, &q, &c->arena, ret, &c->fault);
}

/* Registering what is registered already succeeds and changes nothing. */
static int add_target(struct call *c, const struct batch *b, const cJSON *item)
{
	struct record *r, *known;
	struct sock_addr addr;
	struct str name;
	cJSON *body;

	if (!read_target(b, item, &addr)) {
		note_failure(c, b, item, "UnsupportedTarget",
			     b->family == AF_INET6 ? "The id must be an IPv6 address."
						   : "The id must be an IPv4 address.");
		return 0;
	}
	if (!is_usable(c->pool, &addr)) {
		note_failure(c, b, item, "UnsupportedTarget", "No target can have this address.");
		return 0;
	}
	if (find_target(c, b, &addr, &name, &known) < 0)
		return -1;
	note(c, b->successful, item, addr.port);
	if (known)
		return 0;
	r = call_new_record(c, KIND_TARGET, name);
	if (!r)
		return -1;
	r->parent = b->group->id;
	body = call_new_object(c);
	call_put_copy(c, body, "id", cJSON_GetObjectItemCaseSensitive(item, "id"));
	call_put_number(c, body, "port", addr.port);
	c->changed = true;
	return call_insert(c, r, body, NULL);
}

static int remove_target(struct call *c, const struct batch *b, const cJSON *item)
{
	struct record *known = NULL;
	struct sock_addr addr;
	struct str name;

	if (read_target(b, item, &addr) && find_target(c, b, &addr, &name, &known) < 0)
		return -1;
	if (!known) {
		note_failure(c, b, item, "TargetNotFound", "The target is not registered.");
		return 0;
	}
	note(c, b->successful, item, addr.port);
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

/* Where @target is, from its record. */
static bool target_addr(const cJSON *body, struct sock_addr *ret)
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(body, "port");

	if (!cJSON_IsNumber(port) || sock_addr_parse(json_get_str(body, "id"), ret) < 0)
		return false;
	ret->port = (uint16_t)port->valuedouble;
	return true;
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
	struct sock_addr addr;
	struct record *used;

	if (store_list(c->store, &q, &c->arena, &used, &c->fault) < 0)
		return -1;
	if (used)
		status = c->hooks && c->hooks->target_status ? STR("INITIAL") : STR("UNAVAILABLE");
	if (used && c->hooks && c->hooks->target_status && target_addr(body, &addr))
		c->hooks->target_status(c->hooks->ctx, target->parent, &addr, &status, &reason);
	call_put_copy(c, item, "id", cJSON_GetObjectItemCaseSensitive(body, "id"));
	call_put_str(c, item, "status", status);
	if (reason.n)
		call_put_str(c, item, "reasonCode", reason);
	return 0;
}

/* What is no longer registered but still drains. */
static void list_draining(struct call *c, const struct batch *b)
{
	cJSON *items = cJSON_GetObjectItemCaseSensitive(c->answer, "items");
	char text[SOCK_ADDR_TEXT_MAX];
	struct sock_addr addr;
	size_t i;

	if (!c->hooks || !c->hooks->target_draining)
		return;
	for (i = 0; c->hooks->target_draining(c->hooks->ctx, b->group->id, i, &addr); i++) {
		cJSON *item = call_add_item(c, items);

		call_put_str(c, item, "id", sock_addr_write_ip(&addr, text));
		call_put_number(c, item, "port", addr.port);
		call_put_str(c, item, "status", STR("DRAINING"));
	}
}

/* Only the targets that the request names, on one page; the unknown ones are left out. */
static int list_named(struct call *c, const struct batch *b, const cJSON *targets)
{
	static const char *const members[] = { "port", NULL };
	cJSON *items = cJSON_AddArrayToObject(c->answer, "items");
	const cJSON *named;

	cJSON_ArrayForEach (named, targets) {
		struct record *known = NULL;
		struct sock_addr addr;
		struct str name;
		cJSON *item;

		if (read_target(b, named, &addr) && find_target(c, b, &addr, &name, &known) < 0)
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
	if (!cJSON_HasObjectItem(c->answer, "nextToken"))
		list_draining(c, &b);
	return 0;
}
