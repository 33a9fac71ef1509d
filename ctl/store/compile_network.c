/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network's part is a bit for each service's number. An association sets its bit; which one that
 * was is kept, for when the association is gone.
 */
#include "store/compile_network.h"

#include "base/json.h"
#include "store/compile_filter.h"
#include "store/compile_policy.h"

#include <cjson/cJSON.h>

/* Two places as one. */
static uint64_t pair(uint32_t network, uint32_t service)
{
	return (uint64_t)network << 32 | service;
}

/* Give the network @u an index, if it is new. */
int network_place(struct build *b, const struct unit *u)
{
	uint32_t index;

	if (!u->record || build_find_place(b, u->id, &index))
		return 0;
	return build_set_place(b, u->id, slots_take(&b->kept->networks));
}

/* A network like @old, which may be NULL, with room for service @number; NULL without memory. */
static struct snap_network *copy_members(const struct snap_network *old, struct str id,
					 uint32_t number)
{
	struct snap_network *n = part_new(sizeof(*n), build_part_bytes_max);
	size_t words = number / 64 + 1;

	if (!n)
		return NULL;
	if (old && old->word_count > words)
		words = old->word_count;
	n->id = arena_copy(&n->part.arena, id);
	n->members = arena_new(&n->part.arena, uint64_t, words);
	n->word_count = words;
	if (!n->id.p || !n->members) {
		part_put(&n->part);
		return NULL;
	}
	if (old && old->word_count)
		memcpy(n->members, old->members, old->word_count * sizeof(*n->members));
	return n;
}

static void drop_policy(void *policy)
{
	policy_put(policy);
}

/* One more reference to @p, which may be NULL, that lives as long as @n. False without memory. */
static bool hold_policy(struct snap_network *n, const struct policy *p)
{
	/* The policy does not change, its count of references does. */
	struct policy *held = (struct policy *)p;

	return !p || arena_defer(&n->part.arena, drop_policy, policy_get(held));
}

/* @n decides who may call as @old does. */
static bool share_gate(struct snap_network *n, const struct snap_network *old)
{
	n->auth = old->auth;
	return hold_policy(n, old->auth.policy) && hold_policy(n, old->auth.trial);
}

/* The network at @index, in a version that only this build has and that has room for @number. */
static struct snap_network *own_network(struct build *b, uint32_t index, struct str id,
					uint32_t number)
{
	struct shelf *networks = &b->snapshot->networks;
	const struct snap_network *old = shelf_at(networks, index);
	struct snap_network *n;

	/* Made in this build already. */
	if (b->is_whole && old && number / 64 < old->word_count)
		return shelf_at(networks, index);
	/* Room for twice as many, when it is filled one by one. */
	n = copy_members(old, old ? old->id : id, b->is_whole ? 2 * number : number);
	if (!n || (old && !share_gate(n, old))) {
		part_put(n ? &n->part : NULL);
		build_out_of_memory(b);
		return NULL;
	}
	return build_set(b, networks, index, &n->part) < 0 ? NULL : n;
}

static int set_member(struct build *b, struct str network_id, uint64_t places, bool is_member)
{
	uint32_t number = (uint32_t)places;
	struct snap_network *n = own_network(b, (uint32_t)(places >> 32), network_id, number);

	if (!n)
		return -1;
	if (is_member)
		n->members[number / 64] |= UINT64_C(1) << number % 64;
	else
		n->members[number / 64] &= ~(UINT64_C(1) << number % 64);
	return 0;
}

/* The service of association @u joins its network, or leaves it. */
int compile_membership(struct build *b, const struct unit *u)
{
	cJSON *body = u->record ? json_parse(u->record->body) : NULL;
	struct str network_id = json_get_str(body, "serviceNetworkId");
	uint32_t network, service;
	uint64_t places;
	int err = 0;

	if (map_find(&b->kept->places, u->id, &places)) {
		map_remove(&b->kept->places, u->id);
		/* The network may have gone along with the association. */
		if (shelf_at(&b->snapshot->networks, places >> 32))
			err = set_member(b, network_id, places, false);
	}
	if (!err && build_is_active(body) && build_find_place(b, network_id, &network) &&
	    build_find_place(b, json_get_str(body, "serviceId"), &service)) {
		places = pair(network, service);
		err = build_set_place(b, u->id, places);
		if (!err)
			err = set_member(b, network_id, places, true);
	}
	cJSON_Delete(body);
	return err;
}

static int remove_network(struct build *b, struct str id)
{
	uint32_t index;

	if (!build_find_place(b, id, &index))
		return 0;
	map_remove(&b->kept->places, id);
	if (slots_give(&b->kept->networks, index))
		return build_out_of_memory(b);
	return build_set(b, &b->snapshot->networks, index, NULL);
}

