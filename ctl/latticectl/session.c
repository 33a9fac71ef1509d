/* SPDX-License-Identifier: Apache-2.0 */
/* Members in, answer or fault out. */
#include "latticectl/session.h"

#include "base/json.h"
#include "latticectl/client.h"
#include "latticectl/operation.h"
#include "latticectl/output.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>

/* A target may hold a few ARNs of 2048 bytes, each byte escaped; pages end a list that never does.
 */
enum { TARGET_BYTES_MAX = 32 << 10, PAGES_MAX = 10000 };

static enum exit_status say_fault(const struct client_reply *reply)
{
	struct str type = str_of(reply->error_type);
	struct str message = json_get_str(reply->body, "message");
	const struct cJSON *fields = cJSON_GetObjectItemCaseSensitive(reply->body, "fieldList");
	struct str field = json_get_str(cJSON_GetArrayItem(fields, 0), "name");

	if (!type.n)
		type = STR("refused");
	fprintf(stderr, "latticectl: " STR_FMT ": ", STR_ARG(type));
	if (message.n)
		output_text(stderr, message);
	else
		fprintf(stderr, "the API answered with status %u", reply->status);
	if (field.n) {
		fputs(" (field: ", stderr);
		output_text(stderr, field);
		fputc(')', stderr);
	}
	fputc('\n', stderr);
	return STATUS_REFUSED;
}

static enum exit_status exchange(struct session *s, const struct operation *op, struct str target,
				 struct cJSON *members, struct cJSON **ret)
{
	bool has_body = members->child || op->method[0] == 'P';
	char *text = has_body ? cJSON_PrintUnformatted(members) : NULL;
	const struct client_server server = { s->socket, s->tcp, s->account };
	struct client_reply reply;
	int r = -ENOMEM;

	if (!has_body || text)
		r = client_call(&server, op->method, target, str_of(text), &reply);
	free(text);
	if (r == -EPROTO) {
		fprintf(stderr, "latticectl: %s did not answer with HTTP and JSON\n", s->socket);
		return STATUS_REFUSED;
	}
	if (r < 0) {
		fprintf(stderr, "latticectl: cannot call the API at %s: %s\n", s->socket,
			strerror(-r));
		return STATUS_REFUSED;
	}
	if (reply.status < 300) {
		*ret = reply.body;
		return STATUS_DONE;
	}
	say_fault(&reply);
	cJSON_Delete(reply.body);
	return STATUS_REFUSED;
}

enum exit_status session_call(struct session *s, const char *operation, struct cJSON *members,
			      struct cJSON **ret)
{
	const struct operation *op = operation_find(operation);
	enum exit_status status = STATUS_USAGE;
	struct str missing = { 0 };
	struct buf target;
	int r;

	*ret = NULL;
	if (!members)
		members = cJSON_CreateObject();
	buf_init(&target, TARGET_BYTES_MAX);
	r = operation_build(op, members, &target, &missing);
	if (r == -EINVAL)
		fprintf(stderr, "latticectl: %s needs a value for " STR_FMT "\n", op->name,
			STR_ARG(missing));
	else if (r < 0)
		fprintf(stderr, "latticectl: the request of %s is too long\n", op->name);
	else
		status = exchange(s, op, buf_str(&target), members, ret);
	buf_fini(&target);
	cJSON_Delete(members);
	return status;
}

/* Move the items of @page to the end of those of @all. */
static void move_items(struct cJSON *all, struct cJSON *page)
{
	struct cJSON *to = cJSON_GetObjectItemCaseSensitive(all, "items");
	struct cJSON *from = cJSON_GetObjectItemCaseSensitive(page, "items");

	while (from && from->child)
		cJSON_AddItemToArray(to, cJSON_DetachItemViaPointer(from, from->child));
}

enum exit_status session_list(struct session *s, const char *operation, struct cJSON *members,
			      struct cJSON **ret)
{
	struct cJSON *all = cJSON_CreateObject();
	enum exit_status status = STATUS_DONE;
	bool more = true;

	if (!members)
		members = cJSON_CreateObject();
	cJSON_AddArrayToObject(all, "items");
	for (int i = 0; more && i < PAGES_MAX; i++) {
		struct cJSON *page, *token;

		status = session_call(s, operation, cJSON_Duplicate(members, true), &page);
		if (status != STATUS_DONE)
			break;
		move_items(all, page);
		token = cJSON_DetachItemFromObjectCaseSensitive(page, "nextToken");
		more = cJSON_IsString(token);
		cJSON_DeleteItemFromObjectCaseSensitive(members, "nextToken");
		if (more)
			cJSON_AddItemToObject(members, "nextToken", token);
		else
			cJSON_Delete(token);
		cJSON_Delete(page);
	}
	cJSON_Delete(members);
	if (status != STATUS_DONE) {
		cJSON_Delete(all);
		all = NULL;
	}
	*ret = all;
	return status;
}

enum exit_status session_show(struct session *s, const char *operation, struct cJSON *members)
{
	struct cJSON *answer;
	enum exit_status status = session_call(s, operation, members, &answer);

	if (status == STATUS_DONE)
		status = output_object(s->json, answer);
	cJSON_Delete(answer);
	return status;
}

enum exit_status session_show_if(struct session *s, enum exit_status status, const char *operation,
				 struct cJSON *members)
{
	if (status == STATUS_DONE)
		return session_show(s, operation, members);
	cJSON_Delete(members);
	return status;
}

enum exit_status session_table(struct session *s, const char *operation, struct cJSON *members,
			       const char *columns)
{
	struct cJSON *answer;
	enum exit_status status = session_list(s, operation, members, &answer);

	if (status == STATUS_DONE)
		status = output_items(s->json, answer, columns);
	cJSON_Delete(answer);
	return status;
}
