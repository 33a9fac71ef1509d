/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl api: any operation, with its members as JSON. */
#include "base/json.h"
#include "latticectl/operation.h"
#include "latticectl/output.h"
#include "latticectl/run.h"
#include "latticectl/session.h"

#include <cjson/cJSON.h>

/* The API itself takes bodies of 1 MiB. */
enum { INPUT_BYTES_MAX = 4 << 20, READ_BYTES = 16 << 10 };

static struct cJSON *parse_object(struct str text)
{
	struct cJSON *value = json_parse(text);

	if (cJSON_IsObject(value))
		return value;
	cJSON_Delete(value);
	return NULL;
}

static struct cJSON *read_object(FILE *from)
{
	struct cJSON *value = NULL;
	struct buf in;
	char *room;
	size_t n;

	buf_init(&in, INPUT_BYTES_MAX);
	while ((room = buf_reserve(&in, READ_BYTES)) && (n = fread(room, 1, READ_BYTES, from)) > 0)
		buf_commit(&in, n);
	if (room && !ferror(from))
		value = parse_object(buf_str(&in));
	buf_fini(&in);
	return value;
}

enum exit_status run_api(struct session *s, const struct args *a)
{
	const struct operation *op = operation_find(a->words[0]);
	const char *text = a->word_count > 1 ? a->words[1] : "{}";
	struct cJSON *members, *answer;
	enum exit_status status;

	if (!op) {
		op = operation_nearest(a->words[0]);
		return args_refuse(a, "there is no operation '%s'%s%s%s", a->words[0],
				   op ? "; did you mean " : "", op ? op->name : "", op ? "?" : "");
	}
	members = strcmp(text, "-") == 0 ? read_object(stdin) : parse_object(str_of(text));
	if (!members)
		return args_refuse(a, "the members of %s are not a JSON object", op->name);
	status = session_call(s, op->name, members, &answer);
	if (status == STATUS_DONE)
		status = output_object(true, answer);
	cJSON_Delete(answer);
	return status;
}