static int fill_network(struct build *b, const struct record *r, struct snap_network *n)
{
	cJSON *body = json_parse(r->body);
	int err;

	b->arena = &n->part.arena;
	err = compile_gate(b, r, body, &n->auth);
	cJSON_Delete(body);
	return err;
}

/* Compile the network @u, which keeps its members, or take it away. */
int compile_network(struct build *b, const struct unit *u)
{
	struct snap_network *n;
	uint32_t index;

	if (!u->record)
		return remove_network(b, u->id);
	if (!build_find_place(b, u->id, &index))
		return build_out_of_memory(b);
	n = copy_members(snapshot_find_network(b->snapshot, index), u->id, 0);
	if (!n)
		return build_out_of_memory(b);
	if (fill_network(b, u->record, n) < 0) {
		part_put(&n->part);
		return -1;
	}
	return build_set(b, &b->snapshot->networks, index, &n->part);
}

/* VPCs */

/* The VPC @u has its number for a place. */
int vpc_place(struct build *b, const struct unit *u)
{
	if (!u->record)
		return 0;
	if (!u->record->number || u->record->number >= LATTICE_VPCS_MAX)
		return build_bad_record(b, u->record, "its VPC number is out of range");
	return build_set_place(b, u->id, u->record->number);
}

static int fill_association(struct build *b, struct snap_vpc *v)
{
	struct store_query q = { .kind = KIND_VPC_ASSOCIATION, .links_to = v->id };
	struct record *r;

	if (store_list(b->store, &q, &b->reading, &r, b->fault) < 0)
		return -1;
	for (; r; r = r->next) {
		cJSON *body = json_parse(r->body);
		struct str id = json_get_str(body, "serviceNetworkId");
		int err = build_set_place(b, r->id, v->number);

		if (!err && build_is_active(body) && build_find_place(b, id, &v->network)) {
			v->network_id = build_keep(b, id);
			v->network_arn = build_keep_member(b, body, "serviceNetworkArn");
			err = compile_filter(b, body, v);
		}
		cJSON_Delete(body);
		if (err)
			return err;
	}
	return 0;
}

static int fill_vpc(struct build *b, const struct record *r, struct snap_vpc *v)
{
	cJSON *body = json_parse(r->body);

	v->number = r->number;
	v->id = build_keep(b, r->id);
	v->name = build_keep(b, r->name);
	v->arn = build_keep_member(b, body, "arn");
	v->account = build_keep(b, r->account);
	v->netns = build_keep_member(b, body, "netns");
	cJSON_Delete(body);
	if (!b->failed && (!v->netns.n || v->netns.n > SNAPSHOT_NETNS_BYTES_MAX))
		return build_bad_record(b, r, "its namespace has no usable path");
	if (fill_association(b, v) < 0)
		return -1;
	return b->failed ? build_out_of_memory(b) : 0;
}

/* Compile the VPC @u with its association, or take it away. */
int compile_vpc(struct build *b, const struct unit *u)
{
	struct snap_vpc *v;
	uint32_t number;

	if (!u->record) {
		if (!build_find_place(b, u->id, &number))
			return 0;
		map_remove(&b->kept->places, u->id);
		return build_set(b, &b->snapshot->vpcs, number, NULL);
	}
	v = part_new(sizeof(*v), build_part_bytes_max);
	if (!v)
		return build_out_of_memory(b);
	b->arena = &v->part.arena;
	if (fill_vpc(b, u->record, v) < 0) {
		part_put(&v->part);
		return -1;
	}
	return build_set(b, &b->snapshot->vpcs, v->number, &v->part);
}

/* Compile the VPC that the association @u is or was of. */
int compile_vpc_association(struct build *b, const struct unit *u)
{
	struct store_query q = { .kind = KIND_VPC, .limit = 1 };
	const struct snap_vpc *v;
	uint32_t number = 0;
	struct record *r = NULL;
	cJSON *body;
	int err;

	if (build_find_place(b, u->id, &number) && !u->record)
		map_remove(&b->kept->places, u->id);
	v = snapshot_find_vpc(b->snapshot, number);
	body = u->record ? json_parse(u->record->body) : NULL;
	q.id = body ? json_get_str(body, "vpcId") : v ? v->id : STR("");
	err = q.id.n ? store_list(b->store, &q, &b->reading, &r, b->fault) : 0;
	if (!err && r)
		err = compile_vpc(b, &(struct unit){ KIND_VPC, r->id, r });
	cJSON_Delete(body);
	return err;
}
