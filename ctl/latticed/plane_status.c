/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Status as JSON. A VPC's table is in step when the generation that its namespace's kernel has
 * confirmed is the one that was sent last: a table that did not change is not sent again.
 */
#include "latticed/plane_status.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* A name, an id or a reason, terminated. */
enum { TEXT_BYTES = 256 };

static void add_text(cJSON *to, const char *name, struct str s)
{
	char text[TEXT_BYTES];

	snprintf(text, sizeof(text), STR_FMT, STR_ARG(s));
	cJSON_AddStringToObject(to, name, text);
}

/* How connections are steered, as the broker says it: "nft", or "kmod" and a version. */
void plane_status_steer(const char *steer, struct cJSON *into)
{
	struct str_cut c = str_cut(str_of(steer), ' ');

	add_text(into, "steer", c.head);
	if (c.tail.n)
		add_text(into, "moduleVersion", c.tail);
}

/* Each VPC of @now: is its namespace there, and is what the kernel has there in step? */
void plane_status_vpcs(const struct plane_vpcs *p, const struct snapshot *now, struct cJSON *into)
{
	cJSON *list = cJSON_AddArrayToObject(into, "vpcs");
	size_t i;

	for (i = 0; i < shelf_end(&now->vpcs); i++) {
		const struct snap_vpc *v = snapshot_find_vpc(now, (uint32_t)i);
		struct str reason = { 0 };
		cJSON *item;

		if (!v)
			continue;
		item = cJSON_CreateObject();
		add_text(item, "id", v->id);
		add_text(item, "name", v->name);
		add_text(item, "state", plane_vpcs_state(p, v->number, &reason));
		if (reason.n)
			add_text(item, "stateReason", reason);
		if (p->state[v->number] == PLANE_VPC_ACTIVE) {
			cJSON_AddNumberToObject(item, "kernelGeneration",
						(double)p->table_generation[v->number]);
			cJSON_AddNumberToObject(item, "generation",
						(double)p->sent_generation[v->number]);
		}
		if (!cJSON_AddItemToArray(list, item))
			cJSON_Delete(item);
	}
}
