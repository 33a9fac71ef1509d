/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl lambda: functions that target groups of the type LAMBDA hold. */
#include "latticectl/document.h"
#include "latticectl/env_keys.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>

/* The secret of --sign's key is in a file or the environment: others see a command's arguments. */
static enum exit_status add_credentials(const struct args *a, struct cJSON *members)
{
	const char *id = args_option(a, "--sign"), *file = args_option(a, "--secret-file");
	const char *token_file = args_option(a, "--token-file");
	struct cJSON *to;
	struct signer env;

	if (!id && (file || token_file))
		return args_refuse(a, "--secret-file and --token-file go with --sign");
	if (!id)
		return STATUS_DONE;
	to = cJSON_AddObjectToObject(members, "credentials");
	cJSON_AddStringToObject(to, "accessKeyId", id);
	if (file && document_add_word(a, file, "secretAccessKey", to) != STATUS_DONE)
		return STATUS_USAGE;
	if (token_file && document_add_word(a, token_file, "sessionToken", to) != STATUS_DONE)
		return STATUS_USAGE;
	if (file)
		return STATUS_DONE;
	if (!env_keys_read(STR("lambda"), &env) || !str_eq(env.key_id, str_of(id)))
		return args_refuse(a,
				   "the secret of %s is needed: --secret-file FILE, or "
				   "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
				   id);
	cJSON_AddStringToObject(to, "secretAccessKey", env.secret.p);
	if (env.token.n && !token_file)
		cJSON_AddStringToObject(to, "sessionToken", env.token.p);
	return STATUS_DONE;
}

/* Where and how it is invoked. */
static enum exit_status add_endpoint(const struct args *a, struct cJSON *members)
{
	const char *endpoint = args_option(a, "--endpoint"), *ca = args_option(a, "--ca");
	enum exit_status status = add_credentials(a, members);

	if (endpoint)
		cJSON_AddStringToObject(members, "endpoint", endpoint);
	if (status == STATUS_DONE && ca)
		status = document_add_as(a, ca, "certificateAuthority", members);
	return status;
}

enum exit_status run_lambda_add(struct session *s, const struct args *a)
{
	bool is_arn = str_starts(str_of(a->words[0]), STR("arn:"));
	struct cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, is_arn ? "functionArn" : "name", a->words[0]);
	return session_show_if(s, add_endpoint(a, members), "CreateFunction", members);
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
	bool no_sign = args_option(a, "--no-sign"), system_ca = args_option(a, "--system-ca");
	struct cJSON *members;
	enum exit_status status;

	if ((no_sign && args_option(a, "--sign")) || (system_ca && args_option(a, "--ca")))
		return args_refuse(a, "--no-sign excludes --sign, and --system-ca excludes --ca");
	members = cJSON_CreateObject();
	status = resolve_into(s, &kind_function, a->words[0], NULL, NULL, members);
	if (status == STATUS_DONE)
		status = add_endpoint(a, members);
	if (no_sign)
		cJSON_AddTrueToObject(members, "removeCredentials");
	if (system_ca)
		cJSON_AddStringToObject(members, "certificateAuthority", "");
	return session_show_if(s, status, "UpdateFunction", members);
}

enum exit_status run_lambda_remove(struct session *s, const struct args *a)
{
	return kind_remove(s, &kind_function, a->words[0]);
}
