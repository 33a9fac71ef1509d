/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl lambda: functions that target groups of the type LAMBDA hold. */
#include "base/str.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>

enum exit_status run_lambda_add(struct session *s, const struct args *a)
{
	bool is_arn = str_starts(str_of(a->words[0]), STR("arn:"));
	struct cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, is_arn ? "functionArn" : "name", a->words[0]);
	cJSON_AddStringToObject(members, "endpoint", args_option(a, "--endpoint"));
	return session_show(s, "CreateFunction", members);
}

enum exit_status run_lambda_list(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, kind_function.list, NULL, kind_function.columns);
}

enum exit_status run_lambda_show(struct session *s, const struct args *a)
{
	return kind_show(s, &kind_function, a->words[0]);
}

enum exit_status run_lambda_update(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = resolve_into(s, &kind_function, a->words[0], NULL, NULL, members);

	cJSON_AddStringToObject(members, "endpoint", args_option(a, "--endpoint"));
	return session_show_if(s, status, "UpdateFunction", members);
}

enum exit_status run_lambda_remove(struct session *s, const struct args *a)
{
	return kind_remove(s, &kind_function, a->words[0]);
}
