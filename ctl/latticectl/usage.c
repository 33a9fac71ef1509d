/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl usage: what services did in a month or in other days, and what AWS would ask for it.
 */
#include "base/array.h"
#include "base/json.h"
#include "latticectl/output.h"
#include "latticectl/run.h"
#include "latticectl/session.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

/* What AWS asks for in us-east-1, in US dollars: aws.amazon.com/vpc/lattice/pricing, 2026. */
static const double price_hour = 0.025, price_gb = 0.025, price_million = 0.10;

/* AWS's GB of data transfer. */
static const double gb_bytes = 1 << 30;

struct prices {
	double hour, gb, million;
};

static double number(const struct cJSON *o, const char *name)
{
	const struct cJSON *n = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(n) ? n->valuedouble : 0;
}

/* "--price-hour" and so on: dollars, with a point. */
static bool read_price(const struct args *a, const char *option, double otherwise, double *ret)
{
	const char *text = args_option(a, option);
	char *end;

	*ret = otherwise;
	if (!text)
		return true;
	*ret = strtod(text, &end);
	return end != text && !*end && *ret >= 0 && *ret < 1e9;
}

/* Add to @item what it comes to. */
static void price(struct cJSON *item, const struct prices *p)
{
	double gb = (number(item, "receivedBytes") + number(item, "sentBytes")) / gb_bytes;

	cJSON_AddNumberToObject(item, "gigabytes", gb);
	cJSON_AddNumberToObject(item, "dollars",
				number(item, "hours") * p->hour + gb * p->gb +
					number(item, "paidRequests") / 1e6 * p->million);
}

static void print_usage(const struct cJSON *answer)
{
	static const char *const sums[] = { "hours", "requests", "paidRequests", "gigabytes",
					    "dollars" };
	double total[ARRAY_SIZE(sums)] = { 0 };
	const struct cJSON *line;
	size_t i;

	output_text(stdout, json_get_str(answer, "since"));
	fputs(" to ", stdout);
	output_text(stdout, json_get_str(answer, "until"));
	printf(", UTC\n%-13s %-40s %8s %14s %12s %12s %12s\n", "ACCOUNT", "SERVICE", "HOURS",
	       "REQUESTS", "PAID", "GB", "USD");
	cJSON_ArrayForEach (line, cJSON_GetObjectItemCaseSensitive(answer, "items")) {
		struct str name = json_get_str(line, "service");

		output_text(stdout, json_get_str(line, "account"));
		fputs("  ", stdout);
		output_text(stdout, name);
		printf("%*s %8.0f %14.0f %12.0f %12.6f %12.6f\n",
		       (int)(name.n < 40 ? 40 - name.n : 0), "", number(line, "hours"),
		       number(line, "requests"), number(line, "paidRequests"),
		       number(line, "gigabytes"), number(line, "dollars"));
		for (i = 0; i < ARRAY_SIZE(sums); i++)
			total[i] += number(line, sums[i]);
	}
	printf("%-13s %-40s %8.0f %14.0f %12.0f %12.6f %12.6f\n", "total", "", total[0], total[1],
	       total[2], total[3], total[4]);
}

/* Call for the days that are asked for. */
static enum exit_status list_usage(struct session *s, const struct args *a, struct cJSON **ret)
{
	struct cJSON *query = cJSON_CreateObject();
	const char *since = args_option(a, "--since"), *until = args_option(a, "--until");
	enum exit_status status;

	if (since)
		cJSON_AddStringToObject(query, "since", since);
	if (until)
		cJSON_AddStringToObject(query, "until", until);
	status = session_call(s, "ListUsage", query, ret);
	return status;
}

enum exit_status run_usage(struct session *s, const struct args *a)
{
	struct cJSON *answer = NULL, *item;
	enum exit_status status;
	struct prices p;

	if (!read_price(a, "--price-hour", price_hour, &p.hour) ||
	    !read_price(a, "--price-gb", price_gb, &p.gb) ||
	    !read_price(a, "--price-million", price_million, &p.million))
		return args_refuse(a, "a price is a number of dollars");
	status = list_usage(s, a, &answer);
	if (status != STATUS_DONE)
		return status;
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(answer, "items"))
		price(item, &p);
	if (s->json)
		status = output_object(true, answer);
	else
		print_usage(answer);
	cJSON_Delete(answer);
	return status;
}
