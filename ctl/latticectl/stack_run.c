/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doing what a plan says. What is done is noted with what undoes it, so that a failure leaves
 * things as they were. What the template has no more is deleted last, when nothing can fail.
 */
#include "base/clock.h"
#include "base/json.h"
#include "latticectl/stack.h"

#include <cjson/cJSON.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

enum { ACTIVE_WITHIN_MS = 60 * 1000, ASK_EVERY_MS = 100 };

/* A signal came that asks to end. */
static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

/* From now on nothing ends this process half-way: who reads us may go, who stops us is heard. */
static void catch_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction note_it = { .sa_handler = interrupt, .sa_flags = SA_RESTART };

	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGINT, &note_it, NULL);
	sigaction(SIGTERM, &note_it, NULL);
	sigaction(SIGHUP, &note_it, NULL);
}

/* Note that @operation with @members, which are taken, undoes what was just done. */
static void note(struct stack *k, const char *operation, struct cJSON *members)
{
	struct cJSON *entry = cJSON_CreateObject();

	cJSON_AddStringToObject(entry, "operation", operation);
	cJSON_AddItemToObject(entry, "members", members);
	cJSON_InsertItemInArray(k->undo, 0, entry);
}

/* Undo all that was done, the last first; whatever cannot be is said and left. */
static void roll_back(struct stack *k)
{
	struct cJSON *entry;

	fputs("latticectl: undoing what was done\n", stderr);
	while ((entry = cJSON_DetachItemFromArray(k->undo, 0))) {
		struct cJSON *answer = NULL;

		session_call(k->session, json_get_str(entry, "operation").p,
			     cJSON_DetachItemFromObjectCaseSensitive(entry, "members"), &answer);
		cJSON_Delete(answer);
		cJSON_Delete(entry);
	}
}

/* The parents' members of @members alone, and the one that names what was made. */
static struct cJSON *names_of(const struct stack_step *step, const struct cJSON *members,
			      const char *id)
{
	struct cJSON *names = cJSON_CreateObject();
	const struct cJSON *item;

	cJSON_ArrayForEach (item, members) {
		if (stack_word_in(step->type->parents, item->string))
			cJSON_AddItemToObject(names, item->string, cJSON_Duplicate(item, true));
	}
	cJSON_AddStringToObject(names, step->type->label, id);
	return names;
}

/* Describe what was just made until it is active. */
static enum exit_status await_active(struct stack *k, struct stack_step *step,
				     const struct cJSON *names)
{
	uint64_t deadline = clock_mono_ms() + ACTIVE_WITHIN_MS;
	struct str status;

	for (;;) {
		if (stack_describe(k, step, cJSON_Duplicate(names, true)) != STATUS_DONE)
			return STATUS_REFUSED;
		status = json_get_str(step->described, "status");
		if (!status.n || str_eq(status, STR("ACTIVE")))
			return STATUS_DONE;
		if (!str_eq(status, STR("CREATE_IN_PROGRESS")) || clock_mono_ms() > deadline)
			break;
		poll(NULL, 0, ASK_EVERY_MS);
	}
	fprintf(stderr, "latticectl: %s: it did not become active: " STR_FMT "\n", step->logical_id,
		STR_ARG(status));
	return STATUS_REFUSED;
}

/* Have the targets @which, if there are any, registered or the opposite. */
static enum exit_status change_targets(struct stack *k, const struct stack_step *step,
				       const char *operation, const struct cJSON *which)
{
	struct cJSON *members, *answer = NULL;
	const struct cJSON *refused;
	enum exit_status r;

	if (!cJSON_GetArraySize(which))
		return STATUS_DONE;
	members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, step->type->label, json_get_str(step->described, "id").p);
	cJSON_AddItemToObject(members, "targets", cJSON_Duplicate(which, true));
	r = session_call(k->session, operation, members, &answer);
	refused = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(answer, "unsuccessful"), 0);
	if (r == STATUS_DONE && refused) {
		fprintf(stderr, "latticectl: %s: target " STR_FMT ": " STR_FMT "\n",
			step->logical_id, STR_ARG(json_get_str(refused, "id")),
			STR_ARG(json_get_str(refused, "failureMessage")));
		r = STATUS_REFUSED;
	}
	cJSON_Delete(answer);
	return r;
}

/* Those of the list @from that the list @but has not. */
static struct cJSON *without(const struct cJSON *from, const struct cJSON *but, double port)
{
	struct cJSON *left = cJSON_CreateArray();
	const struct cJSON *f, *b;

	cJSON_ArrayForEach (f, from) {
		double at = stack_port(f, port);

		cJSON_ArrayForEach (b, but) {
			if (str_eq(json_get_str(f, "id"), json_get_str(b, "id")) &&
			    stack_port(b, port) == at)
				break;
		}
		if (!b) {
			struct cJSON *target = cJSON_CreateObject();

			cJSON_AddStringToObject(target, "id", json_get_str(f, "id").p);
			if (at > 0)
				cJSON_AddNumberToObject(target, "port", at);
			cJSON_AddItemToArray(left, target);
		}
	}
	return left;
}

