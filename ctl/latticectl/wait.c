/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl wait: until a resource is as it should be. The API has no events, so this asks. */
#include "base/clock.h"
#include "base/json.h"
#include "base/num.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <poll.h>
#include <string.h>

enum { TIMEOUT_SECONDS = 60, ASK_EVERY_MS = 100 };

/* One wait: for what, to be how. */
struct wait {
	const struct kind *kind;
	const char *name, *state;
};

/* What in @list is named so, by name, id or ARN; NULL: nothing. */
static const struct cJSON *find(const struct cJSON *list, const char *name)
{
	const struct cJSON *items = cJSON_GetObjectItemCaseSensitive(list, "items"), *item;
	struct str n = str_of(name);

	cJSON_ArrayForEach (item, items) {
		if (str_eq(json_get_str(item, "name"), n) || str_eq(json_get_str(item, "id"), n) ||
		    str_eq(json_get_str(item, "arn"), n))
			return item;
	}
	return NULL;
}

/* A kind without a status is active from its creation. */
static bool is_active(const struct cJSON *item)
{
	struct str status = json_get_str(item, "status"), state = json_get_str(item, "state");

	if (state.n)
		return str_eq(state, STR("active"));
	return !status.n || str_eq(status, STR("ACTIVE"));
}

/* Every target is healthy, or is not looked at; there is one at least. */
static bool are_healthy(const struct cJSON *targets)
{
	const struct cJSON *items = cJSON_GetObjectItemCaseSensitive(targets, "items"), *item;

	cJSON_ArrayForEach (item, items) {
		struct str status = json_get_str(item, "status");

		if (!str_eq(status, STR("HEALTHY")) && !str_eq(status, STR("UNAVAILABLE")))
			return false;
	}
	return cJSON_GetArraySize(items) > 0;
}

/* Is it so now? -1 when that cannot be known. */
static int ask(struct session *s, const struct wait *w)
{
	struct cJSON *list = NULL, *targets = NULL, *members;
	const struct cJSON *item;
	int so;

	if (session_list(s, w->kind->list, NULL, &list) != STATUS_DONE)
		return -1;
	item = find(list, w->name);
	if (strcmp(w->state, "gone") == 0) {
		so = !item;
	} else if (!item || strcmp(w->state, "active") == 0) {
		so = item && is_active(item);
	} else {
		members = cJSON_CreateObject();
		cJSON_AddStringToObject(
			members, w->kind->label,
			cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "id")));
		so = session_list(s, "ListTargets", members, &targets) == STATUS_DONE
			     ? are_healthy(targets)
			     : -1;
		cJSON_Delete(targets);
	}
	cJSON_Delete(list);
	return so;
}

enum exit_status run_wait(struct session *s, const struct args *a)
{
	const char *limit = args_option(a, "--timeout");
	struct wait w = { .state = a->words[1] };
	uint32_t seconds = TIMEOUT_SECONDS;
	uint64_t deadline;
	int so;

	w.kind = kind_of_path(a->words[0], &w.name);
	if (!w.kind)
		return kind_of_path_refuse(a, a->words[0]);
	if (strcmp(w.state, "active") != 0 && strcmp(w.state, "gone") != 0 &&
	    (strcmp(w.state, "healthy") != 0 || w.kind != &kind_target_group))
		return args_refuse(a, "a %s cannot become '%s'", w.kind->what, w.state);
	if (limit && num_parse_u32(str_of(limit), &seconds) < 0)
		return args_refuse(a, "--timeout is a number of seconds, not '%s'", limit);
	deadline = clock_mono_ms() + (uint64_t)seconds * 1000;
	while ((so = ask(s, &w)) == 0 && clock_mono_ms() < deadline)
		poll(NULL, 0, ASK_EVERY_MS);
	if (so == 0)
		fprintf(stderr, "latticectl: %s is not %s after %u s\n", a->words[0], w.state,
			seconds);
	return so > 0 ? STATUS_DONE : STATUS_REFUSED;
}
