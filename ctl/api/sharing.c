/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An account is a member of the organisations that its identities are in. What a share conveys is
 * fixed for each kind of resource, as AWS's managed permissions have it; what a resource policy
 * conveys it says itself.
 */
#include "api/sharing.h"

#include "base/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static const struct permission {
	enum kind kind;
	const char *action;
} permissions[] = {
	{ KIND_SERVICE_NETWORK, "vpc-lattice:CreateServiceNetworkServiceAssociation" },
	{ KIND_SERVICE_NETWORK, "vpc-lattice:CreateServiceNetworkVpcAssociation" },
	{ KIND_SERVICE_NETWORK, "vpc-lattice:GetServiceNetwork" },
	{ KIND_SERVICE, "vpc-lattice:CreateServiceNetworkServiceAssociation" },
	{ KIND_SERVICE, "vpc-lattice:GetService" },
};

static const struct str organizations = { "arn:aws:organizations::", 23 };

/* Is @action among what resources of @kind can be shared for? */
bool sharing_conveys(enum kind kind, struct str action)
{
	size_t i;

	for (i = 0; i < sizeof(permissions) / sizeof(permissions[0]); i++)
		if (permissions[i].kind == kind && str_eq(str_of(permissions[i].action), action))
			return true;
	return false;
}

/* The organisation or unit that "arn:aws:organizations::ACCOUNT:WHAT/.../ID" names; empty: none. */
static struct str unit_of(struct str s, struct str what)
{
	struct str_cut c;

	if (!str_starts(s, organizations))
		return STR("");
	c = str_cut(str_skip(s, organizations.n), ':');
	if (!c.found || !id_is_account(c.head) || !str_starts(c.tail, what))
		return STR("");
	c = str_cut(str_skip(c.tail, what.n), '/');
	/* A unit's ARN names its organisation first. */
	return c.found ? c.tail : c.head;
}

/* An account's 12 digits, or the ARN of an organisation or of one of its units? */
bool sharing_is_principal(struct str s)
{
	return id_is_account(s) || unit_of(s, STR("organization/")).n || unit_of(s, STR("ou/")).n;
}

/* The account or organisation that a principal of a resource policy means. */
bool sharing_read_principal(const struct cJSON *item, struct str *ret)
{
	struct str s = cJSON_IsString(item) ? str_of(item->valuestring) : STR("");
	struct str iam = STR("arn:aws:iam::"), root = STR(":root");

	if (str_starts(s, iam) && s.n == iam.n + ACCOUNT_DIGITS + root.n &&
	    str_eq(str_skip(s, iam.n + ACCOUNT_DIGITS), root))
		s = str_first(str_skip(s, iam.n), ACCOUNT_DIGITS);
	*ret = s;
	return sharing_is_principal(s);
}

/* Is one of the paths "o-.../r-.../ou-.../" of @identity below @unit? */
static bool is_below(const cJSON *identity, struct str unit)
{
	const cJSON *path;

	cJSON_ArrayForEach (path, cJSON_GetObjectItemCaseSensitive(identity, "organizationPaths")) {
		struct str_cut c = { .tail = str_of(path->valuestring), .found = true };

		while (c.found) {
			c = str_cut(c.tail, '/');
			if (str_eq(c.head, unit))
				return true;
		}
	}
	return false;
}

/* Is the caller's account what @principal means? */
static int is_meant(struct call *c, struct str principal, bool *ret)
{
	struct str org = unit_of(principal, STR("organization/"));
	struct str unit = unit_of(principal, STR("ou/"));
	struct store_query q = { .kind = KIND_IDENTITY, .account = c->account };
	struct record *r;

	*ret = str_eq(principal, c->account);
	if (*ret || (!org.n && !unit.n))
		return 0;
	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	for (; r && !*ret; r = r->next) {
		const cJSON *body = call_body(c, r);

		*ret = org.n ? str_eq(json_get_str(body, "organizationId"), org)
			     : is_below(body, unit);
	}
	return 0;
}

static bool has_text(const cJSON *list, struct str text)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, list) {
		if (cJSON_IsString(item) && str_eq(str_of(item->valuestring), text))
			return true;
	}
	return false;
}

