/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VPC's filter is the rules of all its association's groups, one behind another. What cannot be
 * read refuses the snapshot: a rule left out would only shut somebody out, but a group left out
 * could leave a VPC without a filter.
 */
#include "store/compile_filter.h"

#include "base/json.h"

#include <cjson/cJSON.h>

static const struct cJSON *rules_of(struct children *groups, struct str vpc_id, const cJSON *id)
{
	struct record *const *group = children_find(groups, vpc_id, str_of(id->valuestring));
	const cJSON *rules;

	if (!group)
		return NULL;
	rules = cJSON_GetObjectItemCaseSensitive(children_body(groups, group), "ingress");
	return cJSON_IsArray(rules) ? rules : NULL;
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

/*
 * Give @v the filter that the body @association asks for; none when it names no groups. @groups
 * are all security groups, refreshed. Returns 0, or -1 with the fault set.
 */
int filter_compile(struct children *groups, const struct cJSON *association, struct arena *a,
		   struct snap_vpc *v, struct fault *fault)
{
	const cJSON *ids = cJSON_GetObjectItemCaseSensitive(association, "securityGroupIds");
	const cJSON *id, *rules, *rule;
	struct ingress *to;

	if (cJSON_GetArraySize(ids) == 0)
		return 0;
	to = arena_new(a, struct ingress, LATTICE_FILTER_RULES_MAX);
	if (!to)
		return fault_set(fault, FAULT_INTERNAL, "snapshot: out of memory");
	v->has_filter = true;
	v->rules = to;
	cJSON_ArrayForEach (id, ids) {
		rules = cJSON_IsString(id) ? rules_of(groups, v->id, id) : NULL;
		if (!rules)
			return fault_set(fault, FAULT_INTERNAL,
					 "snapshot: a security group of VPC " STR_FMT
					 " does not exist",
					 STR_ARG(v->id));
		cJSON_ArrayForEach (rule, rules) {
			if (v->rule_count == LATTICE_FILTER_RULES_MAX ||
			    !read_rule(rule, &to[v->rule_count]))
				return fault_set(fault, FAULT_INTERNAL,
						 "snapshot: rules of security group %s: too many, "
						 "or one cannot be read",
						 id->valuestring);
			v->rule_count++;
		}
	}
	return 0;
}
