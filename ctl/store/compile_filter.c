/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VPC's filter is the rules of all its association's groups, one behind another. What cannot be
 * read refuses the snapshot: a rule left out would only shut somebody out, but a group left out
 * could leave a VPC without a filter.
 */
#include "store/compile_filter.h"

#include "base/json.h"

#include <cjson/cJSON.h>

/* The security groups of a VPC. */
struct groups {
	const struct record *const *at;
	size_t count;
};

static const struct record *find_group(const struct groups *g, const cJSON *id)
{
	size_t i;

	for (i = 0; i < g->count; i++)
		if (str_eq(g->at[i]->id, str_of(id->valuestring)))
			return g->at[i];
	return NULL;
}

static bool read_port(const cJSON *rule, const char *name, uint16_t *ret)
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(rule, name);

	if (!cJSON_IsNumber(port) || port->valuedouble < 1 || port->valuedouble > UINT16_MAX)
		return false;
	*ret = (uint16_t)port->valuedouble;
	return true;
}

static bool read_rule(const cJSON *rule, struct ingress *ret)
{
	return prefix_parse(json_get_str(rule, "cidr"), &ret->source) == 0 &&
	       read_port(rule, "fromPort", &ret->port_min) &&
	       read_port(rule, "toPort", &ret->port_max) && ret->port_min <= ret->port_max;
}

static int fill_rule(struct build *b, const cJSON *group_id, const cJSON *rule, struct snap_vpc *v,
		     struct ingress *to)
{
	if (v->rule_count == LATTICE_FILTER_RULES_MAX || !read_rule(rule, &to[v->rule_count]))
		return fault_set(b->fault, FAULT_INTERNAL,
				 "snapshot: rules of security group %s: too many, "
				 "or one cannot be read",
				 group_id->valuestring);
	v->rule_count++;
	return 0;
}

/* Add the rules of the group @id, one of @groups, to @v. */
static int fill_group(struct build *b, const struct groups *groups, const cJSON *id,
		      struct snap_vpc *v, struct ingress *to)
{
	const struct record *group = cJSON_IsString(id) ? find_group(groups, id) : NULL;
	cJSON *body = group ? json_parse(group->body) : NULL;
	const cJSON *rules = cJSON_GetObjectItemCaseSensitive(body, "ingress"), *rule;
	int err = 0;

	if (!cJSON_IsArray(rules))
		err = fault_set(b->fault, FAULT_INTERNAL,
				"snapshot: a security group of VPC " STR_FMT " does not exist",
				STR_ARG(v->id));
	else
		cJSON_ArrayForEach (rule, rules) {
			err = fill_rule(b, id, rule, v, to);
			if (err)
				break;
		}
	cJSON_Delete(body);
	return err;
}

/* Give @v the filter that the body @association asks for; none when it names no groups. */
int compile_filter(struct build *b, const struct cJSON *association, struct snap_vpc *v)
{
	const cJSON *ids = cJSON_GetObjectItemCaseSensitive(association, "securityGroupIds");
	struct ingress *to;
	struct groups groups;
	const cJSON *id;

	if (cJSON_GetArraySize(ids) == 0)
		return 0;
	if (build_children(b, KIND_SECURITY_GROUP, v->id, &groups.at, &groups.count) < 0)
		return -1;
	to = arena_new(b->arena, struct ingress, LATTICE_FILTER_RULES_MAX);
	if (!to)
		return build_out_of_memory(b);
	v->has_filter = true;
	v->rules = to;
	cJSON_ArrayForEach (id, ids)
		if (fill_group(b, &groups, id, v, to) < 0)
			return -1;
	return 0;
}
