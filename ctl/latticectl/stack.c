/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a template and what the API holds to a plan. The plan is made in the order of the
 * references, so that whatever a resource refers to is described, or known to be unknown.
 */
#include "latticectl/stack.h"

#include "base/json.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/stack_ec2.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 256 };

/* Say what is wrong with the template. */
enum exit_status stack_fault(const struct stack *k, const char *logical_id)
{
	fprintf(stderr, "latticectl: %s%s", logical_id ? logical_id : "", logical_id ? ": " : "");
	output_text(stderr, str_of(k->template.fault));
	fputc('\n', stderr);
	return STATUS_REFUSED;
}

/* What the template knows without being told: where it is, and what it is called. */
static enum exit_status set_pseudo(struct stack *k)
{
	static const struct {
		const char *name, *value;
	} fixed[] = {
		{ "AWS::Partition", "aws" },
		{ "AWS::URLSuffix", "amazonaws.com" },
	};
	struct cJSON *status = NULL, *values = k->template.values;
	enum exit_status r = session_call(k->session, "GetStatus", NULL, &status);
	struct str region = json_get_str(status, "region"),
		   account = json_get_str(status, "account");
	char id[2 * NAME_BYTES];

	if (r == STATUS_DONE) {
		snprintf(id, sizeof(id), "arn:aws:cloudformation:%s:%s:stack/%s/0", region.p,
			 account.p, k->name);
		cJSON_AddStringToObject(values, "AWS::Region", region.p);
		cJSON_AddStringToObject(values, "AWS::AccountId", account.p);
		cJSON_AddStringToObject(values, "AWS::StackName", k->name);
		cJSON_AddStringToObject(values, "AWS::StackId", id);
		for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
			cJSON_AddStringToObject(values, fixed[i].name, fixed[i].value);
	}
	cJSON_Delete(status);
	return r;
}

/* The file's name up to its first dot: NileStack.template.json is NileStack. */
static char *name_of_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = strdup(slash ? slash + 1 : path);

	if (name)
		name[strcspn(name, ".")] = '\0';
	return name;
}

/* Load the template that -f names and find the stack's resources. stack_close() in any case. */
enum exit_status stack_open(struct stack *k, struct session *s, const struct args *a)
{
	const char *path = args_option(a, "-f"), *name = args_option(a, "--stack"), *set;
	struct cJSON *members;
	size_t at = 0;

	*k = (struct stack){ .session = s, .prune = args_option(a, "--prune") != NULL };
	k->undo = cJSON_CreateArray();
	k->steps = calloc(STACK_STEPS_MAX, sizeof(*k->steps));
	k->name = name ? strdup(name) : name_of_file(path);
	if (!k->name || !k->steps || !k->name[0] || k->name[0] == '-')
		return args_refuse(a, "the stack needs a name: --stack NAME");
	if (template_load(&k->template, path) < 0)
		return stack_fault(k, NULL);
	while ((set = args_next(a, "--set", &at)))
		if (template_set(&k->template, set) < 0)
			return stack_fault(k, NULL);
	if (template_settle_parameters(&k->template) < 0)
		return stack_fault(k, NULL);
	if (set_pseudo(k) != STATUS_DONE)
		return STATUS_REFUSED;
	members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, "tagKey", STACK_TAG);
	cJSON_AddStringToObject(members, "tagValue", k->name);
	return session_list(s, "ListTaggedResources", members, &k->found);
}

void stack_close(struct stack *k)
{
	size_t i;

	for (i = 0; i < k->count; i++)
		cJSON_Delete(k->steps[i].described);
	free(k->steps);
	cJSON_Delete(k->found);
	cJSON_Delete(k->undo);
	template_fini(&k->template);
	free((char *)k->name);
}

/* The identifiers of one that exists, its parents' too, from its ARN. */
struct cJSON *stack_names(const struct stack_step *step)
{
	const char *arn = json_get_str(step->found, "arn").p;
	const char *service = strstr(arn, ":service/"), *listener = strstr(arn, "/listener/");
	struct cJSON *names = cJSON_CreateObject();
	char text[NAME_BYTES];

	if (service && stack_word_in(step->type->parents, "serviceIdentifier")) {
		service += strlen(":service/");
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(service, "/"), service);
		cJSON_AddStringToObject(names, "serviceIdentifier", text);
	}
	if (listener && stack_word_in(step->type->parents, "listenerIdentifier")) {
		listener += strlen("/listener/");
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(listener, "/"), listener);
		cJSON_AddStringToObject(names, "listenerIdentifier", text);
	}
	cJSON_AddStringToObject(names, step->type->label, json_get_str(step->found, "id").p);
	return names;
}