/* Does the share @r, of any resource, mean the caller? */
static int share_means_caller(struct call *c, const struct record *r, bool *ret)
{
	const cJSON *p;

	*ret = false;
	cJSON_ArrayForEach (p, cJSON_GetObjectItemCaseSensitive(call_body(c, r), "principals")) {
		if (!*ret && is_meant(c, str_of(p->valuestring), ret) < 0)
			return -1;
	}
	return 0;
}

/* Does a share of @resource's owner give it to the caller? */
static int is_in_share(struct call *c, const struct record *resource, bool *ret)
{
	struct store_query q = { .kind = KIND_RESOURCE_SHARE, .account = resource->account };
	struct str arn = json_get_str(call_body(c, resource), "arn");
	struct record *r;

	*ret = false;
	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	for (; r && !*ret; r = r->next) {
		const cJSON *arns =
			cJSON_GetObjectItemCaseSensitive(call_body(c, r), "resourceArns");

		if (has_text(arns, arn) && share_means_caller(c, r, ret) < 0)
			return -1;
	}
	return 0;
}

/* Does the resource policy @r let the caller do @action, or with NULL anything? */
static int policy_allows(struct call *c, const struct record *r, const char *action, bool *ret)
{
	const cJSON *grant, *p;

	*ret = false;
	/* What resource_policies.c read of the document when it was put. */
	cJSON_ArrayForEach (grant, cJSON_GetObjectItemCaseSensitive(call_body(c, r), "grants")) {
		if (action &&
		    !has_text(cJSON_GetObjectItemCaseSensitive(grant, "actions"), str_of(action)))
			continue;
		cJSON_ArrayForEach (p, cJSON_GetObjectItemCaseSensitive(grant, "principals")) {
			if (!*ret && is_meant(c, str_of(p->valuestring), ret) < 0)
				return -1;
		}
	}
	return 0;
}

/* May the caller's account do @action, or with NULL anything, with another's @resource? */
static int is_usable(struct call *c, const struct record *resource, const char *action, bool *ret)
{
	struct store_query q = { .kind = KIND_RESOURCE_POLICY, .parent = resource->id };
	struct record *policy;

	*ret = false;
	if (resource->kind != KIND_SERVICE && resource->kind != KIND_SERVICE_NETWORK)
		return 0;
	if (!action || sharing_conveys(resource->kind, str_of(action))) {
		if (is_in_share(c, resource, ret) < 0 || *ret)
			return *ret ? 0 : -1;
	}
	if (store_list(c->store, &q, &c->arena, &policy, &c->fault) < 0)
		return -1;
	return policy ? policy_allows(c, policy, action, ret) : 0;
}

/*
 * As call_find(), but another account's record is found too if it is shared for @action. One that
 * is shared for something else is refused as such.
 */
int sharing_find(struct call *c, const char *field, enum kind kind, struct str identifier,
		 const char *action, struct record **ret)
{
	struct record *r;
	struct fault fault;
	bool usable;

	if (call_find(c, field, kind, identifier, ret) == 0)
		return 0;
	if (c->fault.code != FAULT_NOT_FOUND)
		return -1;
	fault = c->fault;
	if (call_find_foreign(c, kind, identifier, &r) < 0 ||
	    is_usable(c, r, action, &usable) < 0) {
		c->fault = fault;
		return -1;
	}
	if (usable) {
		c->fault = (struct fault){ 0 };
		*ret = r;
		return 0;
	}
	if (is_usable(c, r, NULL, &usable) == 0 && usable)
		return fault_set(&c->fault, FAULT_ACCESS_DENIED,
				 "account " STR_FMT " may not perform %s on " STR_FMT,
				 STR_ARG(c->account), action, STR_ARG(identifier));
	c->fault = fault;
	return -1;
}

static bool is_own_arn(const struct call *c, struct str arn)
{
	struct str_cut cut = { .tail = arn };
	size_t i;

	for (i = 0; i < 5; i++)
		cut = str_cut(cut.tail, ':');
	return str_eq(cut.head, c->account);
}

/*
 * The association that the path names: seen and ended by who made it, and by whoever owns its
 * network or its service.
 */
