/* SPDX-License-Identifier: Apache-2.0 */
/* What a listener or a rule does, from the options that say it. */
#include "latticectl/action.h"

#include "base/num.h"
#include "base/str.h"
#include "latticectl/resolve.h"

#include <cjson/cJSON.h>
#include <string.h>

static enum exit_status add_forward(struct session *s, const struct args *a, const char *text,
				    struct cJSON *groups)
{
	const char *colon = strrchr(text, ':');
	struct cJSON *group = cJSON_CreateObject();
	char name[IDENTIFIER_MAX];
	uint32_t weight;
	size_t n = strlen(text);

	cJSON_AddItemToArray(groups, group);
	if (colon && num_parse_u32(str_of(colon + 1), &weight) == 0) {
		n = (size_t)(colon - text);
		cJSON_AddNumberToObject(group, "weight", weight);
	} else if (colon && strncmp(text, "arn:", 4) != 0) {
		return args_refuse(a, "the weight in '%s' is not a number", text);
	}
	if (n == 0 || n >= sizeof(name))
		return args_refuse(a, "'%s' is not GROUP[:WEIGHT]", text);
	memcpy(name, text, n);
	name[n] = '\0';
	return resolve_into(s, &kind_target_group, name, NULL, NULL, group);
}

/* The action that --forward or --fixed-response gives, as the member @label. */
enum exit_status action_into(struct session *s, const struct args *a, const char *label,
			     struct cJSON *members)
{
	const char *fixed = args_option(a, "--fixed-response"), *text;
	struct cJSON *action, *inner;
	enum exit_status status = STATUS_DONE;
	uint16_t code;
	size_t at = 0;

	if (!fixed == !args_option(a, "--forward"))
		return args_refuse(a, "one of --forward and --fixed-response is needed");
	action = cJSON_AddObjectToObject(members, label);
	if (fixed) {
		if (num_parse_u16(str_of(fixed), &code) < 0)
			return args_refuse(a, "--fixed-response is a status, not '%s'", fixed);
		inner = cJSON_AddObjectToObject(action, "fixedResponse");
		cJSON_AddNumberToObject(inner, "statusCode", code);
		return STATUS_DONE;
	}
	inner = cJSON_AddArrayToObject(cJSON_AddObjectToObject(action, "forward"), "targetGroups");
	while (status == STATUS_DONE && (text = args_next(a, "--forward", &at)))
		status = add_forward(s, a, text, inner);
	return status;
}
