/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Auth policies of service networks and services. A document is kept byte for byte, and refused
 * when it would not compile. Beside the policy in force a network or service may have one on
 * trial, an operation of our own: it is evaluated and logged, and decides nothing.
 *
 * A policy is a record with an id and tags, so that a stack can own it: AWS's operations take its
 * own id as well as that of what it protects.
 */
#include "api/form.h"
#include "api/handlers.h"
#include "auth/policy.h"
#include "base/json.h"

#include <cjson/cJSON.h>

/* AWS's quota; the model of its API would allow 36,864. */
enum { AUTH_POLICY_BYTES_MAX = 10240 };

/* The names of a network's or service's two policies: there is one of each at most. */
#define IN_FORCE STR("policy")
#define ON_TRIAL STR("trial")

const struct field auth_policy_fields[] = {
	{ .name = "policy",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = AUTH_POLICY_BYTES_MAX },
	FORM_TAGS,
	{ 0 },
};

/* What a policy protects, and the policy if there is one: else NULL. */
struct subject {
	struct record *resource, *policy;
};

/* The record that the path names: a network, a service, or a policy of one of them. */
static int find_resource(struct call *c, struct record **ret)
{
	static const enum kind kinds[] = { KIND_SERVICE_NETWORK, KIND_SERVICE, KIND_AUTH_POLICY,
					   KIND_RESOURCE_CONFIGURATION };
	struct str identifier = c->params[0], id;
	struct record *policy;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!id_parse(kinds[i], identifier, &id))
			continue;
		if (kinds[i] != KIND_AUTH_POLICY)
			return call_find(c, "resourceIdentifier", kinds[i], identifier, ret);
		if (call_find(c, "resourceIdentifier", kinds[i], identifier, &policy) < 0)
			return -1;
		i = str_starts(policy->parent, STR("sn-")) ? 0 : 1;
		return store_get(c->store, kinds[i], policy->parent, &c->arena, ret, &c->fault);
	}
	return fault_set_field(&c->fault, "resourceIdentifier",
			       "resourceIdentifier must be the id or ARN of a service network or "
			       "service");
}

static int find_subject(struct call *c, struct str name, struct subject *ret)
{
	struct store_query q = { .kind = KIND_AUTH_POLICY, .name = name };

	if (find_resource(c, &ret->resource) < 0)
		return -1;
	q.parent = ret->resource->id;
	return store_list(c->store, &q, &c->arena, &ret->policy, &c->fault);
}

/* A document that would not be understood at evaluation is not taken. */
static int check_document(struct call *c, struct str text)
{
	struct policy_error error;
	struct policy *p = policy_new(POLICY_RESOURCE, text, &error);

	if (!p)
		return fault_set_field(&c->fault, "policy", "policy: %s: %s", error.where,
				       error.why);
	policy_put(p);
	return 0;
}

/* A policy in force is so only while its resource asks for one. */
static void put_answer(struct call *c, const struct subject *s)
{
	static const char *const view[] = { "id", "arn", "policy", NULL };
	struct str auth_type = json_get_str(call_body(c, s->resource), "authType");

	call_view(c, s->policy, view, c->answer);
	call_put_str(c, c->answer, "resourceId", s->resource->id);
	call_put_str(c, c->answer, "state",
		     str_eq(auth_type, STR("AWS_IAM")) ? STR("Active") : STR("Inactive"));
}

static int create(struct call *c, struct str name, struct subject *s)
{
	struct record *r = call_new_record(c, KIND_AUTH_POLICY, name);
	cJSON *body = call_new_object(c);

	if (!r)
		return -1;
	r->parent = s->resource->id;
	call_put_str(c, body, "arn", call_arn(c, r));
	call_merge(c, body, c->body);
	s->policy = r;
	return call_insert(c, r, body, NULL);
}

static int put(struct call *c, struct str name)
{
	struct subject s;
	cJSON *body;

	if (find_subject(c, name, &s) < 0 || check_document(c, json_get_str(c->body, "policy")) < 0)
		return -1;
	if (s.policy && cJSON_GetObjectItemCaseSensitive(c->body, "tags"))
		return fault_set_resource(&c->fault, FAULT_CONFLICT, KIND_AUTH_POLICY, s.policy->id,
					  STR_FMT " already has a policy", STR_ARG(s.resource->id));
	if (s.policy) {
		body = call_edit(c, s.policy);
		call_merge(c, body, c->body);
		if (call_update(c, s.policy, body) < 0)
			return -1;
	} else if (create(c, name, &s) < 0) {
		return -1;
	}
	put_answer(c, &s);
	c->changed = true;
	return 0;
}

/* AWS answers success without a policy when there is none. */
static int get(struct call *c, struct str name)
{
	static const char *const times[] = { "createdAt", "lastUpdatedAt", NULL };
	struct subject s;

	if (find_subject(c, name, &s) < 0)
		return -1;
	if (!s.policy)
		return 0;
	put_answer(c, &s);
	call_view(c, s.policy, times, c->answer);
	return 0;
}

/* Deleting what is not there is no fault: the operation is idempotent in AWS's model. */
static int remove_policy(struct call *c, struct str name)
{
	struct subject s;

	if (find_subject(c, name, &s) < 0)
		return -1;
	c->changed = true;
	return s.policy ? call_delete(c, s.policy->id) : 0;
}

int auth_policy_put(struct call *c)
{
	return put(c, IN_FORCE);
}

int auth_policy_get(struct call *c)
{
	return get(c, IN_FORCE);
}

int auth_policy_delete(struct call *c)
{
	return remove_policy(c, IN_FORCE);
}

int trial_policy_put(struct call *c)
{
	return put(c, ON_TRIAL);
}

int trial_policy_get(struct call *c)
{
	return get(c, ON_TRIAL);
}

int trial_policy_delete(struct call *c)
{
	return remove_policy(c, ON_TRIAL);
}
