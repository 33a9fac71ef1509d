/* SPDX-License-Identifier: Apache-2.0 */
/* What services did in some days, as it is paid for: ListUsage. */
#include "api/handlers.h"
#include "base/json.h"
#include "model/day.h"
#include "store/store.h"

#include <cjson/cJSON.h>

enum { DAY_MS = 24 * 3600 * 1000 };

static bool is_day(struct str s)
{
	uint32_t day;

	return day_parse(s, &day);
}

/* clang-format off */
#define FIELD_DAY(day)                                                                        \
	{ .name = day, .type = FIELD_STRING, .matches = is_day,                               \
	  .expected = "a day from 1970-01-01 on, as YYYY-MM-DD" }
/* clang-format on */

const struct field usage_list_fields[] = { FIELD_DAY("since"), FIELD_DAY("until"), { 0 } };

/* From the first of the month on, unless it says something else. */
static int read_days(struct call *c, struct store_days *ret)
{
	uint32_t today = (uint32_t)(c->now_ms / DAY_MS);
	struct str since = json_get_str(c->query, "since"), until = json_get_str(c->query, "until");

	*ret = (struct store_days){ day_first_of_month(today), today };
	if (until.n)
		day_parse(until, &ret->last);
	if (since.n)
		day_parse(since, &ret->first);
	else if (ret->first > ret->last)
		ret->first = day_first_of_month(ret->last);
	if (ret->first > ret->last)
		return fault_set_field(&c->fault, "since", "since must not be after until");
	return 0;
}

static void put_service(struct call *c, cJSON *items, const struct store_usage *u)
{
	cJSON *item = cJSON_CreateObject();

	if (!item)
		return;
	call_put_str(c, item, "account", u->account);
	call_put_str(c, item, "id", u->service);
	call_put_str(c, item, "service", u->name);
	call_put_number(c, item, "hours", (double)u->hours);
	call_put_number(c, item, "requests", (double)u->requests);
	call_put_number(c, item, "paidRequests", (double)u->paid_requests);
	call_put_number(c, item, "receivedBytes", (double)u->received_bytes);
	call_put_number(c, item, "sentBytes", (double)u->sent_bytes);
	cJSON_AddItemToArray(items, item);
}

int usage_list(struct call *c)
{
	char text[DAY_TEXT_BYTES];
	struct store_usage *u;
	struct store_days days;
	cJSON *items;

	if (read_days(c, &days) < 0 ||
	    store_list_usage(c->store, &days, &c->arena, &u, &c->fault) < 0)
		return -1;
	call_put_str(c, c->answer, "since", day_write(days.first, text));
	call_put_str(c, c->answer, "until", day_write(days.last, text));
	items = cJSON_AddArrayToObject(c->answer, "items");
	for (; u && items; u = u->next)
		put_service(c, items, u);
	return 0;
}
