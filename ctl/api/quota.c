/* SPDX-License-Identifier: Apache-2.0 */
/* Counting what a quota limits, and the list of quotas. */
#include "api/quota.h"

#include "api/call.h"
#include "api/handlers.h"
#include "base/num.h"

#include <cjson/cJSON.h>
#include <lattice/limits.h>

/* More would not fit into memory, and is surely mistyped. */
enum { QUOTA_MAX = 1000000 };

static const struct {
	const char *word;
	uint32_t otherwise;
	const char *code;
	enum kind kind;
	const char *words;
} quotas[QUOTA_COUNT] = {
#define X(name, word, max, code, kind, words) { word, max, code, KIND_##kind, words },
#include "api/quota.def"
#undef X
};

/* AWS's defaults. */
void quotas_init(struct quotas *q)
{
	size_t i;

	for (i = 0; i < QUOTA_COUNT; i++)
		q->max[i] = quotas[i].otherwise;
}

/* "rules-per-listener=20,services=5000". NULL, or what would have been right. */
const char *quotas_set(struct quotas *q, struct str text)
{
	struct str_cut list = { .tail = text, .found = true };
	size_t i;

	while (list.found) {
		struct str_cut pair;
		uint32_t max;

		list = str_cut(list.tail, ',');
		pair = str_cut(list.head, '=');
		for (i = 0; i < QUOTA_COUNT; i++)
			if (str_eq(pair.head, str_of(quotas[i].word)))
				break;
		if (i == QUOTA_COUNT)
			return "names no quota; latticectl quota list shows them";
		if (num_parse_u32(pair.tail, &max) < 0 || max < 1 || max > QUOTA_MAX)
			return "must be NAME=NUMBER, from 1 to 1000000";
		q->max[i] = max;
	}
	return NULL;
}

/* Would all of it fit into what a VPC's table holds? NULL, or why not. */
const char *quotas_wrong(const struct quotas *q)
{
	uint64_t ports =
		(uint64_t)q->max[QUOTA_SERVICES_PER_NETWORK] * q->max[QUOTA_LISTENERS_PER_SERVICE];

	/* Each is there twice, with an IPv4 and an IPv6 address. */
	if (ports * 2 > LATTICE_BINDINGS_MAX)
		return "services-per-network times listeners-per-service is more than 20000";
	return NULL;
}

/* As many as there may be. */
uint32_t quota_max(const struct call *c, enum quota which)
{
	return c->quotas ? c->quotas->max[which] : quotas[which].otherwise;
}

/* How many there are: of @holder or, when that is NULL, of the account. */
static int count(struct call *c, enum quota which, const struct record *holder, size_t *ret)
{
	struct store_query q = { .kind = quotas[which].kind };

	if (!holder)
		q.account = c->account;
	else if (which == QUOTA_GROUPS_PER_SERVICE)
		q.used_below = holder->id;
	else if (q.kind == KIND_SERVICE_ASSOCIATION || q.kind == KIND_VPC_ASSOCIATION)
		q.links_to = holder->id;
	else
		q.parent = holder->id;
	return store_count(c->store, &q, ret, &c->fault);
}

/* Are there no more than may be? @holder as in count(). */
int quota_check(struct call *c, enum quota which, const struct record *holder)
{
	uint32_t max = quota_max(c, which);
	size_t n;

	if (count(c, which, holder, &n) < 0)
		return -1;
	if (n <= max)
		return 0;
	if (holder)
		fault_set_resource(&c->fault, FAULT_QUOTA, quotas[which].kind, holder->id,
				   "%s " STR_FMT " can have %u %s, which is the limit",
				   kind_names(holder->kind)->word, STR_ARG(holder->id), max,
				   quotas[which].words);
	else
		fault_set_resource(&c->fault, FAULT_QUOTA, quotas[which].kind, STR(""),
				   "the account can have %u %s, which is the limit", max,
				   quotas[which].words);
	c->fault.quota_code = quotas[which].code;
	return -1;
}

/* All quotas; with how much of them is used where that is one number. */
int quota_list(struct call *c)
{
	cJSON *items = cJSON_AddArrayToObject(c->answer, "items");
	size_t i, n;

	for (i = 0; i < QUOTA_COUNT; i++) {
		cJSON *item = call_add_item(c, items);

		call_put_str(c, item, "name", str_of(quotas[i].word));
		call_put_str(c, item, "quotaCode", str_of(quotas[i].code));
		call_put_number(c, item, "value", quota_max(c, (enum quota)i));
		call_put_number(c, item, "default", quotas[i].otherwise);
		if (i > QUOTA_SECURITY_GROUPS)
			continue;
		if (count(c, (enum quota)i, NULL, &n) < 0)
			return -1;
		call_put_number(c, item, "used", (double)n);
	}
	return 0;
}