static void note_targets(struct stack *k, const struct stack_step *step, const char *operation,
			 const struct cJSON *which)
{
	struct cJSON *members;

	if (!cJSON_GetArraySize(which))
		return;
	members = cJSON_CreateObject();
	cJSON_AddStringToObject(members, step->type->label, json_get_str(step->described, "id").p);
	cJSON_AddItemToObject(members, "targets", cJSON_Duplicate(which, true));
	note(k, operation, members);
}

/* Give the target group just the @wanted targets: first the new ones, then without the old. */
static enum exit_status settle_targets(struct stack *k, const struct stack_step *step,
				       const struct cJSON *wanted)
{
	const struct cJSON *config = cJSON_GetObjectItemCaseSensitive(step->described, "config");
	double port = stack_port(config, 0);
	struct cJSON *current = NULL, *more, *less;
	const struct cJSON *items;
	enum exit_status r = stack_list_targets(k, step, &current);

	if (r != STATUS_DONE)
		return r;
	items = cJSON_GetObjectItemCaseSensitive(current, "items");
	more = without(wanted, items, port);
	less = without(items, wanted, port);
	note_targets(k, step, "DeregisterTargets", more);
	r = change_targets(k, step, "RegisterTargets", more);
	if (r == STATUS_DONE) {
		note_targets(k, step, "RegisterTargets", less);
		r = change_targets(k, step, "DeregisterTargets", less);
	}
	cJSON_Delete(more);
	cJSON_Delete(less);
	cJSON_Delete(current);
	return r;
}

static enum exit_status run_create(struct stack *k, struct stack_step *step)
{
	struct cJSON *tags = NULL, *targets = NULL, *answer = NULL, *names;
	struct cJSON *wanted = stack_wanted(k, step, &tags, &targets);
	char name[STACK_NAME_BYTES];
	enum exit_status r;

	if (!wanted)
		return STATUS_REFUSED;
	cJSON_AddItemToObject(wanted, "tags", tags);
	if (step->type->rank && !cJSON_HasObjectItem(wanted, "name")) {
		stack_make_name(k->name, step->logical_id, name);
		cJSON_AddStringToObject(wanted, "name", name);
	}
	r = session_call(k->session, step->type->create, cJSON_Duplicate(wanted, true), &answer);
	if (r == STATUS_DONE) {
		names = names_of(step, wanted, json_get_str(answer, "id").p);
		note(k, step->type->remove, cJSON_Duplicate(names, true));
		r = await_active(k, step, names);
		cJSON_Delete(names);
	}
	if (r == STATUS_DONE && cJSON_GetArraySize(targets))
		r = change_targets(k, step, "RegisterTargets", targets);
	cJSON_Delete(answer);
	cJSON_Delete(wanted);
	cJSON_Delete(targets);
	return r;
}

/* The members of an update, taken out of @from; @to names the resource. */
static void pick_changing(const struct stack_step *step, const struct cJSON *from, struct cJSON *to)
{
	struct str_cut c = { .tail = str_of(step->type->changing), .found = true };

	while (c.found) {
		const struct cJSON *value;
		char name[64];

		c = str_cut(c.tail, ' ');
		snprintf(name, sizeof(name), STR_FMT, STR_ARG(c.head));
		value = stack_current(from, name);
		if (value && !cJSON_IsNull(value) &&
		    !(cJSON_IsArray(value) && !cJSON_GetArraySize(value)))
			cJSON_AddItemToObject(to, name, cJSON_Duplicate(value, true));
	}
}

static enum exit_status update_members(struct stack *k, struct stack_step *step,
				       const struct cJSON *wanted)
{
	struct cJSON *to = stack_names(step), *back = stack_names(step), *answer = NULL;
	enum exit_status r;

	pick_changing(step, wanted, to);
	pick_changing(step, step->described, back);
	r = session_call(k->session, step->type->update, to, &answer);
	cJSON_Delete(answer);
	if (r == STATUS_DONE)
		note(k, step->type->update, back);
	else
		cJSON_Delete(back);
	return r;
}

static struct cJSON *tag_members(const struct stack_step *step, const struct cJSON *tags)
{
	struct cJSON *members = cJSON_CreateObject();

	cJSON_AddStringToObject(members, "resourceArn", json_get_str(step->found, "arn").p);
	if (tags)
		cJSON_AddItemToObject(members, "tags", cJSON_Duplicate(tags, true));
	return members;
}