/* A VPC may be named in a template as everywhere else. */
static enum exit_status resolve_vpc(struct stack *k, struct cJSON *in)
{
	struct cJSON *vpc = cJSON_DetachItemFromObjectCaseSensitive(in, "vpcIdentifier");
	enum exit_status r = STATUS_DONE;

	if (cJSON_IsString(vpc))
		r = resolve_into(k->session, &kind_vpc, vpc->valuestring, NULL, NULL, in);
	cJSON_Delete(vpc);
	return r;
}

static void add_own_tags(const struct stack *k, const struct stack_step *step, struct cJSON *tags)
{
	cJSON_DeleteItemFromObjectCaseSensitive(tags, STACK_TAG);
	cJSON_DeleteItemFromObjectCaseSensitive(tags, STACK_ID_TAG);
	cJSON_AddStringToObject(tags, STACK_TAG, k->name);
	cJSON_AddStringToObject(tags, STACK_ID_TAG, step->logical_id);
}

/*
 * What the template wants of @step: members of its creation, and by themselves its tags and
 * targets (NULL: it has none). NULL when that cannot be evaluated, which was said then. What is
 * not made yet is referred to in words.
 */
struct cJSON *stack_wanted(struct stack *k, const struct stack_step *step, struct cJSON **ret_tags,
			   struct cJSON **ret_targets)
{
	const struct cJSON *properties =
		cJSON_GetObjectItemCaseSensitive(step->resource, "Properties");
	struct cJSON *value = NULL, *members;

	if (properties && template_eval(&k->template, properties, &value) != TEMPLATE_DONE) {
		stack_fault(k, step->logical_id);
		return NULL;
	}
	members = stack_members(value);
	cJSON_Delete(value);
	if (stack_ec2_settle(step, members) != STATUS_DONE ||
	    resolve_vpc(k, members) != STATUS_DONE ||
	    resolve_vpc(k, cJSON_GetObjectItemCaseSensitive(members, "config")) != STATUS_DONE) {
		cJSON_Delete(members);
		return NULL;
	}
	*ret_tags = stack_take_tags(members);
	add_own_tags(k, step, *ret_tags);
	*ret_targets = cJSON_DetachItemFromObjectCaseSensitive(members, "targets");
	return members;
}

/* What a template calls otherwise than the API: what Ref yields, and the id of a group. */
static void add_attributes(const struct stack_type *type, struct cJSON *live)
{
	const struct cJSON *ref =
		type->ref ? cJSON_GetObjectItemCaseSensitive(live, type->ref) : NULL;
	const struct cJSON *id = cJSON_GetObjectItemCaseSensitive(live, "id");

	if (ref)
		cJSON_AddItemToObject(live, TEMPLATE_REF, cJSON_Duplicate(ref, true));
	if (id && strcmp(type->kind, "SECURITY_GROUP") == 0)
		cJSON_AddItemToObject(live, "groupId", cJSON_Duplicate(id, true));
}

/* Ask for the description of the step's resource, which exists. */
enum exit_status stack_describe(struct stack *k, struct stack_step *step, struct cJSON *members)
{
	struct cJSON *live = NULL;
	enum exit_status r = session_call(k->session, step->type->get, members, &live);

	if (r != STATUS_DONE)
		return r;
	cJSON_Delete(step->described);
	step->described = live;
	live = cJSON_Duplicate(live, true);
	add_attributes(step->type, live);
	cJSON_DeleteItemFromObjectCaseSensitive(k->template.live, step->logical_id);
	cJSON_AddItemToObject(k->template.live, step->logical_id, live);
	return STATUS_DONE;
}

/* The targets of a group, without those that are on their way out. */
enum exit_status stack_list_targets(struct stack *k, const struct stack_step *step,
				    struct cJSON **ret)
{
	struct cJSON *members = cJSON_CreateObject(), *items, *item, *next;
	enum exit_status r;

	cJSON_AddStringToObject(members, step->type->label, json_get_str(step->described, "id").p);
	r = session_list(k->session, "ListTargets", members, ret);
	if (r != STATUS_DONE)
		return r;
	items = cJSON_GetObjectItemCaseSensitive(*ret, "items");
	for (item = items ? items->child : NULL; item; item = next) {
		next = item->next;
		if (str_eq(json_get_str(item, "status"), STR("DRAINING")))
			cJSON_Delete(cJSON_DetachItemViaPointer(items, item));
	}
	return STATUS_DONE;
}

