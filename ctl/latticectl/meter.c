/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl top: what services do now. */
#include "base/array.h"
#include "base/json.h"
#include "base/num.h"
#include "latticectl/output.h"
#include "latticectl/run.h"
#include "latticectl/session.h"

#include <cjson/cJSON.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { BUCKETS_MAX = 64, INTERVAL_MS = 1000, COUNT_MAX = 1000000 };

static double number(const struct cJSON *o, const char *name)
{
	const struct cJSON *n = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(n) ? n->valuedouble : 0;
}

/* The item of @list with the id of @item, or NULL. */
static const struct cJSON *find_same(const struct cJSON *list, const struct cJSON *item)
{
	const struct cJSON *other;

	cJSON_ArrayForEach (other, cJSON_GetObjectItemCaseSensitive(list, "items")) {
		if (str_eq(json_get_str(other, "id"), json_get_str(item, "id")))
			return other;
	}
	return NULL;
}

/* How much @name grew between @before, which may be NULL, and @now; a restart begins at 0. */
static double growth(const struct cJSON *before, const struct cJSON *now, const char *name)
{
	double a = before ? number(before, name) : 0, b = number(now, name);

	return b >= a ? b - a : b;
}

/* The time that the share @part of the requests since @before was within, in ms. */
static double quantile(const struct cJSON *all, const struct cJSON *before, const struct cJSON *now,
		       double part)
{
	const struct cJSON *bounds = cJSON_GetObjectItemCaseSensitive(all, "requestTimeBoundsMs");
	const struct cJSON *b = cJSON_GetObjectItemCaseSensitive(now, "requestTimeBuckets");
	const struct cJSON *a = cJSON_GetObjectItemCaseSensitive(before, "requestTimeBuckets");
	double counts[BUCKETS_MAX] = { 0 }, total = 0, sum = 0, low = 0;
	int n = cJSON_GetArraySize(b), i;

	for (i = 0; i < n && i < BUCKETS_MAX; i++) {
		const struct cJSON *old = cJSON_GetArrayItem(a, i);

		counts[i] = cJSON_GetArrayItem(b, i)->valuedouble;
		if (cJSON_IsNumber(old) && old->valuedouble <= counts[i])
			counts[i] -= old->valuedouble;
		total += counts[i];
	}
	for (i = 0; i < n && i < BUCKETS_MAX && total > 0; i++) {
		const struct cJSON *bound = cJSON_GetArrayItem(bounds, i);
		double high = cJSON_IsNumber(bound) ? bound->valuedouble : low;

		if (counts[i] > 0 && sum + counts[i] >= part * total)
			return low + (high - low) * (part * total - sum) / counts[i];
		sum += counts[i];
		low = high;
	}
	return low * (total > 0);
}

static void print_service(const struct cJSON *all, const struct cJSON *before,
			  const struct cJSON *now, double seconds)
{
	double requests = growth(before, now, "requests");
	double errors = growth(before, now, "serverErrors") + growth(before, now, "clientErrors");
	char targets[32];

	snprintf(targets, sizeof(targets), "%.0f/%.0f", number(now, "healthyTargets"),
		 number(now, "targets"));
	output_text(stdout, json_get_str(now, "name"));
	printf("%*s%10.1f %7.2f %9.2f %9.2f %9s\n",
	       (int)(json_get_str(now, "name").n < 40 ? 40 - json_get_str(now, "name").n : 1), "",
	       seconds > 0 ? requests / seconds : 0, requests > 0 ? 100 * errors / requests : 0,
	       quantile(all, before, now, 0.5), quantile(all, before, now, 0.99), targets);
}

/* The busiest first. */
static struct cJSON *take_busiest(struct cJSON *items, const struct cJSON *before)
{
	struct cJSON *item, *best = NULL;
	double most = -1;

	cJSON_ArrayForEach (item, items) {
		double n = growth(find_same(before, item), item, "requests");

		if (n > most) {
			most = n;
			best = item;
		}
	}
	return best ? cJSON_DetachItemViaPointer(items, best) : NULL;
}

static void print_top(const struct cJSON *before, struct cJSON *now, bool clear)
{
	double seconds = growth(before, now, "seconds");
	struct cJSON *items = cJSON_GetObjectItemCaseSensitive(now, "items");
	struct cJSON *sorted = cJSON_CreateArray(), *item;

	if (clear)
		fputs("\033[H\033[2J", stdout);
	printf("%-40s%10s %7s %9s %9s %9s\n", "SERVICE", "REQ/S", "ERR%", "P50 MS", "P99 MS",
	       "HEALTHY");
	while ((item = take_busiest(items, before))) {
		print_service(now, find_same(before, item), item, seconds);
		cJSON_AddItemToArray(sorted, item);
	}
	cJSON_ReplaceItemInObjectCaseSensitive(now, "items", sorted);
	fflush(stdout);
}

/* A number of @option, @otherwise without it. False: it is none. */
static bool read_number(const struct args *a, const char *option, uint32_t otherwise, uint32_t *ret)
{
	const char *text = args_option(a, option);

	*ret = otherwise;
	return !text || (num_parse_u32(str_of(text), ret) == 0 && *ret && *ret <= COUNT_MAX);
}

/* Rates are of an interval, so that the first lines come after one. */
enum exit_status run_top(struct session *s, const struct args *a)
{
	bool is_terminal = isatty(STDOUT_FILENO);
	struct cJSON *before = NULL, *now = NULL;
	enum exit_status status;
	uint32_t count, i;

	if (!read_number(a, "-n", is_terminal ? COUNT_MAX : 1, &count))
		return args_refuse(a, "-n takes a number from 1");
	status = session_call(s, "ListServiceMetrics", NULL, &before);
	for (i = 0; i < count && status == STATUS_DONE; i++) {
		poll(NULL, 0, INTERVAL_MS);
		status = session_call(s, "ListServiceMetrics", NULL, &now);
		if (status != STATUS_DONE)
			break;
		if (s->json)
			status = output_object(true, now);
		else
			print_top(before, now, is_terminal);
		cJSON_Delete(before);
		before = now;
	}
	cJSON_Delete(before);
	return status;
}
