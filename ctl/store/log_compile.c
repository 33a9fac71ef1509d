/* SPDX-License-Identifier: Apache-2.0 */
/* A subscription's destination is an ARN of AWS's, which stands for a file, or a record of ours. */
#include "store/log_compile.h"

#include "base/json.h"
#include "model/id.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static uint64_t get_number(const cJSON *body, const char *name)
{
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(body, name);

	return cJSON_IsNumber(n) && n->valuedouble > 0 ? (uint64_t)n->valuedouble : 0;
}

static int fill_place(struct build *b, const struct record *r, const cJSON *body,
		      struct log_place *p)
{
	struct str type = json_get_str(body, "type");

	p->id = arena_copy(b->arena, r->id);
	if (str_eq(type, STR("FILE"))) {
		p->way = LOG_WAY_FILE;
		p->name = arena_copy(b->arena, json_get_str(body, "file"));
		p->rotate_bytes = get_number(body, "rotateBytes");
		p->keep = (unsigned)get_number(body, "keep");
	} else if (str_eq(type, STR("SYSLOG"))) {
		p->way = LOG_WAY_SYSLOG;
		p->name = arena_copy(b->arena, json_get_str(body, "path"));
	} else if (str_eq(type, STR("HTTP"))) {
		p->way = LOG_WAY_HTTP;
		p->name = arena_copy(b->arena, json_get_str(body, "url"));
		p->spool_bytes = get_number(body, "spoolBytes");
		p->ca = arena_copy(b->arena, json_get_str(body, "certificateAuthority"));
	} else {
		return build_bad_record(b, r, "its type is unknown");
	}
	return p->id.p && p->name.p ? 0 : build_bad_record(b, r, "out of memory");
}

/* The destination of ours that @arn names. */
static int find_place(struct build *b, const struct record *r, struct str arn, struct log_place *p)
{
	struct store_query q = { .kind = KIND_LOG_DESTINATION, .limit = 1 };
	struct record *d;
	cJSON *body;
	int err;

	if (!id_parse(KIND_LOG_DESTINATION, arn, &q.id))
		return build_bad_record(b, r, "its destination is unknown");
	if (store_list(b->store, &q, &b->records, &d, b->fault) < 0)
		return -1;
	if (!d)
		return build_bad_record(b, r, "its destination does not exist");
	body = json_parse(d->body);
	err = fill_place(b, d, body, p);
	cJSON_Delete(body);
	return err;
}

/* Of the resources in a network, and none has any: there is nothing to log. */
static bool is_of_resources(const cJSON *body)
{
	return str_eq(json_get_str(body, "serviceNetworkLogType"), STR("RESOURCE"));
}

/* *@ret_is_used: does it log anything? */
static int fill(struct build *b, const struct record *r, struct log_subscription *s,
		bool *ret_is_used)
{
	cJSON *body = json_parse(r->body);
	struct str arn = json_get_str(body, "destinationArn");
	char file[LOG_FILE_NAME_MAX + 1];
	int err = 0;

	*ret_is_used = !is_of_resources(body);
	*s = (struct log_subscription){ .resource_id = arena_copy(b->arena, r->parent),
					.number = (uint16_t)r->number };
	if (!r->number || r->number > LOG_NUMBER_MAX || !s->resource_id.p)
		err = build_bad_record(b, r, "its number is out of range");
	else if (log_arn_parse(arn, file) == LOG_TYPE_NONE)
		err = find_place(b, r, arn, &s->place);
	else
		s->place = (struct log_place){ .way = LOG_WAY_FILE,
					       .name = arena_copy(b->arena, str_of(file)) };
	cJSON_Delete(body);
	return err;
}

/* Give the snapshot all subscriptions of the store. */
int log_compile(struct build *b)
{
	struct store_query q = { .kind = KIND_ACCESS_LOG_SUBSCRIPTION };
	struct log_subscriptions *logs = &b->snapshot->logs;
	struct record *r;
	bool is_used;

	if (store_list(b->store, &q, &b->records, &r, b->fault) < 0)
		return -1;
	logs->count = 0;
	logs->at = arena_new(b->arena, struct log_subscription, record_count(r) + 1);
	if (!logs->at)
		return build_out_of_memory(b);
	for (; r; r = r->next) {
		if (fill(b, r, &logs->at[logs->count], &is_used) < 0)
			return -1;
		logs->count += is_used;
	}
	qsort(logs->at, logs->count, sizeof(*logs->at), log_subscription_cmp);
	return 0;
}
