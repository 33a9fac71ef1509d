/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests for the tests of policies, read from JSON: what a case does not say is as an anonymous
 * GET / from VPC vpc-a over plain HTTP would have it.
 */
#ifndef TEST_AUTH_SCENE_H
#define TEST_AUTH_SCENE_H

#include "auth/operand.h"
#include "auth/policy_eval.h"
#include "base/json.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#define SCENE_SERVICE "arn:aws:vpc-lattice:us-west-2:123456789012:service/svc-0123456789abcdef0"
#define SCENE_NETWORK \
	"arn:aws:vpc-lattice:us-west-2:123456789012:servicenetwork/sn-0123456789abcdef0"

enum { SCENE_TAGS_MAX = 8, SCENE_PATHS_MAX = 8 };

struct scene {
	struct auth_request request;
	struct principal principal;
	struct principal_tag tags[SCENE_TAGS_MAX], resource_tags[SCENE_TAGS_MAX];
	struct str org_paths[SCENE_PATHS_MAX];
	struct http_headers headers;
	struct sock_addr source;
	char arn[256], resource[1024];
};

static struct str scene_str(const cJSON *of, const char *name, const char *otherwise)
{
	struct str s = json_get_str(of, name);

	return s.p ? s : str_of(otherwise);
}

static size_t scene_tags(const cJSON *of, struct principal_tag *to)
{
	const cJSON *item;
	size_t n = 0;

	cJSON_ArrayForEach (item, of) {
		assert(n < SCENE_TAGS_MAX);
		to[n++] = (struct principal_tag){ str_of(item->string), str_of(item->valuestring) };
	}
	return n;
}

static void scene_header(struct scene *s, const char *name, const cJSON *value)
{
	s->headers.at[s->headers.count++] =
		(struct http_header){ str_of(name), str_of(value->valuestring) };
}

static void scene_headers(struct scene *s, const cJSON *of)
{
	const cJSON *item, *line;

	cJSON_ArrayForEach (item, of) {
		if (cJSON_IsString(item)) {
			scene_header(s, item->string, item);
			continue;
		}
		cJSON_ArrayForEach (line, item)
			scene_header(s, item->string, line);
	}
}

/* The principal with the ARN @arn, as the identity store would fill it; "" is anonymous. */
static void scene_principal(struct scene *s, const cJSON *q)
{
	struct str arn = scene_str(q, "principal", "");
	struct principal_arn parsed = principal_parse_arn(arn);
	struct principal *p = &s->principal;
	const cJSON *path;

	if (!arn.n)
		return;
	assert(parsed.type != PRINCIPAL_ANONYMOUS);
	*p = (struct principal){ .type = parsed.type,
				 .arn = arn,
				 .iam_arn = arn,
				 .account = parsed.account,
				 .name = parsed.name,
				 .session = parsed.session,
				 .org_id = scene_str(q, "org", ""),
				 .user_id = scene_str(q, "userId", ""),
				 .tags = s->tags,
				 .org_paths = s->org_paths };
	if (parsed.type == PRINCIPAL_ASSUMED_ROLE && parsed.session.n) {
		snprintf(s->arn, sizeof(s->arn), "arn:aws:iam::" STR_FMT ":role/" STR_FMT,
			 STR_ARG(parsed.account), STR_ARG(parsed.name));
		p->iam_arn = str_of(s->arn);
	}
	p->tag_count = scene_tags(cJSON_GetObjectItem(q, "tags"), s->tags);
	cJSON_ArrayForEach (path, cJSON_GetObjectItem(q, "orgPaths")) {
		assert(p->org_path_count < SCENE_PATHS_MAX);
		s->org_paths[p->org_path_count++] = str_of(path->valuestring);
	}
}

/* Fill @s from @q, which must outlive it. */
static inline void scene_read(struct scene *s, const cJSON *q)
{
	const cJSON *port = cJSON_GetObjectItem(q, "port");
	double now = 0;
	bool ok = operand_read_date(scene_str(q, "now", "2026-11-26T12:00:00Z"), &now);

	memset(s, 0, sizeof(*s));
	scene_principal(s, q);
	scene_headers(s, cJSON_GetObjectItem(q, "headers"));
	if (sock_addr_parse(scene_str(q, "sourceIp", "10.1.2.3"), &s->source) < 0 || !ok)
		abort();
	s->request = (struct auth_request){
		.action = cJSON_GetObjectItem(q, "connect") ? AUTH_CONNECT : AUTH_INVOKE,
		.principal = &s->principal,
		.service_arn = scene_str(q, "service", SCENE_SERVICE),
		.network_arn = scene_str(q, "network", SCENE_NETWORK),
		.source_vpc = scene_str(q, "vpc", "vpc-a"),
		.source_vpc_account = scene_str(q, "vpcAccount", "123456789012"),
		.source = &s->source,
		.port = port ? (uint16_t)port->valueint : 80,
		.is_secure = cJSON_IsTrue(cJSON_GetObjectItem(q, "secure")),
		.now_ms = (uint64_t)now * 1000,
		.resource_tags = s->resource_tags,
		.resource_tag_count =
			scene_tags(cJSON_GetObjectItem(q, "resourceTags"), s->resource_tags),
		.method = scene_str(q, "method", "GET"),
		.path = scene_str(q, "path", "/"),
		.query = scene_str(q, "query", ""),
		.authority = scene_str(q, "host", "cart.example"),
		.headers = &s->headers,
	};
	if (s->request.action == AUTH_CONNECT)
		s->request.path = s->request.method = STR("");
	snprintf(s->resource, sizeof(s->resource), STR_FMT STR_FMT, STR_ARG(s->request.service_arn),
		 STR_ARG(s->request.path));
	s->request.resource = str_of(s->resource);
}

/* A file of test vectors, parsed. */
static inline cJSON *scene_load(const char *path)
{
	FILE *f = fopen(path, "r");
	static char text[1 << 20];
	size_t n;
	cJSON *json;

	if (!f) {
		fprintf(stderr, "%s cannot be read\n", path);
		abort();
	}
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	json = json_parse((struct str){ text, n });
	if (!cJSON_IsArray(json)) {
		fprintf(stderr, "%s is no JSON array\n", path);
		abort();
	}
	return json;
}

#endif
