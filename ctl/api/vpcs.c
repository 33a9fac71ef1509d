/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VPCs, which AWS leaves to EC2: a VPC is a network namespace that was registered under a name, by
 * its path, a process or a container. It keeps its number, by which the data path knows it, for
 * life.
 */
#include "api/attestations.h"
#include "api/form.h"
#include "api/handlers.h"
#include "base/json.h"
#include "io/process.h"

#include <cjson/cJSON.h>
#include <lattice/limits.h>

const struct field vpc_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = 63,
	  .matches = form_is_vpc_name,
	  .expected =
		  "letters, digits and . _ - after a letter or digit, and not begin with vpc-" },
	{ .name = "netns",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = 255,
	  .matches = form_is_netns,
	  .expected = "the name of a network namespace or an absolute path to one" },
	{ .name = "pid", .type = FIELD_INTEGER, .min = 1, .max = INT32_MAX },
	{ .name = "containerId",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = 128,
	  .matches = process_is_container_id,
	  .expected = "the id of a container: letters, digits and inner . _ -" },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

/* clang-format off */
static const char *const members[] = {
	"id", "name", "arn", "netns", "pid", "containerId", "createdAt", "lastUpdatedAt", NULL
};
/* clang-format on */

static int put_state(struct call *c, const struct record *r, struct cJSON *into)
{
	struct str state = STR("unknown"), reason = { 0 };

	if (c->hooks && c->hooks->vpc_state)
		state = c->hooks->vpc_state(c->hooks->ctx, r->number, &reason);
	call_put_str(c, into, "state", state);
	if (reason.n)
		call_put_str(c, into, "stateReason", reason);
	return 0;
}

/* The mark of the process, by which it is found as long as it lives. */
static int read_process(struct call *c, const cJSON *pid, struct str *ret)
{
	char mark[PROCESS_MARK_BYTES];

	if (process_mark((pid_t)pid->valuedouble, mark) < 0)
		return fault_set_field(&c->fault, "pid", "there is no process %.0f",
				       pid->valuedouble);
	*ret = arena_printf(&c->arena, "pid:%s", mark);
	return 0;
}

/* How the namespace is found: by what the request says, or under /run/netns by the VPC's name. */
static int read_place(struct call *c, struct str *ret)
{
	const cJSON *pid = cJSON_GetObjectItemCaseSensitive(c->body, "pid");
	struct str container = json_get_str(c->body, "containerId");
	struct str netns = json_get_str(c->body, "netns");
	int err = 0;

	if ((pid != NULL) + (container.n > 0) + (netns.n > 0) > 1)
		return fault_set_field(&c->fault, "netns",
				       "one of netns, pid and containerId is enough");
	if (pid)
		err = read_process(c, pid, ret);
	else if (container.n)
		*ret = arena_printf(&c->arena, "container:" STR_FMT, STR_ARG(container));
	else if (netns.n && netns.p[0] == '/')
		*ret = netns;
	else
		*ret = arena_printf(&c->arena, "/run/netns/" STR_FMT,
				    STR_ARG(netns.n ? netns : json_get_str(c->body, "name")));
	return err || ret->p ? err : fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
}

/* A namespace can be one VPC only. */
static int check_netns(struct call *c, struct str path)
{
	struct store_query q = { .kind = KIND_VPC };
	struct record *r;

	if (path.n > 255)
		return fault_set_field(&c->fault, "netns", "netns must be 1 to 255 characters");
	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	for (; r; r = r->next)
		if (str_eq(json_get_str(call_body(c, r), "netns"), path))
			return fault_set_resource(&c->fault, FAULT_CONFLICT, KIND_VPC, r->id,
						  "a VPC for the namespace already exists: " STR_FMT
						  " (" STR_FMT ")",
						  STR_ARG(r->name), STR_ARG(r->id));
	return 0;
}

int vpc_create(struct call *c)
{
	static const uint32_t numbers[] = { 1, LATTICE_VPCS_MAX - 1 };
	struct str name = json_get_str(c->body, "name");
	struct str place;
	struct record *r = call_new_record(c, KIND_VPC, name);
	cJSON *body = call_new_object(c);

	if (!r || read_place(c, &place) < 0)
		return -1;
	call_put_str(c, body, "arn", call_arn(c, r));
	call_put_str(c, body, "netns", place);
	call_put_copy(c, body, "pid", cJSON_GetObjectItemCaseSensitive(c->body, "pid"));
	call_put_copy(c, body, "containerId",
		      cJSON_GetObjectItemCaseSensitive(c->body, "containerId"));
	call_put_copy(c, body, "tags", cJSON_GetObjectItemCaseSensitive(c->body, "tags"));
	if (check_netns(c, place) < 0 || call_insert(c, r, body, numbers) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, members, c->answer);
	return put_state(c, r, c->answer);
}

/* The VPC that the path names, by id, ARN or name. */
static int find_vpc(struct call *c, struct record **ret)
{
	struct str word = c->params[0], id;

	if (!id_parse(KIND_VPC, word, &id) && !form_is_vpc_name(word))
		return fault_set_field(&c->fault, "vpcIdentifier",
				       "vpcIdentifier must be the id or name of a VPC");
	return call_find_named(c, KIND_VPC, ret);
}

int vpc_get(struct call *c)
{
	struct record *r;

	if (find_vpc(c, &r) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	return put_state(c, r, c->answer);
}

int vpc_list(struct call *c)
{
	static const struct call_list_view view = { members, put_state };
	struct store_query q = { .kind = KIND_VPC };

	return call_list(c, &q, &view);
}

int vpc_delete(struct call *c)
{
	struct record *r;

	if (find_vpc(c, &r) < 0 || attestation_forget_vpc(c, r->id) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}
