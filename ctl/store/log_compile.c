/* SPDX-License-Identifier: Apache-2.0 */
/* A subscription's destination is an ARN of AWS's, which stands for a file, or a record of ours. */
#include "store/log_compile.h"

#include "base/json.h"
#include "model/id.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

/* One compilation. */
struct build {
	struct arena *arena;	     /* the snapshot's */
	struct record *destinations; /* all */
	struct fault *fault;
};

static uint64_t get_number(const cJSON *body, const char *name)
{
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(body, name);

	return cJSON_IsNumber(n) && n->valuedouble > 0 ? (uint64_t)n->valuedouble : 0;
}

static int bad_record(const struct build *b, const struct record *r, const char *why)
{
	return fault_set(b->fault, FAULT_INTERNAL, "snapshot: record " STR_FMT ": %s",
			 STR_ARG(r->id), why);
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
	} else {
		return bad_record(b, r, "its type is unknown");
	}
	return p->id.p && p->name.p ? 0 : bad_record(b, r, "out of memory");
}

/* The destination of ours that @arn names. */
static int find_place(struct build *b, const struct record *r, struct str arn, struct log_place *p)
{
	const struct record *d;
	struct str id;
	cJSON *body;
	int err;

	if (!id_parse(KIND_LOG_DESTINATION, arn, &id))
		return bad_record(b, r, "its destination is unknown");
	for (d = b->destinations; d && !str_eq(d->id, id); d = d->next)
		;
	if (!d)
		return bad_record(b, r, "its destination does not exist");
	body = json_parse(d->body);
	err = fill_place(b, d, body, p);
	cJSON_Delete(body);
	return err;
}

static int fill(struct build *b, const struct record *r, struct log_subscription *s)
{
	cJSON *body = json_parse(r->body);
	struct str arn = json_get_str(body, "destinationArn");
	char file[LOG_FILE_NAME_MAX + 1];
	int err = 0;

	*s = (struct log_subscription){ .resource_id = arena_copy(b->arena, r->parent),
					.number = (uint16_t)r->number };
	if (!r->number || r->number > LOG_NUMBER_MAX || !s->resource_id.p)
		err = bad_record(b, r, "its number is out of range");
	else if (log_arn_parse(arn, file) == LOG_TYPE_NONE)
		err = find_place(b, r, arn, &s->place);
	else
		s->place = (struct log_place){ .way = LOG_WAY_FILE,
					       .name = arena_copy(b->arena, str_of(file)) };
	cJSON_Delete(body);
	return err;
}

/* Give @into all subscriptions of the store, in whose transaction it is called. */
int log_compile(struct store *s, struct snapshot *into, struct arena *records, struct fault *fault)
{
	struct store_query subscriptions = { .kind = KIND_ACCESS_LOG_SUBSCRIPTION };
	struct store_query destinations = { .kind = KIND_LOG_DESTINATION };
	struct build b = { .arena = &into->arena, .fault = fault };
	struct record *r;

	if (store_list(s, &subscriptions, records, &r, fault) < 0)
		return -1;
	if (r && store_list(s, &destinations, records, &b.destinations, fault) < 0)
		return -1;
	into->logs.at = arena_new(b.arena, struct log_subscription, record_count(r) + 1);
	if (!into->logs.at)
		return fault_set(fault, FAULT_INTERNAL, "snapshot: out of memory");
	for (; r; r = r->next) {
		if (fill(&b, r, &into->logs.at[into->logs.count]) < 0)
			return -1;
		into->logs.count++;
	}
	qsort(into->logs.at, into->logs.count, sizeof(*into->logs.at), log_subscription_cmp);
	return 0;
}
