/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl log and log-destination: whose access log goes where. */
#include "base/array.h"
#include "base/num.h"
#include "base/str.h"
#include "latticectl/document.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>

/* The network or service of --network or --service, as the resource of a subscription. */
static enum exit_status add_source(struct session *s, const struct args *a, struct cJSON *members)
{
	const char *network = args_option(a, "--network"), *service = args_option(a, "--service");

	if (!network == !service)
		return args_refuse(a, "one of --network and --service is needed");
	return resolve_into(s, network ? &kind_network : &kind_service, network ? network : service,
			    NULL, "resourceIdentifier", members);
}

/* An ARN as it is, or that of the log destination @to. */
static enum exit_status add_destination(struct session *s, const char *to, struct cJSON *members)
{
	struct cJSON *ask, *found = NULL;
	enum exit_status status;

	if (str_starts(str_of(to), STR("arn:"))) {
		cJSON_AddStringToObject(members, "destinationArn", to);
		return STATUS_DONE;
	}
	ask = cJSON_CreateObject();
	status = resolve_into(s, &kind_log_destination, to, NULL, NULL, ask);
	if (status == STATUS_DONE)
		status = session_call(s, "GetLogDestination", ask, &found);
	else
		cJSON_Delete(ask);
	if (status == STATUS_DONE)
		cJSON_AddStringToObject(
			members, "destinationArn",
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(found, "arn")));
	cJSON_Delete(found);
	return status;
}

enum exit_status run_log_subscribe(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_source(s, a, members);

	if (status == STATUS_DONE)
		status = add_destination(s, args_option(a, "--to"), members);
	return session_show_if(s, status, "CreateAccessLogSubscription", members);
}

enum exit_status run_log_list(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_source(s, a, members);

	if (status != STATUS_DONE) {
		cJSON_Delete(members);
		return status;
	}
	return session_table(s, "ListAccessLogSubscriptions", members,
			     "id resourceId destinationArn");
}

enum exit_status run_log_unsubscribe(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, "accessLogSubscriptionIdentifier", a->words[0]);
	return session_show(s, "DeleteAccessLogSubscription", members);
}

/* The number of @option as @member, if it was given. */
static enum exit_status add_number(const struct args *a, const char *option, const char *member,
				   struct cJSON *members)
{
	const char *text = args_option(a, option);
	uint64_t n;

	if (!text)
		return STATUS_DONE;
	if (num_parse_u64(str_of(text), &n) < 0)
		return args_refuse(a, "%s takes a number, not '%s'", option, text);
	cJSON_AddNumberToObject(members, member, (double)n);
	return STATUS_DONE;
}

enum exit_status run_log_destination_create(struct session *s, const struct args *a)
{
	static const struct {
		const char *option, *member;
	} texts[] = { { "--file", "file" }, { "--socket", "path" }, { "--url", "url" } },
	  numbers[] = { { "--rotate-bytes", "rotateBytes" },
			{ "--keep", "keep" },
			{ "--spool-bytes", "spoolBytes" } };
	bool file = args_option(a, "--file"), syslog = args_option(a, "--syslog");
	enum exit_status status = STATUS_DONE;
	struct cJSON *members;
	size_t i;

	if (file + syslog + !!args_option(a, "--url") != 1)
		return args_refuse(a, "one of --file, --syslog and --url is needed");
	members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, "name", a->words[0]);
	cJSON_AddStringToObject(members, "type", file ? "FILE" : syslog ? "SYSLOG" : "HTTP");
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		if (args_option(a, texts[i].option))
			cJSON_AddStringToObject(members, texts[i].member,
						args_option(a, texts[i].option));
	for (i = 0; i < ARRAY_SIZE(numbers) && status == STATUS_DONE; i++)
		status = add_number(a, numbers[i].option, numbers[i].member, members);
	if (status == STATUS_DONE && args_option(a, "--ca"))
		status =
			document_add_as(a, args_option(a, "--ca"), "certificateAuthority", members);
	return session_show_if(s, status, "CreateLogDestination", members);
}

enum exit_status run_log_destination_list(struct session *s, const struct args *a)
{
	(void)a;
	return session_table(s, kind_log_destination.list, NULL, kind_log_destination.columns);
}

enum exit_status run_log_destination_show(struct session *s, const struct args *a)
{
	return kind_show(s, &kind_log_destination, a->words[0]);
}

enum exit_status run_log_destination_delete(struct session *s, const struct args *a)
{
	return kind_remove(s, &kind_log_destination, a->words[0]);
}
