/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl identity: who may sign requests or be attested. */
#include "base/num.h"
#include "latticectl/document.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <string.h>

static struct cJSON *named(const char *arn)
{
	struct cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, "identityIdentifier", arn);
	return members;
}

/* Add the tags of --tag KEY=VALUE. */
static enum exit_status add_tags(const struct args *a, struct cJSON *members)
{
	struct cJSON *tags = NULL;
	const char *text;
	size_t at = 0;

	while ((text = args_next(a, "--tag", &at))) {
		const char *sign = strchr(text, '=');
		char key[129];

		if (!sign || sign == text || (size_t)(sign - text) >= sizeof(key))
			return args_refuse(a, "--tag is KEY=VALUE, not '%s'", text);
		memcpy(key, text, (size_t)(sign - text));
		key[sign - text] = '\0';
		if (!tags)
			tags = cJSON_AddObjectToObject(members, "tags");
		cJSON_AddStringToObject(tags, key, sign + 1);
	}
	return STATUS_DONE;
}

static void add_org(const struct args *a, struct cJSON *members)
{
	struct cJSON *paths = NULL;
	const char *text = args_option(a, "--org");
	size_t at = 0;

	if (text)
		cJSON_AddStringToObject(members, "organizationId", text);
	while ((text = args_next(a, "--org-path", &at))) {
		if (!paths)
			paths = cJSON_AddArrayToObject(members, "organizationPaths");
		cJSON_AddItemToArray(paths, cJSON_CreateString(text));
	}
}

/* Add what --policy and --no-policy say; neither leaves it to the daemon. */
static enum exit_status add_policy(const struct args *a, struct cJSON *members)
{
	const char *path = args_option(a, "--policy");
	bool none = args_option(a, "--no-policy");

	if (path && none)
		return args_refuse(a, "only one of --policy and --no-policy can be given");
	if (path)
		return document_add(a, path, members);
	if (none)
		cJSON_AddStringToObject(members, "policy", "");
	return STATUS_DONE;
}

enum exit_status run_identity_add(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_tags(a, members);

	cJSON_AddStringToObject(members, "arn", a->words[0]);
	add_org(a, members);
	if (status == STATUS_DONE)
		status = add_policy(a, members);
	return session_show_if(s, status, "CreateIdentity", members);
}

enum exit_status run_identity_list(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, "ListIdentities", NULL, "arn userId organizationId");
}

enum exit_status run_identity_show(struct session *s, const struct args *a)
{
	return session_show(s, "GetIdentity", named(a->words[0]));
}

enum exit_status run_identity_update(struct session *s, const struct args *a)
{
	struct cJSON *members = named(a->words[0]);
	enum exit_status status = add_policy(a, members);

	if (status == STATUS_DONE && !cJSON_HasObjectItem(members, "policy"))
		status = args_refuse(a, "one of --policy and --no-policy is needed");
	return session_show_if(s, status, "UpdateIdentity", members);
}

static enum exit_status call_quietly(struct session *s, const char *operation,
				     struct cJSON *members)
{
	struct cJSON *answer;
	enum exit_status status = session_call(s, operation, members, &answer);

	cJSON_Delete(answer);
	return status;
}

enum exit_status run_identity_remove(struct session *s, const struct args *a)
{
	return call_quietly(s, "DeleteIdentity", named(a->words[0]));
}

/* Switch or remove the key that the second word names. */
static enum exit_status change_key(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	const char *how = a->words[0];

	cJSON_AddStringToObject(members, "accessKeyId", a->words[1]);
	if (strcmp(how, "remove") == 0)
		return call_quietly(s, "DeleteAccessKey", members);
	cJSON_AddStringToObject(members, "status",
				strcmp(how, "enable") == 0 ? "Active" : "Inactive");
	return session_show(s, "UpdateAccessKey", members);
}

static enum exit_status make_key(struct session *s, const struct args *a)
{
	const char *session = args_option(a, "--session"), *duration = args_option(a, "--duration");
	struct cJSON *members = named(a->words[0]);
	enum exit_status status = STATUS_DONE;
	uint32_t seconds;

	if (session)
		cJSON_AddStringToObject(members, "sessionName", session);
	if (duration && num_parse_u32(str_of(duration), &seconds) < 0)
		status = args_refuse(a, "--duration is a number of seconds, not '%s'", duration);
	else if (duration)
		cJSON_AddNumberToObject(members, "durationSeconds", seconds);
	return session_show_if(s, status, "CreateAccessKey", members);
}

enum exit_status run_identity_key(struct session *s, const struct args *a)
{
	static const char *const changes[] = { "enable", "disable", "remove", NULL };
	const char *const *how;

	if (a->word_count == 1)
		return make_key(s, a);
	if (strcmp(a->words[0], "list") == 0)
		return session_table(s, "ListAccessKeys", named(a->words[1]),
				     "accessKeyId status sessionName createdAt expiration");
	for (how = changes; *how; how++) {
		if (strcmp(a->words[0], *how) == 0)
			return change_key(s, a);
	}
	return args_refuse(a, "'%s' is not list, enable, disable or remove", a->words[0]);
}

enum exit_status run_identity_attest(struct session *s, const struct args *a)
{
	const char *cgroup = args_option(a, "--cgroup"), *uid = args_option(a, "--uid");
	struct cJSON *members;
	enum exit_status status;
	uint32_t number = 0;

	if (!cgroup == !uid)
		return args_refuse(a, "one of --cgroup and --uid is needed");
	if (uid && num_parse_u32(str_of(uid), &number) < 0)
		return args_refuse(a, "--uid is a number, not '%s'", uid);
	members = named(a->words[0]);
	status = resolve_into(s, &kind_vpc, args_option(a, "--vpc"), NULL, NULL, members);
	if (cgroup)
		cJSON_AddStringToObject(members, "cgroup", cgroup);
	else
		cJSON_AddNumberToObject(members, "uid", number);
	return session_show_if(s, status, "CreateAttestation", members);
}

enum exit_status run_identity_attestations(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, "ListAttestations", NULL,
			     "id vpcIdentifier cgroup uid identityArn");
}

enum exit_status run_identity_unattest(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, "attestationIdentifier", a->words[0]);
	return call_quietly(s, "DeleteAttestation", members);
}
