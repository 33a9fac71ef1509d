/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl log and log-destination: whose access log goes where. */
#include "base/num.h"
#include "base/str.h"
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
	const char *file = args_option(a, "--file");
	struct cJSON *members;
	enum exit_status status;

	if (!file)
		return args_refuse(a, "--file is needed");
	members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, "name", a->words[0]);
	cJSON_AddStringToObject(members, "type", "FILE");
	cJSON_AddStringToObject(members, "file", file);
	status = add_number(a, "--rotate-bytes", "rotateBytes", members);
	if (status == STATUS_DONE)
		status = add_number(a, "--keep", "keep", members);
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
