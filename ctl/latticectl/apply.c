/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl apply and diff: what a CloudFormation template wants, done or only shown. */
#include "base/json.h"
#include "latticectl/output.h"
#include "latticectl/run.h"
#include "latticectl/stack.h"

#include <cjson/cJSON.h>

static const char *const action_words[] = {
	[STACK_KEEP] = "keep",	     [STACK_CREATE] = "create", [STACK_UPDATE] = "update",
	[STACK_REPLACE] = "replace", [STACK_SKIP] = "skip",	[STACK_DELETE] = "delete",
	[STACK_LEAVE] = "leave",
};

/* The plan as a list of what a table shows. */
static struct cJSON *plan_items(const struct stack *k)
{
	struct cJSON *list = cJSON_CreateObject();
	struct cJSON *items = cJSON_AddArrayToObject(list, "items");

	for (size_t i = 0; i < k->count; i++) {
		const struct stack_step *step = &k->steps[i];
		struct cJSON *item = cJSON_CreateObject();
		struct str id = json_get_str(step->found ? step->found : step->described, "id");

		cJSON_AddStringToObject(item, "action", action_words[step->action]);
		cJSON_AddStringToObject(item, "resource", step->logical_id);
		cJSON_AddStringToObject(item, "type", step->type_name);
		if (id.n)
			cJSON_AddStringToObject(item, "id", id.p);
		cJSON_AddItemToArray(items, item);
	}
	return list;
}

static bool has_changes(const struct stack *k)
{
	for (size_t i = 0; i < k->count; i++) {
		enum stack_action a = k->steps[i].action;

		if (a == STACK_CREATE || a == STACK_UPDATE || a == STACK_REPLACE ||
		    a == STACK_DELETE)
			return true;
	}
	return false;
}

/* The plan for people, before anything is done; for programs it comes with the rest. */
static void show_plan(const struct stack *k)
{
	struct cJSON *list;

	if (k->session->json)
		return;
	list = plan_items(k);
	output_items(false, list, "action resource type id");
	cJSON_Delete(list);
}

/* What there is to say at the end: outputs and, for programs, the plan with them. */
static enum exit_status show_end(struct stack *k, bool with_outputs)
{
	struct cJSON *outputs = NULL, *all, *list;
	enum exit_status r = STATUS_DONE;

	if (with_outputs)
		r = stack_outputs(k, &outputs);
	if (r == STATUS_DONE && !k->session->json) {
		if (outputs && outputs->child)
			r = output_object(false, outputs);
	} else if (r == STATUS_DONE) {
		all = cJSON_CreateObject();
		cJSON_AddStringToObject(all, "stack", k->name);
		list = plan_items(k);
		cJSON_AddItemToObject(all, "plan",
				      cJSON_DetachItemFromObjectCaseSensitive(list, "items"));
		cJSON_Delete(list);
		if (outputs)
			cJSON_AddItemToObject(all, "outputs", cJSON_Duplicate(outputs, true));
		r = output_object(true, all);
		cJSON_Delete(all);
	}
	cJSON_Delete(outputs);
	return r;
}

enum exit_status run_apply(struct session *s, const struct args *a)
{
	struct stack k;
	enum exit_status r = stack_open(&k, s, a);

	if (r == STATUS_DONE)
		r = stack_plan(&k);
	if (r == STATUS_DONE) {
		show_plan(&k);
		r = stack_run(&k);
	}
	if (r == STATUS_DONE)
		r = show_end(&k, true);
	stack_close(&k);
	return r;
}

/* As diff(1): 0 when there is nothing to do, 1 when there is or it cannot be told. */
enum exit_status run_diff(struct session *s, const struct args *a)
{
	struct stack k;
	enum exit_status r = stack_open(&k, s, a);

	if (r == STATUS_DONE)
		r = stack_plan(&k);
	if (r == STATUS_DONE) {
		show_plan(&k);
		r = show_end(&k, false);
	}
	if (r == STATUS_DONE && has_changes(&k))
		r = STATUS_REFUSED;
	stack_close(&k);
	return r;
}
