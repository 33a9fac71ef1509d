/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl listener: where a service listens and what it does by default. */
#include "base/num.h"
#include "base/str.h"
#include "latticectl/action.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <string.h>
#include <strings.h>

/* Longest name of a listener (63) and its end. */
enum { NAME_BYTES = 64 };

static enum exit_status add_service(struct session *s, const struct args *a, struct cJSON *members)
{
	return resolve_into(s, &kind_service, args_option(a, "--service"), NULL, NULL, members);
}

/* A listener without a name is called after what it listens to: http-80. */
static enum exit_status add_listen(const struct args *a, struct cJSON *members)
{
	const char *protocol = args_option(a, "--protocol"), *port_text = args_option(a, "--port");
	uint16_t port = strcasecmp(protocol, "HTTP") == 0 ? 80 : 443;
	char name[NAME_BYTES];

	if (port_text && (num_parse_u16(str_of(port_text), &port) < 0 || port == 0))
		return args_refuse(a, "--port is a number from 1 to 65535, not '%s'", port_text);
	if (strlen(protocol) > 32)
		return args_refuse(a, "--protocol '%s' is not a protocol", protocol);
	snprintf(name, sizeof(name), "%s-%u", protocol, port);
	for (char *c = name; *c; c++)
		*c = (char)(*c == '_' ? '-' : *c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
	cJSON_AddStringToObject(members, "name", a->word_count ? a->words[0] : name);
	cJSON_AddStringToObject(members, "protocol", protocol);
	cJSON_AddNumberToObject(members, "port", port);
	return STATUS_DONE;
}

enum exit_status run_listener_create(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_listen(a, members);

	if (status == STATUS_DONE)
		status = action_into(s, a, "defaultAction", members);
	if (status == STATUS_DONE)
		status = add_service(s, a, members);
	return session_show_if(s, status, "CreateListener", members);
}

enum exit_status run_listener_list(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_service(s, a, members);

	if (status == STATUS_DONE)
		return session_table(s, kind_listener.list, members, kind_listener.columns);
	cJSON_Delete(members);
	return status;
}

static enum exit_status add_both(struct session *s, const struct args *a, struct cJSON *members)
{
	return resolve_listener(s, args_option(a, "--service"), a->words[0], members);
}

enum exit_status run_listener_show(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_both(s, a, members);

	return session_show_if(s, status, kind_listener.get, members);
}

enum exit_status run_listener_update(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = action_into(s, a, "defaultAction", members);

	if (status == STATUS_DONE)
		status = add_both(s, a, members);
	return session_show_if(s, status, "UpdateListener", members);
}

enum exit_status run_listener_delete(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	enum exit_status status = add_both(s, a, members);

	return session_show_if(s, status, kind_listener.remove, members);
}