int sharing_find_association(struct call *c, enum kind kind, struct record **ret)
{
	struct fault fault;
	struct record *r;
	const cJSON *body;

	if (call_find_param(c, 0, kind, ret) == 0)
		return 0;
	if (c->fault.code != FAULT_NOT_FOUND)
		return -1;
	fault = c->fault;
	if (call_find_foreign(c, kind, c->params[0], &r) == 0) {
		body = call_body(c, r);
		if (is_own_arn(c, json_get_str(body, "serviceNetworkArn")) ||
		    is_own_arn(c, json_get_str(body, "serviceArn"))) {
			c->fault = (struct fault){ 0 };
			*ret = r;
			return 0;
		}
	}
	c->fault = fault;
	return -1;
}

/* Delete the association of @kind that the path names, which the data path is told of. */
int sharing_delete_association(struct call *c, enum kind kind)
{
	static const char *const view[] = { "id", "arn", NULL };
	struct record *r;

	if (sharing_find_association(c, kind, &r) < 0 || call_delete(c, r->id) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	call_put_str(c, c->answer, "status", STR("DELETE_IN_PROGRESS"));
	c->changed = true;
	return 0;
}

/*
 * Whose associations a list of those of a network or a service shows: all, if the caller owns what
 * is named, else the caller's own.
 */
int sharing_scope(struct call *c, struct str network_id, struct str service_id,
		  struct store_query *q)
{
	const struct {
		enum kind kind;
		struct str id;
	} named[] = { { KIND_SERVICE_NETWORK, network_id }, { KIND_SERVICE, service_id } };
	struct record *r;
	size_t i;

	q->account = c->account;
	for (i = 0; i < 2; i++) {
		if (!named[i].id.n)
			continue;
		if (store_get(c->store, named[i].kind, named[i].id, &c->arena, &r, &c->fault) < 0) {
			if (c->fault.code != FAULT_NOT_FOUND)
				return -1;
			c->fault = (struct fault){ 0 };
			continue;
		}
		if (str_eq(r->account, c->account))
			q->account = STR("");
	}
	return 0;
}

/* Others' resources that the caller may use, as a list that grows at its end. */
struct foreign {
	struct record *first, **end;
};

static int add_foreign(struct call *c, enum kind kind, struct str id, struct foreign *to)
{
	struct record *r;

	if (store_get(c->store, kind, id, &c->arena, &r, &c->fault) < 0) {
		if (c->fault.code != FAULT_NOT_FOUND)
			return -1;
		c->fault = (struct fault){ 0 };
		return 0;
	}
	if (str_eq(r->account, c->account))
		return 0;
	r->next = NULL;
	*to->end = r;
	to->end = &r->next;
	return 0;
}

static int add_of_shares(struct call *c, enum kind kind, struct foreign *to)
{
	struct store_query q = { .kind = KIND_RESOURCE_SHARE };
	struct record *r;
	const cJSON *arn;
	struct str id;
	bool meant;

	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	for (; r; r = r->next) {
		if (share_means_caller(c, r, &meant) < 0)
			return -1;
		if (!meant)
			continue;
		cJSON_ArrayForEach (
			arn, cJSON_GetObjectItemCaseSensitive(call_body(c, r), "resourceArns")) {
			if (id_parse(kind, str_of(arn->valuestring), &id) &&
			    add_foreign(c, kind, id, to) < 0)
				return -1;
		}
	}
	return 0;
}

static int add_of_policies(struct call *c, enum kind kind, struct foreign *to)
{
	struct store_query q = { .kind = KIND_RESOURCE_POLICY };
	struct record *r;
	bool allows;

	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	for (; r; r = r->next) {
		if (!id_is_valid(kind, r->parent))
			continue;
		if (policy_allows(c, r, NULL, &allows) < 0)
			return -1;
		if (allows && add_foreign(c, kind, r->parent, to) < 0)
			return -1;
	}
	return 0;
}

/* As call_list() of all records of @kind, with those that others share. */
int sharing_list(struct call *c, enum kind kind, const struct call_list_view *view)
{
	struct store_query q = { .kind = kind, .account = c->account };
	struct foreign foreign = { .end = &foreign.first };

	if (add_of_shares(c, kind, &foreign) < 0 || add_of_policies(c, kind, &foreign) < 0)
		return -1;
	return call_list_with(c, &q, view, foreign.first);
}
