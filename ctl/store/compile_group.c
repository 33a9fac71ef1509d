/* SPDX-License-Identifier: Apache-2.0 */
/* Target groups, their indexes, and how many actions forward to each. */
#include "store/compile_group.h"

#include "base/json.h"
#include "store/compile_function.h"
#include "store/compile_target.h"
#include "store/health_compile.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static int fill_target(struct build *b, const struct record *r, const struct snap_target_group *g,
		       struct snap_target *t)
{
	if (g->lambda)
		return compile_function_target(b, r, t);
	if (!compile_target(b, g->vpc_id, r, &t->addr))
		return build_bad_record(b, r, "its address cannot be read");
	return 0;
}

static int fill_targets(struct build *b, const struct record *group, struct snap_target_group *g)
{
	const struct record *const *r;
	size_t i, count;
	uint32_t vpc = 0;

	if (build_children(b, KIND_TARGET, group->id, &r, &count) < 0)
		return -1;
	if (!count)
		return 0;
	if (!g->lambda && !build_find_place(b, g->vpc_id, &vpc))
		return build_bad_record(b, group, "its VPC does not exist");
	g->targets = arena_new(b->arena, struct snap_target, count);
	if (!g->targets)
		return build_out_of_memory(b);
	for (i = 0; i < count; i++) {
		struct snap_target *t = &g->targets[g->target_count++];

		t->vpc = vpc;
		if (fill_target(b, r[i], g, t) < 0)
			return -1;
	}
	return 0;
}

static enum snap_version version_of(const cJSON *config)
{
	struct str text = json_get_str(config, "protocolVersion");

	if (str_eq(text, STR("HTTP2")))
		return SNAP_HTTP2;
	return str_eq(text, STR("GRPC")) ? SNAP_GRPC : SNAP_HTTP1;
}

/* AWS has no member for this; a tag passes through all of its tools. */
static enum snap_algorithm algorithm_of(const cJSON *body)
{
	const cJSON *tags = cJSON_GetObjectItemCaseSensitive(body, "tags");

	return str_eq(json_get_str(tags, "lattice:algorithm"), STR("least_outstanding_requests"))
		       ? SNAP_LEAST_REQUEST
		       : SNAP_ROUND_ROBIN;
}

static int fill_group(struct build *b, const struct record *r, struct snap_target_group *g)
{
	cJSON *body = json_parse(r->body);
	const cJSON *config = cJSON_GetObjectItemCaseSensitive(body, "config");
	bool is_read;

	g->serial = ++b->kept->serial;
	g->is_used = b->kept->uses[g->index] > 0;
	g->version = version_of(config);
	g->is_tls = str_eq(json_get_str(config, "protocol"), STR("HTTPS"));
	g->algorithm = algorithm_of(body);
	g->id = build_keep(b, r->id);
	g->arn = build_keep_member(b, body, "arn");
	g->vpc_id = build_keep_member(b, body, "vpcIdentifier");
	g->lambda = compile_lambda(body);
	is_read = health_compile(b->arena, cJSON_GetObjectItemCaseSensitive(config, "healthCheck"),
				 &g->check);
	cJSON_Delete(body);
	if (!is_read || b->failed)
		return build_out_of_memory(b);
	return fill_targets(b, r, g);
}

/* There are @uses of each index up to @index from now on. */
static int grow_uses(struct build *b, uint32_t index)
{
	struct compiler *c = b->kept;
	size_t room = c->use_room ? c->use_room : 64;
	uint32_t *uses;

	if (index < c->use_room)
		return 0;
	while (room <= index)
		room *= 2;
	uses = realloc(c->uses, room * sizeof(*uses));
	if (!uses)
		return build_out_of_memory(b);
	memset(uses + c->use_room, 0, (room - c->use_room) * sizeof(*uses));
	c->uses = uses;
	c->use_room = room;
	return 0;
}

/* Give the group @u an index, if it is new. */
int group_place(struct build *b, const struct unit *u)
{
	uint32_t index;

	if (!u->record || build_find_place(b, u->id, &index))
		return 0;
	index = slots_take(&b->kept->groups);
	if (grow_uses(b, index) < 0)
		return -1;
	b->kept->uses[index] = 0;
	return build_set_place(b, u->id, index);
}

static int note_turn(struct build *b, uint32_t index)
{
	size_t room = b->turned_room ? 2 * b->turned_room : 64;
	uint32_t *turned = b->turned;

	if (b->turned_count == b->turned_room) {
		turned = realloc(turned, room * sizeof(*turned));
		if (!turned)
			return build_out_of_memory(b);
		b->turned = turned;
		b->turned_room = room;
	}
	b->turned[b->turned_count++] = index;
	return 0;
}

/* One action more, or less, is @a. */
int group_count_uses(struct build *b, const struct snap_action *a, bool more)
{
	size_t i;

	for (i = 0; i < a->forward_count; i++) {
		uint32_t index = a->forward[i].group, before;

		if (grow_uses(b, index) < 0)
			return -1;
		before = b->kept->uses[index];
		b->kept->uses[index] = more ? before + 1 : before - 1;
		/* When all is compiled, groups come after all services anyway. */
		if (before == (more ? 0 : 1) && !b->is_whole && note_turn(b, index) < 0)
			return -1;
	}
	return 0;
}

static int remove_group(struct build *b, struct str id)
{
	uint32_t index;

	if (!build_find_place(b, id, &index))
		return 0;
	map_remove(&b->kept->places, id);
	if (slots_give(&b->kept->groups, index))
		return build_out_of_memory(b);
	return build_set(b, &b->snapshot->groups, index, NULL);
}

/* Compile the group @u with its targets, or take it away. */
int compile_group(struct build *b, const struct unit *u)
{
	struct snap_target_group *g;
	uint32_t index;

	if (!u->record)
		return remove_group(b, u->id);
	g = part_new(sizeof(*g), build_part_bytes_max);
	if (!g || !build_find_place(b, u->id, &index)) {
		part_put(g ? &g->part : NULL);
		return build_out_of_memory(b);
	}
	g->index = index;
	b->arena = &g->part.arena;
	if (fill_group(b, u->record, g) < 0) {
		part_put(&g->part);
		return -1;
	}
	return build_set(b, &b->snapshot->groups, index, &g->part);
}

static int compile_turned(struct build *b, const struct snap_target_group *g)
{
	struct store_query q = { .kind = KIND_TARGET_GROUP, .id = g->id, .limit = 1 };
	struct record *r;
	int err;

	if (g->is_used == (b->kept->uses[g->index] > 0))
		return 0;
	err = store_list(b->store, &q, &b->reading, &r, b->fault);
	if (!err && r)
		err = compile_group(b, &(struct unit){ KIND_TARGET_GROUP, r->id, r });
	arena_reset(&b->reading);
	return err;
}

/* Compile the groups that came into use, or out of it, and are as before otherwise. */
int compile_turned_groups(struct build *b)
{
	size_t i;

	for (i = 0; i < b->turned_count; i++) {
		const struct snap_target_group *g = snapshot_find_group(b->snapshot, b->turned[i]);

		if (g && compile_turned(b, g) < 0)
			return -1;
	}
	return 0;
}
