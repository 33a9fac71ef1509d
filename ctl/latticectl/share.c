/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl share: what other accounts may use. */
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <string.h>

/* What a share shows in a table. */
static const char columns[] = "name status resourceArns principals";

/* The ARNs that --resource gives or leads to; "none" alone is an empty list. */
static enum exit_status add_resources(struct session *s, const struct args *a,
				      struct cJSON *members)
{
	struct cJSON *list = cJSON_AddArrayToObject(members, "resourceArns"), *one;
	enum exit_status status = STATUS_DONE;
	const char *text;
	size_t at = 0;

	while (status == STATUS_DONE && (text = args_next(a, "--resource", &at))) {
		if (strcmp(text, "none") == 0)
			continue;
		one = cJSON_CreateObject();
		status = resolve_arn(s, a, text, "arn", one);
		if (status == STATUS_DONE)
			cJSON_AddItemToArray(list, cJSON_DetachItemFromObject(one, "arn"));
		cJSON_Delete(one);
	}
	return status;
}

static void add_principals(const struct args *a, struct cJSON *members)
{
	struct cJSON *list = cJSON_AddArrayToObject(members, "principals");
	const char *text;
	size_t at = 0;

	while ((text = args_next(a, "--principal", &at)))
		if (strcmp(text, "none") != 0)
			cJSON_AddItemToArray(list, cJSON_CreateString(text));
}

static enum exit_status add_given(struct session *s, const struct args *a, struct cJSON *members)
{
	if (args_option(a, "--principal"))
		add_principals(a, members);
	return args_option(a, "--resource") ? add_resources(s, a, members) : STATUS_DONE;
}

enum exit_status run_share_create(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_given(s, a, members);

	cJSON_AddStringToObject(members, "name", a->words[0]);
	return session_show_if(s, status, "CreateResourceShare", members);
}

enum exit_status run_share_list(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, "ListResourceShares", NULL, columns);
}

/* A share by the word that the API understands: its name, id or ARN. */
static struct cJSON *named(const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, "shareIdentifier", a->words[0]);
	return members;
}

enum exit_status run_share_show(struct session *s, const struct args *a)
{
	return session_show(s, "GetResourceShare", named(a));
}

enum exit_status run_share_update(struct session *s, const struct args *a)
{
	struct cJSON *members = named(a);

	return session_show_if(s, add_given(s, a, members), "UpdateResourceShare", members);
}

enum exit_status run_share_delete(struct session *s, const struct args *a)
{
	return session_show(s, "DeleteResourceShare", named(a));
}
