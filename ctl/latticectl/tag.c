/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl tag: the tags of a resource. */
#include "base/str.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Longest key of a tag, and its end. */
enum { KEY_BYTES = 129 };

static enum exit_status finish(struct session *s, const struct args *a, const char *operation,
			       struct cJSON *members)
{
	struct cJSON *answer = NULL;
	enum exit_status status = resolve_arn(s, a, a->words[0], "resourceArn", members);

	if (status == STATUS_DONE)
		status = session_call(s, operation, members, &answer);
	else
		cJSON_Delete(members);
	cJSON_Delete(answer);
	return status;
}

enum exit_status run_tag_add(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	struct cJSON *tags = cJSON_AddObjectToObject(members, "tags");

	for (size_t i = 1; i < a->word_count; i++) {
		const char *equals = strchr(a->words[i], '=');
		size_t n = equals ? (size_t)(equals - a->words[i]) : 0;
		char key[KEY_BYTES];

		if (!n || n >= sizeof(key)) {
			cJSON_Delete(members);
			return args_refuse(a, "'%s' is not KEY=VALUE", a->words[i]);
		}
		memcpy(key, a->words[i], n);
		key[n] = '\0';
		cJSON_DeleteItemFromObjectCaseSensitive(tags, key);
		cJSON_AddStringToObject(tags, key, equals + 1);
	}
	return finish(s, a, "TagResource", members);
}

enum exit_status run_tag_remove(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject();
	struct cJSON *keys = cJSON_AddArrayToObject(members, "tagKeys");

	for (size_t i = 1; i < a->word_count; i++)
		cJSON_AddItemToArray(keys, cJSON_CreateString(a->words[i]));
	return finish(s, a, "UntagResource", members);
}

enum exit_status run_tag_list(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject(), *answer = NULL;
	enum exit_status status = resolve_arn(s, a, a->words[0], "resourceArn", members);

	if (status != STATUS_DONE) {
		cJSON_Delete(members);
		return status;
	}
	status = session_call(s, "ListTagsForResource", members, &answer);
	if (status == STATUS_DONE)
		status = output_object(s->json,
				       s->json ? answer
					       : cJSON_GetObjectItemCaseSensitive(answer, "tags"));
	cJSON_Delete(answer);
	return status;
}