/* The port of a target or of a group's configuration; a function has none, which is 0. */
double stack_port(const struct cJSON *of, double otherwise)
{
	const struct cJSON *port = cJSON_GetObjectItemCaseSensitive(of, "port");

	return cJSON_IsNumber(port) ? port->valuedouble : otherwise;
}

/* Does @current, a list of the API's, have just the targets of @wanted? */
static bool same_targets(const struct cJSON *wanted, const struct cJSON *current, double port)
{
	const struct cJSON *items = cJSON_GetObjectItemCaseSensitive(current, "items"), *w, *c;

	cJSON_ArrayForEach (w, wanted) {
		double at = stack_port(w, port);

		cJSON_ArrayForEach (c, items) {
			if (str_eq(json_get_str(w, "id"), json_get_str(c, "id")) &&
			    stack_port(c, port) == at)
				break;
		}
		if (!c)
			return false;
	}
	return cJSON_GetArraySize(wanted) == cJSON_GetArraySize(items);
}

static enum exit_status compare_targets(struct stack *k, struct stack_step *step,
					const struct cJSON *wanted)
{
	const struct cJSON *config = cJSON_GetObjectItemCaseSensitive(step->described, "config");
	struct cJSON *current = NULL;
	enum exit_status r;

	if (!wanted)
		return STATUS_DONE;
	r = stack_list_targets(k, step, &current);
	if (r == STATUS_DONE && !same_targets(wanted, current, stack_port(config, 0)))
		step->reasons |= STACK_TARGETS;
	cJSON_Delete(current);
	return r;
}

/* Does @name of the step's type change with an update? A health check is in the configuration. */
static void compare_members(struct stack_step *step, struct cJSON *wanted)
{
	struct cJSON *config = cJSON_GetObjectItemCaseSensitive(wanted, "config");
	struct cJSON *check = cJSON_DetachItemFromObjectCaseSensitive(config, "healthCheck");
	const struct cJSON *item;

	if (check)
		cJSON_AddItemToObject(wanted, "healthCheck", check);
	cJSON_ArrayForEach (item, wanted) {
		if (stack_word_in(step->type->parents, item->string) ||
		    stack_same(item, stack_current(step->described, item->string)))
			continue;
		if (stack_word_in(step->type->changing, item->string))
			step->reasons |= STACK_MEMBERS;
		else
			step->action = STACK_REPLACE;
	}
}

/* Was a parent of the step's resource changed for another? Then it must be made anew. */
static void compare_parents(struct stack_step *step, const struct cJSON *wanted)
{
	struct cJSON *names = stack_names(step);
	const struct cJSON *item;

	cJSON_ArrayForEach (item, names) {
		const struct cJSON *w = cJSON_GetObjectItemCaseSensitive(wanted, item->string);

		if (w && strcmp(item->string, step->type->label) != 0 && !stack_same(w, item))
			step->action = STACK_REPLACE;
	}
	cJSON_Delete(names);
}

/* What is to be done about a resource that exists. */
static enum exit_status plan_existing(struct stack *k, struct stack_step *step)
{
	struct cJSON *tags = NULL, *targets = NULL, *wanted;
	enum exit_status r = stack_describe(k, step, stack_names(step));

	if (r != STATUS_DONE)
		return r;
	wanted = stack_wanted(k, step, &tags, &targets);
	if (!wanted)
		return STATUS_REFUSED;
	compare_members(step, wanted);
	compare_parents(step, wanted);
	if (!cJSON_Compare(tags, cJSON_GetObjectItemCaseSensitive(step->found, "tags"), true))
		step->reasons |= STACK_TAGS;
	r = compare_targets(k, step, targets);
	if (step->action == STACK_KEEP && step->reasons)
		step->action = STACK_UPDATE;
	if (step->action == STACK_REPLACE && !step->type->replaceable) {
		fprintf(stderr,
			"latticectl: %s: what changed in it can only be given to a new one; "
			"give the resource another logical id and name\n",
			step->logical_id);
		r = STATUS_REFUSED;
	}
	cJSON_Delete(tags);
	cJSON_Delete(targets);
	cJSON_Delete(wanted);
	return r;
}

