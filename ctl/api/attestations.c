/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attestation rules: which processes of a VPC are an identity without signing, by their user or
 * by their cgroup. A rule dies with its identity, and with its VPC.
 */
#include "api/attestations.h"

#include "api/form.h"
#include "api/handlers.h"
#include "api/identities.h"
#include "base/json.h"
#include "model/identities.h"

#include <cjson/cJSON.h>

/* A record's name holds the VPC's id before it. */
enum { CGROUP_BYTES_MAX = 220 };

const struct field attestation_create_fields[] = {
	{ .name = "identityIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 20,
	  .max = 255 },
	{ .name = "vpcIdentifier",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 5,
	  .max = 2048,
	  .identifies = KIND_VPC },
	{ .name = "cgroup",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = CGROUP_BYTES_MAX,
	  .matches = identities_is_cgroup,
	  .expected = "an absolute path below the cgroups' root, without a slash at its end" },
	{ .name = "uid", .type = FIELD_INTEGER, .min = 0, .max = UINT32_MAX - 1 },
	{ 0 },
};

static const char *const members[] = { "id",	      "vpcIdentifier", "cgroup", "uid",
				       "identityArn", "createdAt",     NULL };

/* One rule for a user or a cgroup: two would contradict each other. */
static int check_alone(struct call *c, struct str name)
{
	struct store_query q = { .kind = KIND_ATTESTATION, .name = name };
	struct record *other;

	if (store_list(c->store, &q, &c->arena, &other, &c->fault) < 0)
		return -1;
	if (other)
		return fault_set_resource(&c->fault, FAULT_CONFLICT, KIND_ATTESTATION, other->id,
					  "a rule for these processes already exists: " STR_FMT,
					  STR_ARG(other->id));
	return 0;
}

int attestation_create(struct call *c)
{
	const cJSON *uid = cJSON_GetObjectItemCaseSensitive(c->body, "uid");
	const cJSON *cgroup = cJSON_GetObjectItemCaseSensitive(c->body, "cgroup");
	struct record *identity, *vpc, *r = call_new_record(c, KIND_ATTESTATION, STR(""));
	cJSON *body = call_new_object(c);

	if (!r)
		return -1;
	if (!uid == !cgroup)
		return fault_set_field(&c->fault, "cgroup", "one of cgroup and uid is needed");
	if (identity_find(c, "identityIdentifier", json_get_str(c->body, "identityIdentifier"),
			  &identity) < 0 ||
	    call_find(c, "vpcIdentifier", KIND_VPC, json_get_str(c->body, "vpcIdentifier"), &vpc) <
		    0)
		return -1;
	r->parent = identity->id;
	r->account = identity->account;
	r->name =
		uid ? arena_printf(&c->arena, STR_FMT " uid %.0f", STR_ARG(vpc->id),
				   uid->valuedouble)
		    : arena_printf(&c->arena, STR_FMT " %s", STR_ARG(vpc->id), cgroup->valuestring);
	call_put_str(c, body, "identityArn", identity->name);
	call_put_str(c, body, "vpcId", vpc->id);
	call_put_str(c, body, "vpcIdentifier", vpc->id);
	call_put_copy(c, body, "uid", uid);
	call_put_copy(c, body, "cgroup", cgroup);
	if (!r->name.p)
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	if (check_alone(c, r->name) < 0 || call_insert(c, r, body, NULL) < 0 ||
	    call_link(c, r->id, vpc->id) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, members, c->answer);
	return 0;
}

int attestation_list(struct call *c)
{
	static const struct call_list_view view = { members, NULL };
	struct store_query q = { .kind = KIND_ATTESTATION };

	return call_list_all(c, &q, &view);
}

int attestation_delete(struct call *c)
{
	struct record *r;
	struct str id;

	if (!id_parse(KIND_ATTESTATION, c->params[0], &id))
		return fault_set_field(&c->fault, "attestationIdentifier",
				       "attestationIdentifier must be the id of a rule");
	if (store_get(c->store, KIND_ATTESTATION, id, &c->arena, &r, &c->fault) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}

/* Drop the rules of the VPC @id, which is about to go. */
int attestation_forget_vpc(struct call *c, struct str id)
{
	struct store_query q = { .kind = KIND_ATTESTATION, .links_to = id };
	struct record *r;

	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	for (; r; r = r->next) {
		if (call_delete(c, r->id) < 0)
			return -1;
	}
	return 0;
}
