/* SPDX-License-Identifier: Apache-2.0 */
/* Log destinations of our own, which a subscription names like one of AWS's, by ARN. */
#include "api/endpoint_state.h"
#include "api/form.h"
#include "api/handlers.h"
#include "base/json.h"
#include "model/log_place.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* Old files that rotation keeps, unless told, and at most. */
enum { KEEP_DEFAULT = 5, KEEP_MAX = 99, ROTATE_BYTES_MIN = 4096 };

static const char *const types[] = { "FILE", "SYSLOG", "HTTP", NULL };

/* Where loggers listen. */
#define SYSLOG_PATH "/dev/log"

/* What may wait for a collector, unless told. */
#define SPOOL_BYTES_DEFAULT ((double)(64 << 20))

/* A path as long as a socket's address takes. */
static bool is_socket_path(struct str s)
{
	return s.n > 1 && s.n < 108 && s.p[0] == '/' && !memchr(s.p, 0, s.n);
}

static bool is_url(struct str s)
{
	struct log_url u;

	return log_url_parse(s, &u) == 0;
}

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
	{ .name = "path",
	  .type = FIELD_STRING,
	  .min = 2,
	  .max = 107,
	  .matches = is_socket_path,
	  .expected = "the absolute path of a logger's socket" },
	{ .name = "url",
	  .type = FIELD_STRING,
	  .min = 1,
	  .max = 1024,
	  .matches = is_url,
	  .expected =
		  "http:// or https:// and a name or an address, with a port and a path if so" },
	FORM_AUTHORITY,
	{ .name = "spoolBytes", .type = FIELD_INTEGER, .min = 1 << 20, .max = INT64_C(1) << 40 },
	FORM_CLIENT_TOKEN,
	FORM_TAGS,
	{ 0 },
};

static const char *const view[] = { "id",
				    "name",
				    "arn",
				    "type",
				    "file",
				    "url",
				    "path",
				    "rotateBytes",
				    "keep",
				    "spoolBytes",
				    "certificateAuthority",
				    "createdAt",
				    NULL };

static const cJSON *member(const struct call *c, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(c->body, name);
}

/* The members of each type: one that it needs, those that it may have. */
static const struct {
	const char *type, *needed, *members;
} forms[] = {
	{ "FILE", "file", " file rotateBytes keep " },
	{ "SYSLOG", NULL, " path " },
	{ "HTTP", "url", " url certificateAuthority spoolBytes " },
};

static const char *const all_members[] = { "file", "rotateBytes",	   "keep",	 "path",
					   "url",  "certificateAuthority", "spoolBytes", NULL };

/* Does the request carry what its type needs, and nothing of another's? */
static int check_members(struct call *c)
{
	struct str type = json_get_str(c->body, "type");
	size_t i = 0, m;
	struct log_url u;
	char word[32];

	while (!str_eq(type, str_of(forms[i].type)))
		i++; /* the table of values has let no other through */
	if (forms[i].needed && !member(c, forms[i].needed))
		return fault_set_field(&c->fault, forms[i].needed, "%s is required with type %s",
				       forms[i].needed, forms[i].type);
	for (m = 0; all_members[m]; m++) {
		snprintf(word, sizeof(word), " %s ", all_members[m]);
		if (member(c, all_members[m]) && !strstr(forms[i].members, word))
			return fault_set_field(&c->fault, all_members[m], "%s is not for type %s",
					       all_members[m], forms[i].type);
	}
	if (json_get_str(c->body, "certificateAuthority").n &&
	    (log_url_parse(json_get_str(c->body, "url"), &u) || !u.is_tls))
		return fault_set_field(&c->fault, "certificateAuthority",
				       "certificateAuthority goes with a url of https");
	if (member(c, "keep") && !member(c, "rotateBytes"))
		return fault_set_field(&c->fault, "keep", "keep is for a file with rotateBytes");
	return 0;
}

static void put_defaults(struct call *c, cJSON *body)
{
	struct str type = json_get_str(c->body, "type");

	if (member(c, "rotateBytes") && !member(c, "keep"))
		call_put_number(c, body, "keep", KEEP_DEFAULT);
	if (str_eq(type, STR("SYSLOG")) && !member(c, "path"))
		call_put_str(c, body, "path", STR(SYSLOG_PATH));
	if (str_eq(type, STR("HTTP")) && !member(c, "spoolBytes"))
		call_put_number(c, body, "spoolBytes", SPOOL_BYTES_DEFAULT);
}

int log_destination_create(struct call *c)
{
	struct record *r = call_new_record(c, KIND_LOG_DESTINATION, json_get_str(c->body, "name"));
	cJSON *body = call_new_object(c);
	size_t i;

	if (!r || check_members(c) < 0)
		return -1;
	call_put_str(c, body, "arn", call_arn(c, r));
	call_put_copy(c, body, "type", member(c, "type"));
	for (i = 0; all_members[i]; i++)
		call_put_copy(c, body, all_members[i], member(c, all_members[i]));
	call_put_copy(c, body, "tags", member(c, "tags"));
	put_defaults(c, body);
	if (call_insert(c, r, body, NULL) < 0)
		return -1;
	c->changed = true; /* its name is looked up */
	call_view(c, r, view, c->answer);
	return 0;
}

int log_destination_get(struct call *c)
{
	struct record *r;

	if (call_find_named(c, KIND_LOG_DESTINATION, &r) < 0)
		return -1;
	call_view(c, r, view, c->answer);
	endpoint_state_put(c, json_get_str(c->answer, "url"), c->answer);
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

	if (call_find_named(c, KIND_LOG_DESTINATION, &r) < 0)
		return -1;
	c->changed = true;
	return call_delete(c, r->id);
}