/* Those keys of @from that @but has not, as members of UntagResource; NULL: none. */
static struct cJSON *untag_members(const struct stack_step *step, const struct cJSON *from,
				   const struct cJSON *but)
{
	struct cJSON *members = tag_members(step, NULL);
	struct cJSON *keys = cJSON_AddArrayToObject(members, "tagKeys");
	const struct cJSON *item;

	cJSON_ArrayForEach (item, from) {
		if (!cJSON_GetObjectItemCaseSensitive(but, item->string))
			cJSON_AddItemToArray(keys, cJSON_CreateString(item->string));
	}
	if (keys->child)
		return members;
	cJSON_Delete(members);
	return NULL;
}

static enum exit_status update_tags(struct stack *k, const struct stack_step *step,
				    const struct cJSON *wanted)
{
	const struct cJSON *current = cJSON_GetObjectItemCaseSensitive(step->found, "tags");
	struct cJSON *less = untag_members(step, current, wanted), *answer = NULL;
	struct cJSON *back = untag_members(step, wanted, current);
	enum exit_status r;

	if (back)
		note(k, "UntagResource", back);
	note(k, "TagResource", tag_members(step, current));
	r = session_call(k->session, "TagResource", tag_members(step, wanted), &answer);
	cJSON_Delete(answer);
	answer = NULL;
	if (r == STATUS_DONE && less)
		r = session_call(k->session, "UntagResource", less, &answer);
	else
		cJSON_Delete(less);
	cJSON_Delete(answer);
	return r;
}

static enum exit_status run_update(struct stack *k, struct stack_step *step)
{
	struct cJSON *tags = NULL, *targets = NULL;
	struct cJSON *wanted = stack_wanted(k, step, &tags, &targets);
	enum exit_status r = wanted ? STATUS_DONE : STATUS_REFUSED;

	/* What was not known when the plan was made may turn out to be the same. */
	if (r == STATUS_DONE && (step->reasons & STACK_MEMBERS))
		r = update_members(k, step, wanted);
	if (r == STATUS_DONE && (step->reasons & STACK_TAGS))
		r = update_tags(k, step, tags);
	if (r == STATUS_DONE && (step->reasons & STACK_TARGETS))
		r = settle_targets(k, step, targets);
	if (r == STATUS_DONE)
		r = stack_describe(k, step, stack_names(step));
	cJSON_Delete(tags);
	cJSON_Delete(targets);
	cJSON_Delete(wanted);
	return r;
}

static enum exit_status run_delete(struct stack *k, const struct stack_step *step)
{
	struct cJSON *answer = NULL;
	enum exit_status r =
		session_call(k->session, step->type->remove, stack_names(step), &answer);

	cJSON_Delete(answer);
	return r;
}

/* Make it anew. Its old self comes back, with another id, should something fail later. */
static enum exit_status run_replace(struct stack *k, struct stack_step *step)
{
	struct cJSON *again = stack_names(step);
	const struct cJSON *item;

	cJSON_DeleteItemFromObjectCaseSensitive(again, step->type->label);
	cJSON_ArrayForEach (item, step->described) {
		static const char kept[] = "name priority match action privateDnsEnabled policy";
		size_t n = strlen(item->string);
		char name[64];

		if (stack_word_in(kept, item->string)) {
			cJSON_AddItemToObject(again, item->string, cJSON_Duplicate(item, true));
		} else if (n > 2 && n < 40 && strcmp(item->string + n - 2, "Id") == 0) {
			snprintf(name, sizeof(name), "%.*sIdentifier", (int)n - 2, item->string);
			cJSON_AddItemToObject(again, name, cJSON_Duplicate(item, true));
		}
	}
	cJSON_AddItemToObject(
		again, "tags",
		cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(step->found, "tags"), true));
	if (run_delete(k, step) != STATUS_DONE) {
		cJSON_Delete(again);
		return STATUS_REFUSED;
	}
	note(k, step->type->create, again);
	return run_create(k, step);
}

static enum exit_status run_step(struct stack *k, struct stack_step *step)
{
	switch (step->action) {
	case STACK_CREATE:
		return run_create(k, step);
	case STACK_UPDATE:
		return run_update(k, step);
	case STACK_REPLACE:
		return run_replace(k, step);
	case STACK_DELETE:
		return run_delete(k, step);
	case STACK_KEEP:
	case STACK_SKIP:
	case STACK_LEAVE:
		break;
	}
	return STATUS_DONE;
}

/* Do the plan. Either all of it is done or, but for deletions at its end, nothing. */
enum exit_status stack_run(struct stack *k)
{
	enum exit_status r = STATUS_DONE;
	size_t i;

	catch_signals();
	for (i = 0; i < k->count && r == STATUS_DONE; i++) {
		if (k->steps[i].action == STACK_DELETE)
			break;
		r = interrupted ? STATUS_REFUSED : run_step(k, &k->steps[i]);
		if (r != STATUS_DONE) {
			fprintf(stderr, "latticectl: %s %s\n", k->steps[i].logical_id,
				interrupted ? "was not begun" : "failed");
			roll_back(k);
		}
	}
	for (; i < k->count && r == STATUS_DONE; i++)
		r = run_step(k, &k->steps[i]);
	return r;
}
