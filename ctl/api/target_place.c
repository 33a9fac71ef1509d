/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IP groups hold addresses, INSTANCE groups instances. An ALB group holds one balancer: its
 * address, or an instance by id, name, or the ARN of a balancer with that name. LAMBDA groups hold
 * functions by ARN. The record of a target is named "10.0.0.2:80" or "i-...:80" or with the ARN, so
 * that the same one is not there twice whatever it was called.
 */
#include "api/target_place.h"

#include "base/json.h"
#include "base/num.h"
#include "model/address.h"
#include "model/function_arn.h"

#include <cjson/cJSON.h>
#include <sys/socket.h>

void place_rules(struct call *c, const struct record *group, struct place_rules *ret)
{
	const cJSON *body = call_body(c, group);
	const cJSON *config = cJSON_GetObjectItemCaseSensitive(body, "config");
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(config, "port");

	*ret = (struct place_rules){
		.group_id = group->id,
		.type = json_get_str(body, "type"),
		.vpc_id = json_get_str(config, "vpcIdentifier"),
		.family = str_eq(json_get_str(config, "ipAddressType"), STR("IPV6")) ? AF_INET6
										     : AF_INET,
		.port = cJSON_IsNumber(port) ? (uint16_t)port->valuedouble : 0,
	};
}

static int set_name(struct call *c, struct place *p)
{
	char text[SOCK_ADDR_TEXT_MAX];

	if (p->instance.n)
		p->name = arena_printf(&c->arena, STR_FMT ":%u", STR_ARG(p->instance),
				       (unsigned)p->addr.port);
	else
		p->name = arena_copy(&c->arena, sock_addr_write(&p->addr, text));
	return p->name.p ? 0 : fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
}

static bool read_address(struct call *c, const struct record *instance, struct sock_addr *ret)
{
	return sock_addr_parse(json_get_str(call_body(c, instance), "address"), ret) == 0;
}

/* The NAME of "arn:...:loadbalancer/app/NAME/ID"; any other text as it is. */
static struct str balancer_name(struct str id)
{
	struct str_cut c = { .tail = id, .found = true };

	if (!str_starts(id, STR("arn:")))
		return id;
	while (c.found && !str_eq(c.head, STR("app")))
		c = str_cut(c.tail, '/');
	return c.found ? str_cut(c.tail, '/').head : id;
}

/* The instance of the VPC that @id names; NULL in *@ret: none. */
static int find_instance(struct call *c, const struct place_rules *g, struct str id,
			 struct record **ret)
{
	struct store_query q = { .kind = KIND_INSTANCE, .parent = g->vpc_id, .limit = 1 };

	*ret = NULL;
	if (!id_parse(KIND_INSTANCE, id, &q.id)) {
		if (!str_eq(g->type, STR("ALB")))
			return 0;
		q.name = balancer_name(id);
	}
	return store_list(c->store, &q, &c->arena, ret, &c->fault);
}

/* Resolve the instance of @id at @port into @p. */
static int take_instance(struct call *c, const struct place_rules *g, struct str id,
			 struct place *p, uint16_t port)
{
	struct record *r;

	if (find_instance(c, g, id, &r) < 0)
		return -1;
	if (!r) {
		p->wrong =
			str_eq(g->type, STR("ALB"))
				? "The id must be an address, or name an instance of the VPC."
				: "The id must be that of an instance of the target group's VPC.";
		return 0;
	}
	if (!read_address(c, r, &p->addr))
		return fault_set(&c->fault, FAULT_INTERNAL, "the instance has no address");
	p->addr.port = port;
	p->instance = r->id;
	return set_name(c, p);
}

/* The function that @id, an ARN, names; the same with two qualifiers is two targets. */
static int take_function(struct call *c, const cJSON *item, struct str id, struct place *p)
{
	struct store_query q = { .kind = KIND_FUNCTION, .account = c->account, .limit = 1 };
	struct function_arn arn;
	struct record *r = NULL;

	if (cJSON_HasObjectItem(item, "port")) {
		p->wrong = "A function has no port.";
		return 0;
	}
	if (!function_arn_parse(id, &arn)) {
		p->wrong = "The id must be the ARN of a Lambda function.";
		return 0;
	}
	q.name = arn.name;
	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	if (!r || !str_eq(json_get_str(call_body(c, r), "functionArn"), arn.unqualified)) {
		p->wrong = "The function is not known here.";
		return 0;
	}
	p->function = r->id;
	p->name = id;
	return 0;
}

/* What @item of a request names. Returns 0 with *@ret, or -1 with the call's fault set. */
int place_of_item(struct call *c, const struct place_rules *g, const struct cJSON *item,
		  struct place *ret)
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(item, "port");
	uint16_t number = cJSON_IsNumber(port) ? (uint16_t)port->valuedouble : g->port;
	struct str id = json_get_str(item, "id");
	bool is_address = sock_addr_parse(id, &ret->addr) == 0;

	*ret = (struct place){ .addr = is_address ? ret->addr : (struct sock_addr){ 0 } };
	if (str_eq(g->type, STR("LAMBDA")))
		return take_function(c, item, id, ret);
	if (str_eq(g->type, STR("INSTANCE")) || (str_eq(g->type, STR("ALB")) && !is_address))
		return take_instance(c, g, id, ret, number);
	if (!is_address || (str_eq(g->type, STR("IP")) && ret->addr.family != g->family)) {
		ret->wrong = g->family == AF_INET6 ? "The id must be an IPv6 address."
						   : "The id must be an IPv4 address.";
		return 0;
	}
	if (!address_is_usable(c->pool, &ret->addr)) {
		ret->wrong = "No target can have this address.";
		return 0;
	}
	ret->addr.port = number;
	return set_name(c, ret);
}

/* Where the registered @target is now. */
int place_of_record(struct call *c, const struct record *target, struct place *ret)
{
	const cJSON *body = call_body(c, target);
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(body, "port");
	struct str id = json_get_str(body, "instanceId");
	struct record *r;

	*ret = (struct place){ .name = target->name, .instance = id };
	ret->function = json_get_str(body, "functionId");
	if (ret->function.n)
		return 0;
	if (id.n) {
		if (store_get(c->store, KIND_INSTANCE, id, &c->arena, &r, &c->fault) < 0)
			return -1;
		read_address(c, r, &ret->addr);
	} else if (sock_addr_parse(json_get_str(body, "id"), &ret->addr) < 0) {
		return fault_set(&c->fault, FAULT_INTERNAL, "a target has no address");
	}
	ret->addr.port = cJSON_IsNumber(port) ? (uint16_t)port->valuedouble : 0;
	return 0;
}

/* The instance of the VPC that has the address @addr; NULL in *@ret: none. */
int place_find_instance(struct call *c, struct str vpc_id, const struct sock_addr *addr,
			struct record **ret)
{
	struct store_query q = { .kind = KIND_INSTANCE, .parent = vpc_id };
	struct sock_addr wanted = *addr, has;
	struct record *r;

	wanted.port = 0;
	*ret = NULL;
	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	for (; r && !*ret; r = r->next)
		if (read_address(c, r, &has) && sock_addr_eq(&has, &wanted))
			*ret = r;
	return 0;
}