static enum exit_status plan_new(struct stack *k, struct stack_step *step)
{
	struct cJSON *tags = NULL, *targets = NULL, *wanted;

	step->action = STACK_CREATE;
	wanted = stack_wanted(k, step, &tags, &targets);
	cJSON_AddNullToObject(k->template.live, step->logical_id);
	cJSON_Delete(tags);
	cJSON_Delete(targets);
	cJSON_Delete(wanted);
	return wanted ? STATUS_DONE : STATUS_REFUSED;
}

/* What of the stack has the logical id, or NULL. */
static const struct cJSON *find_existing(const struct stack *k, const char *logical_id)
{
	const struct cJSON *items = cJSON_GetObjectItemCaseSensitive(k->found, "items"), *item;

	cJSON_ArrayForEach (item, items) {
		const struct cJSON *tags = cJSON_GetObjectItemCaseSensitive(item, "tags");

		if (str_eq(json_get_str(tags, STACK_ID_TAG), str_of(logical_id)))
			return item;
	}
	return NULL;
}

static enum exit_status plan_resource(struct stack *k, const struct cJSON *resource)
{
	struct str type = json_get_str(resource, "Type");
	struct stack_step *step = &k->steps[k->count];
	bool wanted;

	if (template_is_wanted(&k->template, resource, &wanted) < 0)
		return stack_fault(k, resource->string);
	if (!wanted)
		return STATUS_DONE;
	k->count++;
	*step = (struct stack_step){
		.logical_id = resource->string,
		.type_name = type.n ? type.p : "",
		.type = stack_type_find(type.n ? type.p : ""),
		.resource = resource,
		.action = STACK_KEEP,
	};
	if (!step->type) {
		step->action = STACK_SKIP;
		return STATUS_DONE;
	}
	step->found = find_existing(k, step->logical_id);
	return step->found ? plan_existing(k, step) : plan_new(k, step);
}

static bool is_in_steps(const struct stack *k, const struct cJSON *found)
{
	size_t i;

	for (i = 0; i < k->count; i++)
		if (k->steps[i].found == found)
			return true;
	return false;
}

/* What the stack has and the template has not, in an order in which it can be deleted. */
static void plan_leftovers(struct stack *k)
{
	const struct cJSON *items = cJSON_GetObjectItemCaseSensitive(k->found, "items"), *item;
	unsigned rank;

	for (rank = 0; rank <= 5; rank++) {
		cJSON_ArrayForEach (item, items) {
			struct str kind = json_get_str(item, "resourceType");
			const struct stack_type *type = stack_type_of_kind(kind.p);
			const struct cJSON *tags = cJSON_GetObjectItemCaseSensitive(item, "tags");
			struct str id = json_get_str(tags, STACK_ID_TAG);

			if (!type || type->rank != rank || is_in_steps(k, item) ||
			    k->count == STACK_STEPS_MAX)
				continue;
			k->steps[k->count++] = (struct stack_step){
				.logical_id = id.n ? id.p : "?",
				.type_name = type->name,
				.type = type,
				.found = item,
				.action = k->prune ? STACK_DELETE : STACK_LEAVE,
			};
		}
	}
}

enum exit_status stack_plan(struct stack *k)
{
	const struct cJSON *order[TEMPLATE_RESOURCES_MAX];
	enum exit_status r = STATUS_DONE;
	size_t i, n;

	if (template_order(&k->template, order, &n) < 0)
		return stack_fault(k, NULL);
	for (i = 0; i < n && r == STATUS_DONE; i++)
		r = plan_resource(k, order[i]);
	if (r == STATUS_DONE)
		plan_leftovers(k);
	return r;
}

/* The template's Outputs, by name. */
enum exit_status stack_outputs(struct stack *k, struct cJSON **ret)
{
	const struct cJSON *outputs = cJSON_GetObjectItemCaseSensitive(k->template.root, "Outputs");
	const struct cJSON *o;

	*ret = cJSON_CreateObject();
	cJSON_ArrayForEach (o, outputs) {
		const struct cJSON *given = cJSON_GetObjectItemCaseSensitive(o, "Value");
		struct cJSON *value;
		bool wanted;

		if (template_is_wanted(&k->template, o, &wanted) < 0 ||
		    (wanted &&
		     (!given || template_eval(&k->template, given, &value) == TEMPLATE_FAILED)))
			return stack_fault(k, o->string);
		if (wanted)
			cJSON_AddItemToObject(*ret, o->string, value);
	}
	return STATUS_DONE;
}
