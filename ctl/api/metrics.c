/* SPDX-License-Identifier: Apache-2.0 */
/* What was counted: as text for collectors, and by service for latticectl top and usage. */
#include "telemetry/metrics.h"

#include "api/handlers.h"
#include "base/json.h"
#include <cjson/cJSON.h>
#include <stdlib.h>

int metrics_get(struct call *c)
{
	if (!c->hooks || !c->hooks->metrics)
		return fault_set(&c->fault, FAULT_INTERNAL, "nothing is counted here");
	buf_init(&c->text, METRICS_BYTES_MAX);
	c->hooks->metrics(c->hooks->ctx, &c->text);
	if (c->text.failed)
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory for the metrics");
	c->text_type = STR(METRICS_TYPE);
	return 0;
}

static int cmp_ids(const void *a, const void *b)
{
	const struct record *x = *(const struct record *const *)a;
	const struct record *y = *(const struct record *const *)b;

	/* Ids of a kind are equally long. */
	return memcmp(x->id.p, y->id.p, x->id.n < y->id.n ? x->id.n : y->id.n);
}

/* How long each service is counted already: from its creation, or from the plane's start. */
static int put_ages(struct call *c, const struct record *r, double plane_seconds)
{
	cJSON *item, *items = cJSON_GetObjectItemCaseSensitive(c->answer, "items");
	size_t count = 0;
	const struct record **all =
		arena_new(&c->arena, const struct record *, record_count(r) + 1);

	if (!all)
		return fault_set(&c->fault, FAULT_INTERNAL, "out of memory");
	for (; r; r = r->next)
		all[count++] = r; /* in the order of their ids */
	cJSON_ArrayForEach (item, items) {
		struct record key = { .id = json_get_str(item, "id") };
		const struct record *wanted = &key, **found;
		double seconds = plane_seconds;

		found = bsearch(&wanted, all, count, sizeof(*all), cmp_ids);
		if (found && (double)(c->now_ms - (*found)->created_ms) < seconds * 1000)
			seconds = (double)(c->now_ms - (*found)->created_ms) / 1000;
		call_put_number(c, item, "seconds", seconds);
	}
	return 0;
}

int service_metrics_get(struct call *c)
{
	struct store_query q = { .kind = KIND_SERVICE };
	struct record *r;

	if (!c->hooks || !c->hooks->service_metrics)
		return fault_set(&c->fault, FAULT_INTERNAL, "nothing is counted here");
	c->hooks->service_metrics(c->hooks->ctx, c->answer);
	if (store_list(c->store, &q, &c->arena, &r, &c->fault) < 0)
		return -1;
	return put_ages(
		c, r, cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(c->answer, "seconds")));
}
