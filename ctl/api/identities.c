/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identities, which AWS leaves to IAM: who may sign requests or be attested, with what policies
 * ask of a principal. An identity is a record under its ARN, in the ARN's account; its keys and
 * attestation rules go with it.
 */
#include "api/identities.h"

#include "api/form.h"
#include "api/handlers.h"
#include "api/permission.h"
#include "auth/policy.h"
#include "auth/principal.h"
#include "base/json.h"
#include "base/rand.h"

#include <cjson/cJSON.h>

enum {
	ARN_BYTES_MAX = 255, /* of a record's name */
	POLICY_BYTES_MAX = 10240,
	ORG_PATHS_MAX = 8,
	USER_ID_RANDOM = 17,
};

/* What an identity may do unless it is said: call services, as far as their policies allow. */
static const char default_policy[] =
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
	"\"Action\":\"vpc-lattice-svcs:Invoke\",\"Resource\":\"*\"}]}";

static bool is_principal(struct str s)
{
	return principal_parse_arn(s).type != PRINCIPAL_ANONYMOUS;
}

/* "o-" and letters or digits. */
static bool is_organization(struct str s)
{
	size_t i;

	for (i = 2; i < s.n; i++) {
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'z'))
			return false;
	}
	return s.n > 2 && str_starts(s, STR("o-"));
}

/* "o-.../r-.../ou-.../": from the organisation down, each part ended by a slash. */
static bool is_organization_path(struct str s)
{
	struct str_cut c = str_cut(s, '/');

	return c.found && is_organization(c.head) && str_ends(s, STR("/")) &&
	       !memchr(s.p, ' ', s.n);
}

#define FORM_POLICY                                                             \
	{                                                                       \
		.name = "policy", .type = FIELD_STRING, .max = POLICY_BYTES_MAX \
	}

static const struct field org_path_item = {
	.type = FIELD_STRING,
	.min = 4,
	.max = 512,
	.matches = is_organization_path,
	.expected = "like o-a1b2c3/r-ab12/ou-ab12-11111111/, with a slash at its end",
};

const struct field identity_create_fields[] = {
	{ .name = "arn",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 20,
	  .max = ARN_BYTES_MAX,
	  .matches = is_principal,
	  .expected = "the ARN of an account's root, a user, a role or an assumed role" },
	{ .name = "organizationId",
	  .type = FIELD_STRING,
	  .min = 3,
	  .max = 34,
	  .matches = is_organization,
	  .expected = "like o-a1b2c3d4e5" },
	{ .name = "organizationPaths",
	  .type = FIELD_LIST,
	  .max = ORG_PATHS_MAX,
	  .members = &org_path_item },
	FORM_POLICY,
	FORM_TAGS,
	{ 0 },
};

const struct field identity_update_fields[] = {
	{ .name = "policy", .type = FIELD_STRING, .required = true, .max = POLICY_BYTES_MAX },
	{ 0 },
};

static const char *const members[] = {
	"id",	  "arn",  "userId",    "organizationId", "organizationPaths",
	"policy", "tags", "createdAt", "lastUpdatedAt",	 NULL,
};

/* An empty policy is none; any other must be one that can be evaluated. */
static int check_policy(struct call *c, struct str text)
{
	struct policy_error error;
	struct policy *p;
	int err;

	if (!text.n)
		return 0;
	p = policy_new(POLICY_IDENTITY, text, &error);
	if (!p)
		return fault_set_field(&c->fault, "policy", "policy: %s: %s", error.where,
				       error.why);
	err = permission_check_policy(c, p);
	policy_put(p);
	return err;
}

/* As IAM makes them: AIDA for users, AROA for roles; an account is its own. */
static struct str new_user_id(struct call *c, struct str arn)
{
	struct principal_arn p = principal_parse_arn(arn);
	const char *prefix = p.type == PRINCIPAL_ASSUMED_ROLE ? "AROA" : "AIDA";
	char digits[USER_ID_RANDOM];
	size_t i;

	if (p.type == PRINCIPAL_ACCOUNT)
		return p.account;
	rand_hex(digits, sizeof(digits));
	for (i = 0; i < sizeof(digits); i++)
		digits[i] = digits[i] >= 'a' ? (char)(digits[i] - 'a' + 'A') : digits[i];
	if (p.type == PRINCIPAL_ASSUMED_ROLE && p.session.n)
		return arena_printf(&c->arena, "%s" STR_FMT ":" STR_FMT, prefix,
				    (int)sizeof(digits), digits, STR_ARG(p.session));
	return arena_printf(&c->arena, "%s" STR_FMT, prefix, (int)sizeof(digits), digits);
}

/*
 * The identity that @identifier, the request's member @field, names by its id or its ARN, of
 * whatever account: who manages identities is an administrator.
 */
int identity_find(struct call *c, const char *field, struct str identifier, struct record **ret)
{
	struct store_query q = { .kind = KIND_IDENTITY, .name = identifier };
	struct str id;

	if (id_parse(KIND_IDENTITY, identifier, &id) && id.n == identifier.n)
		return store_get(c->store, KIND_IDENTITY, id, &c->arena, ret, &c->fault);
	if (!is_principal(identifier))
		return fault_set_field(&c->fault, field, "%s must be the ARN or id of an identity",
				       field);
	if (store_list(c->store, &q, &c->arena, ret, &c->fault) < 0)
		return -1;
	if (!*ret)
		return fault_set_resource(&c->fault, FAULT_NOT_FOUND, KIND_IDENTITY, identifier,
					  "Identity " STR_FMT " not found", STR_ARG(identifier));
	return 0;
}

int identity_create(struct call *c)
{
	struct str arn = json_get_str(c->body, "arn");
	struct record *r = call_new_record(c, KIND_IDENTITY, arn);
	cJSON *body = call_new_object(c);
	struct str user_id = new_user_id(c, arn);

	if (!r || !user_id.p)
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	r->account = principal_parse_arn(arn).account;
	call_merge(c, body, c->body);
	call_put_str(c, body, "userId", user_id);
	if (!cJSON_GetObjectItemCaseSensitive(body, "policy"))
		call_put_str(c, body, "policy", str_of(default_policy));
	if (check_policy(c, json_get_str(body, "policy")) < 0 || call_insert(c, r, body, NULL) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, members, c->answer);
	return 0;
}

int identity_get(struct call *c)
{
	struct record *r;

	if (identity_find(c, "identityIdentifier", c->params[0], &r) < 0)
		return -1;
	call_view(c, r, members, c->answer);
	return 0;
}

/* Those of all accounts. */
int identity_list(struct call *c)
{
	static const struct call_list_view view = { members, NULL };
	struct store_query q = { .kind = KIND_IDENTITY };

	return call_list_all(c, &q, &view);
}

/* Another policy, or with an empty text none. */
int identity_update(struct call *c)
{
	struct str policy = json_get_str(c->body, "policy");
	struct record *r;
	cJSON *body;

	if (identity_find(c, "identityIdentifier", c->params[0], &r) < 0 ||
	    check_policy(c, policy) < 0)
		return -1;
	body = call_edit(c, r);
	call_replace(c, body, "policy", cJSON_GetObjectItemCaseSensitive(c->body, "policy"));
	if (call_update(c, r, body) < 0)
		return -1;
	c->changed = true;
	call_view(c, r, members, c->answer);
	return 0;
}

int identity_delete(struct call *c)
{
	struct record *r;

	if (identity_find(c, "identityIdentifier", c->params[0], &r) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}
