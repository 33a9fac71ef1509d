/* SPDX-License-Identifier: Apache-2.0 */
/* Log destinations of our own, which a subscription names like one of AWS's, by ARN. */
#include "api/form.h"
#include "api/handlers.h"
#include "base/json.h"
#include "model/log_place.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* Old files that rotation keeps, unless told, and at most. */
enum { KEEP_DEFAULT = 5, KEEP_MAX = 99, ROTATE_BYTES_MIN = 4096 };

static const char *const types[] = { "FILE", NULL };

const struct field log_destination_create_fields[] = {
	{ .name = "name",
	  .type = FIELD_STRING,
	  .required = true,
	  .min = 1,
	  .max = 63,
	  .matches = form_is_vpc_name,
	  .expected = "letters, digits and . _ - after a letter or digit" },
	{ .name = "type", .type = FIELD_STRING, .required = true, .values = types },
	{ .name = "file",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = LOG_FILE_NAME_MAX,
	  .matches = log_file_name_is_valid,
	  .expected = "a name in the log directory, of letters, digits and . _ - %, and not "
		      "begin with a dot" },
	{ .name = "rotateBytes",
	  .type = FIELD_INTEGER,
	  .min = ROTATE_BYTES_MIN,
	  .max = INT64_C(1) << 50 },
	{ .name = "keep", .type = FIELD_INTEGER, .min = 0, .max = KEEP_MAX },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

static const char *const view[] = { "id",   "name",	   "arn",  "type",	"file", "url",
				    "path", "rotateBytes", "keep", "createdAt", NULL };

static const cJSON *member(const struct call *c, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(c->body, name);
}

/* Does the request carry what its type needs, and nothing of another's? */
static int check_members(struct call *c)
{
	if (!member(c, "file"))
		return fault_set_field(&c->fault, "file", "file is required with type FILE");
	if (member(c, "keep") && !member(c, "rotateBytes"))
		return fault_set_field(&c->fault, "keep", "keep is for a file with rotateBytes");
	return 0;
}

int log_destination_create(struct call *c)
{
	static const char *const kept[] = { "type",	   "file", "url",  "path",
					    "rotateBytes", "keep", "tags", NULL };
	struct record *r = call_new_record(c, KIND_LOG_DESTINATION, json_get_str(c->body, "name"));
	cJSON *body = call_new_object(c);
	size_t i;

	if (!r || check_members(c) < 0)
		return -1;
	call_put_str(c, body, "arn", call_arn(c, r));
	for (i = 0; kept[i]; i++)
		call_put_copy(c, body, kept[i], member(c, kept[i]));
	if (member(c, "rotateBytes") && !member(c, "keep"))
		call_put_number(c, body, "keep", KEEP_DEFAULT);
	if (call_insert(c, r, body, NULL) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	return 0;
}

/* The destination that the path names, by id, ARN or name. */
static int find(struct call *c, struct record **ret)
{
	struct str word = c->params[0], id;
	struct store_query q = { .kind = KIND_LOG_DESTINATION,
				 .account = c->account,
				 .name = word };

	if (id_parse(KIND_LOG_DESTINATION, word, &id))
		return call_find_param(c, 0, KIND_LOG_DESTINATION, ret);
	if (store_list(c->store, &q, &c->arena, ret, &c->fault) < 0)
		return -1;
	if (!*ret)
		return fault_set_resource(&c->fault, FAULT_NOT_FOUND, KIND_LOG_DESTINATION, word,
					  "LogDestination " STR_FMT " not found", STR_ARG(word));
	return 0;
}

int log_destination_get(struct call *c)
{
	struct record *r;

	if (find(c, &r) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	return 0;
}

int log_destination_list(struct call *c)
{
	static const struct call_list_view list_view = { view, NULL };
	struct store_query q = { .kind = KIND_LOG_DESTINATION };

	return call_list(c, &q, &list_view);
}

/* One that a subscription names stays. */
int log_destination_delete(struct call *c)
{
	struct record *r;

	if (find(c, &r) < 0)
		return -1;
	return call_delete(c, r->id);
}
