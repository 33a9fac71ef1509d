/* SPDX-License-Identifier: Apache-2.0 */
/* All of them, used or not: whoever makes one wants to see whether its name leads anywhere. */
#include "store/compile_hosts.h"

#include "base/array.h"
#include "base/json.h"
#include "base/log.h"
#include "model/endpoint.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static const struct {
	enum kind kind;
	const char *url; /* the member of its body */
} sources[] = { { KIND_FUNCTION, "endpoint" }, { KIND_LOG_DESTINATION, "url" } };

/* Give @names the name in @url, if it has one. */
static int add(struct build *b, struct str url, struct host_names *names)
{
	struct endpoint e;
	char *text;
	size_t i;

	if (!url.n || endpoint_parse_url(url, &e) || e.addr.family != AF_UNSPEC)
		return 0;
	text = arena_cstr(b->arena, e.name);
	if (!text)
		return build_out_of_memory(b);
	for (i = 0; i < e.name.n; i++)
		text[i] = (char)str_fold(text[i]);
	names->at[names->count++] = (struct str){ text, e.name.n };
	return 0;
}

static int add_all(struct build *b, const char *member, const struct record *r,
		   struct host_names *names)
{
	for (; r; r = r->next) {
		cJSON *body = json_parse(r->body);
		int err = add(b, json_get_str(body, member), names);

		cJSON_Delete(body);
		if (err)
			return err;
	}
	return 0;
}

/* Sort, and keep one of each, of no more than are looked up. */
static void settle(struct host_names *names)
{
	size_t i, n = 0;

	qsort(names->at, names->count, sizeof(names->at[0]), host_name_cmp);
	for (i = 0; i < names->count; i++)
		if (!n || !str_eq(names->at[n - 1], names->at[i]))
			names->at[n++] = names->at[i];
	if (n > HOSTS_MAX)
		log_error("endpoints have %zu names, of which %d are looked up; not called are "
			  "those from " STR_FMT " on",
			  n, HOSTS_MAX, STR_ARG(names->at[HOSTS_MAX]));
	names->count = n < HOSTS_MAX ? n : HOSTS_MAX;
}

/* Give the snapshot all names of the store. */
int compile_hosts(struct build *b)
{
	struct host_names *names = &b->snapshot->hosts;
	struct record *r[ARRAY_SIZE(sources)];
	size_t i, count = 0;

	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		struct store_query q = { .kind = sources[i].kind };

		if (store_list(b->store, &q, &b->records, &r[i], b->fault) < 0)
			return -1;
		count += record_count(r[i]);
	}
	names->count = 0;
	names->at = arena_new(b->arena, struct str, count + 1);
	if (!names->at)
		return build_out_of_memory(b);
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		if (add_all(b, sources[i].url, r[i], names) < 0)
			return -1;
	settle(names);
	return 0;
}
