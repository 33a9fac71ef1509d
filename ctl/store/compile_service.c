/* SPDX-License-Identifier: Apache-2.0 */
/* Services and their listeners. A service that is not ACTIVE has its place, but no part there. */
#include "store/compile_service.h"

#include "base/json.h"
#include "model/name.h"
#include "store/certificates.h"
#include "store/compile_group.h"
#include "store/compile_policy.h"
#include "store/compile_rule.h"

#include <cjson/cJSON.h>

static enum snap_listener_kind kind_of_listener(struct str protocol)
{
	if (str_eq(protocol, STR("HTTPS")))
		return SNAP_LISTENER_HTTPS;
	return str_eq(protocol, STR("TLS_PASSTHROUGH")) ? SNAP_LISTENER_PASSTHROUGH
							: SNAP_LISTENER_HTTP;
}

static int fill_listener(struct build *b, const struct record *r, struct snap_listener *l)
{
	cJSON *body = json_parse(r->body);
	int err;

	l->id = build_keep(b, r->id);
	l->port = (uint16_t)r->number;
	l->protocol = build_keep_member(b, body, "protocol");
	l->kind = kind_of_listener(l->protocol);
	err = compile_action(b, r, cJSON_GetObjectItemCaseSensitive(body, "defaultAction"),
			     &l->default_action);
	cJSON_Delete(body);
	return err ? err : compile_rules(b, l);
}

/* Workers keep a turn for each action. */
static void number_actions(struct snap_service *s)
{
	size_t i, k;

	for (i = 0; i < s->listener_count; i++) {
		s->listeners[i].default_action.index = s->action_count++;
		for (k = 0; k < s->listeners[i].rule_count; k++)
			s->listeners[i].rules[k].action.index = s->action_count++;
	}
}

static int fill_listeners(struct build *b, struct snap_service *s)
{
	const struct record *const *r;
	size_t i, count;

	if (build_children(b, KIND_LISTENER, s->id, &r, &count) < 0)
		return -1;
	if (!count)
		return 0;
	s->listeners = arena_new(b->arena, struct snap_listener, count);
	if (!s->listeners)
		return build_out_of_memory(b);
	for (i = 0; i < count; i++)
		if (fill_listener(b, r[i], &s->listeners[s->listener_count++]) < 0)
			return -1;
	number_actions(s);
	return 0;
}

/* The tags of a service, which policies may ask for. */
static int fill_tags(struct build *b, const cJSON *tags, struct snap_service *s)
{
	struct principal_tag *list;
	const cJSON *item;

	if (!cJSON_GetArraySize(tags))
		return 0;
	list = arena_new(b->arena, struct principal_tag, (size_t)cJSON_GetArraySize(tags));
	if (!list)
		return build_out_of_memory(b);
	s->tags = list;
	cJSON_ArrayForEach (item, tags) {
		list[s->tag_count].key = build_keep(b, str_of(item->string));
		list[s->tag_count++].value = build_keep(b, str_of(cJSON_GetStringValue(item)));
	}
	return 0;
}

static int fill_service(struct build *b, const struct record *r, const cJSON *body,
			struct snap_service *s)
{
	const cJSON *dns = cJSON_GetObjectItemCaseSensitive(body, "dnsEntry");
	const cJSON *idle = cJSON_GetObjectItemCaseSensitive(body, "idleTimeoutSeconds");

	s->id = build_keep(b, r->id);
	s->name = build_keep(b, r->name);
	s->arn = build_keep_member(b, body, "arn");
	s->dns_name = build_keep_member(b, dns, "domainName");
	s->domain = build_keep_member(b, body, "customDomainName");
	s->addr4 = address_v4(b->kept->pool, r->number);
	s->addr6 = address_v6(b->kept->pool, r->number);
	s->idle_ms = cJSON_IsNumber(idle) ? (unsigned)idle->valuedouble * 1000 : 0;
	s->index = r->number;
	if (fill_listeners(b, s) < 0)
		return -1;
	if (b->kept->certificates && !certificates_fill(b->kept->certificates, b->arena, body, s))
		return build_out_of_memory(b);
	if (fill_tags(b, cJSON_GetObjectItemCaseSensitive(body, "tags"), s) < 0)
		return -1;
	return compile_gate(b, r, body, &s->auth);
}

/* Count what @s, which may be NULL, forwards to: once more, or once less. */
static int count_uses(struct build *b, const struct snap_service *s, bool more)
{
	size_t i, k;

	for (i = 0; s && i < s->listener_count; i++) {
		const struct snap_listener *l = &s->listeners[i];

		if (group_count_uses(b, &l->default_action, more) < 0)
			return -1;
		for (k = 0; k < l->rule_count; k++)
			if (group_count_uses(b, &l->rules[k].action, more) < 0)
				return -1;
	}
	return 0;
}

static int remove_names(struct build *b, const struct snap_service *s)
{
	struct shelf *names = &b->snapshot->names;

	if (name_remove(names, s->dns_name, s->index) || name_remove(names, s->domain, s->index))
		return build_out_of_memory(b);
	return 0;
}

static int add_names(struct build *b, const struct snap_service *s)
{
	struct shelf *names = &b->snapshot->names;

	if (name_add(names, s->dns_name, s->index, false) ||
	    name_add(names, s->domain, s->index, true))
		return build_out_of_memory(b);
	return 0;
}

/* The names of @old are those of @now from here on; either may be NULL. */
static int change_names(struct build *b, const struct snap_service *old,
			const struct snap_service *now)
{
	if (old && now && str_eq(old->dns_name, now->dns_name) && str_eq(old->domain, now->domain))
		return 0;
	if (old && remove_names(b, old) < 0)
		return -1;
	return now ? add_names(b, now) : 0;
}

/* Put @s, which moves there, or NULL at @number, in the place of what was there. */
static int replace(struct build *b, uint32_t number, struct snap_service *s)
{
	const struct snap_service *old = snapshot_find_service(b->snapshot, number);

	if (count_uses(b, s, true) < 0 || count_uses(b, old, false) < 0 ||
	    change_names(b, old, s) < 0) {
		part_put(s ? &s->part : NULL);
		return -1;
	}
	return build_set(b, &b->snapshot->services, number, s ? &s->part : NULL);
}

static int make(struct build *b, const struct record *r, struct snap_service **ret)
{
	struct snap_service *s;
	cJSON *body = json_parse(r->body);
	int err = 0;

	*ret = NULL;
	if (build_is_active(body)) {
		s = part_new(sizeof(*s), build_part_bytes_max);
		err = -1;
		if (s) {
			b->arena = &s->part.arena;
			err = fill_service(b, r, body, s);
			*ret = s;
		} else {
			build_out_of_memory(b);
		}
	}
	cJSON_Delete(body);
	if (!err && b->failed)
		err = build_out_of_memory(b);
	if (err && *ret) {
		part_put(&(*ret)->part);
		*ret = NULL;
	}
	return err;
}

/* Compile the service @u and what is below it, or take it away. */
int compile_service(struct build *b, const struct unit *u)
{
	const struct record *r = u->record;
	struct snap_service *s = NULL;
	uint32_t number;

	if (!r) {
		if (!build_find_place(b, u->id, &number))
			return 0;
		map_remove(&b->kept->places, u->id);
		return replace(b, number, NULL);
	}
	if (r->number < ADDRESS_NUMBER_MIN || r->number > ADDRESS_NUMBER_MAX)
		return build_bad_record(b, r, "its number is out of range");
	if (build_set_place(b, u->id, r->number) < 0 || make(b, r, &s) < 0)
		return -1;
	return replace(b, r->number, s);
}
