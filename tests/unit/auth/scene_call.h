/* SPDX-License-Identifier: Apache-2.0 */
/* Calls to the control API for the tests of policies, read from JSON as scene.h reads requests. */
#ifndef TEST_AUTH_SCENE_CALL_H
#define TEST_AUTH_SCENE_CALL_H

#include "scene.h"

enum { SCENE_VALUES_MAX = 4 };

struct scene_call {
	struct scene scene;
	struct auth_call call;
	struct principal_tag tags[SCENE_TAGS_MAX];
	struct str tag_keys[SCENE_TAGS_MAX], values[CALL_KEYS][SCENE_VALUES_MAX];
};

static inline void scene_call_values(struct scene_call *s, const cJSON *of)
{
	static const char *const names[] = {
#define X(kind, name, form) name,
#include "auth/call_keys.def"
#undef X
	};
	const cJSON *item;
	size_t i;

	for (i = 0; i < CALL_KEYS; i++) {
		struct context_values *v = &s->call.values[i];

		v->at = s->values[i];
		cJSON_ArrayForEach (item, cJSON_GetObjectItem(of, names[i])) {
			assert(v->count < SCENE_VALUES_MAX);
			s->values[i][v->count++] = str_of(item->valuestring);
		}
	}
}

/* A call to the control API in us-east-1, by a user whose tag team is cart. */
static inline void scene_read_call(struct scene_call *x, const cJSON *q)
{
	struct scene *s = &x->scene;
	size_t i;

	scene_read(s, q);
	s->principal = (struct principal){ .type = PRINCIPAL_USER,
					   .arn = STR("arn:aws:iam::123456789012:user/bob"),
					   .iam_arn = STR("arn:aws:iam::123456789012:user/bob"),
					   .account = STR("123456789012"),
					   .tags = s->tags,
					   .tag_count = 1 };
	s->tags[0] = (struct principal_tag){ STR("team"), STR("cart") };
	x->call = (struct auth_call){ .action = scene_str(q, "action", ""),
				      .region = STR("us-east-1") };
	x->call.tags = x->tags;
	x->call.tag_count = scene_tags(cJSON_GetObjectItem(q, "tags"), x->tags);
	x->call.tag_keys.at = x->tag_keys;
	for (i = 0; i < x->call.tag_count; i++)
		x->tag_keys[x->call.tag_keys.count++] = x->tags[i].key;
	scene_call_values(x, cJSON_GetObjectItem(q, "values"));
	s->request = (struct auth_request){ .action = AUTH_CALL,
					    .principal = &s->principal,
					    .resource = scene_str(q, "resource", ""),
					    .source = &s->source,
					    .now_ms = s->request.now_ms,
					    .resource_tags = s->resource_tags,
					    .resource_tag_count = s->request.resource_tag_count,
					    .call = &x->call };
}

#endif
