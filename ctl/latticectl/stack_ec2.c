/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS::EC2::SecurityGroup. What clients may send out and what is not TCP is nothing that a service
 * network knows of and is left out; a source that is another group cannot be told by an address and
 * is refused, for without its rule the group would shut somebody out.
 */
#include "latticectl/stack_ec2.h"

#include "base/json.h"

#include <cjson/cJSON.h>
#include <string.h>

enum { PORT_MAX = 65535 };

static void rename_member(struct cJSON *in, const char *from, const char *to)
{
	struct cJSON *value = cJSON_DetachItemFromObjectCaseSensitive(in, from);

	if (value)
		cJSON_AddItemToObject(in, to, value);
}

/* TCP by name or number, or all protocols. */
static bool is_tcp(struct str protocol)
{
	return str_eq(protocol, STR("tcp")) || str_eq(protocol, STR("6")) ||
	       str_eq(protocol, STR("-1"));
}

static double port_of(const struct cJSON *rule, const char *name, double otherwise)
{
	const struct cJSON *port = cJSON_GetObjectItemCaseSensitive(rule, name);

	if (str_eq(json_get_str(rule, "ipProtocol"), STR("-1")) || !cJSON_IsNumber(port) ||
	    port->valuedouble < 1)
		return otherwise;
	return port->valuedouble;
}

static struct cJSON *convert_rule(const struct cJSON *rule)
{
	struct str v4 = json_get_str(rule, "cidrIp"), v6 = json_get_str(rule, "cidrIpv6");
	struct cJSON *to;

	if (!v4.n && !v6.n)
		return NULL;
	to = cJSON_CreateObject();
	cJSON_AddStringToObject(to, "cidr", v4.n ? v4.p : v6.p);
	cJSON_AddNumberToObject(to, "fromPort", port_of(rule, "fromPort", 1));
	cJSON_AddNumberToObject(to, "toPort", port_of(rule, "toPort", PORT_MAX));
	return to;
}

static enum exit_status convert_rules(const struct stack_step *step, struct cJSON *members)
{
	struct cJSON *from =
		cJSON_DetachItemFromObjectCaseSensitive(members, "securityGroupIngress");
	struct cJSON *to = cJSON_AddArrayToObject(members, "ingress");
	enum exit_status status = STATUS_DONE;
	const struct cJSON *rule;
	int i = 0;

	cJSON_ArrayForEach (rule, from) {
		struct cJSON *ours = NULL;

		i++;
		if (!is_tcp(json_get_str(rule, "ipProtocol")))
			continue;
		ours = convert_rule(rule);
		if (ours) {
			cJSON_AddItemToArray(to, ours);
			continue;
		}
		fprintf(stderr,
			"latticectl: %s: SecurityGroupIngress[%d]: a rule has CidrIp or CidrIpv6\n",
			step->logical_id, i - 1);
		status = STATUS_REFUSED;
		break;
	}
	cJSON_Delete(from);
	return status;
}

enum exit_status stack_ec2_settle(const struct stack_step *step, struct cJSON *members)
{
	if (strcmp(step->type_name, "AWS::EC2::SecurityGroup") != 0)
		return STATUS_DONE;
	rename_member(members, "groupName", "name");
	rename_member(members, "groupDescription", "description");
	rename_member(members, "vpcId", "vpcIdentifier");
	cJSON_DeleteItemFromObjectCaseSensitive(members, "securityGroupEgress");
	return convert_rules(step, members);
}
