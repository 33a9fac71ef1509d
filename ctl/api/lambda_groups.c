/* SPDX-License-Identifier: Apache-2.0 */
/* What AWS says of groups of functions: of the configuration only the structure of events counts.
 */
#include "api/lambda_groups.h"

#include "base/array.h"
#include "base/json.h"

#include <cjson/cJSON.h>
#include <stdio.h>

const char *const lambda_group_versions[] = { "V1", "V2", NULL };

static const char version_name[] = "lambdaEventStructureVersion";

/* Is @config one of a group of @type? What belongs to another type is refused, as AWS does it. */
int lambda_group_check(struct call *c, struct str type, const struct cJSON *config)
{
	static const char *const others[] = {
		"port",		 "protocol",	  "protocolVersion",
		"ipAddressType", "vpcIdentifier", "healthCheck",
	};
	char field[64];
	size_t i;

	if (!str_eq(type, STR("LAMBDA"))) {
		if (!cJSON_HasObjectItem(config, version_name))
			return 0;
		return fault_set_field(&c->fault, "config.lambdaEventStructureVersion",
				       "config.lambdaEventStructureVersion is for groups of the "
				       "type LAMBDA");
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		if (!cJSON_HasObjectItem(config, others[i]))
			continue;
		snprintf(field, sizeof(field), "config.%s", others[i]);
		return fault_set_field(&c->fault, field, "%s is not for groups of the type LAMBDA",
				       field);
	}
	return 0;
}

/* The configuration of a group of functions, from what was @given, into @body. */
void lambda_group_fill(struct call *c, const struct cJSON *given, struct cJSON *body)
{
	struct str version = json_get_str(given, version_name);
	cJSON *config = cJSON_AddObjectToObject(body, "config");

	call_put_str(c, config, version_name,
		     version.n ? version : str_of(lambda_group_versions[0]));
	call_put_str(c, body, version_name, version.n ? version : str_of(lambda_group_versions[0]));
}
