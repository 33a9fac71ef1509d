/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl auth-policy: policies of service networks and services. */
#include "base/json.h"
#include "latticectl/document.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <string.h>

static bool is_trial(const struct args *a)
{
	return args_option(a, "--dry-run") != NULL;
}

/* Add the identifier that the first word is or leads to. */
static enum exit_status add_resource(struct session *s, const struct args *a, struct cJSON *members)
{
	const char *text = a->words[0], *name;
	const struct kind *k = kind_of_path(text, &name);

	if (k && k != &kind_service && k != &kind_network)
		return args_refuse(a, "a %s has no policy; a service or network has", k->what);
	if (k)
		return resolve_into(s, k, name, NULL, "resourceIdentifier", members);
	if (strncmp(text, "arn:", 4) != 0 && strncmp(text, "sn-", 3) != 0 &&
	    strncmp(text, "svc-", 4) != 0)
		return args_refuse(a, "'%s' is neither an id, an ARN, nor like service/NAME", text);
	cJSON_AddStringToObject(members, "resourceIdentifier", text);
	return STATUS_DONE;
}

enum exit_status run_auth_policy_put(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = document_add(a, a->words[1], members);

	if (status == STATUS_DONE)
		status = add_resource(s, a, members);
	return session_show_if(s, status, is_trial(a) ? "PutTrialPolicy" : "PutAuthPolicy",
			       members);
}

enum exit_status run_auth_policy_get(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_resource(s, a, members);

	return session_show_if(s, status, is_trial(a) ? "GetTrialPolicy" : "GetAuthPolicy",
			       members);
}

enum exit_status run_auth_policy_delete(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_resource(s, a, members);

	return session_show_if(s, status, is_trial(a) ? "DeleteTrialPolicy" : "DeleteAuthPolicy",
			       members);
}
