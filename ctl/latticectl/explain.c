/* SPDX-License-Identifier: Apache-2.0 */
/* latticectl explain: why a request may pass or may not, statement by statement. */
#include "base/json.h"
#include "latticectl/output.h"
#include "latticectl/resolve.h"
#include "latticectl/run.h"

#include <cjson/cJSON.h>
#include <string.h>

enum { NAME_BYTES = 256 };

static void say(const char *text)
{
	fputs(text, stdout);
}

static void say_str(struct str s)
{
	output_text(stdout, s);
}

static struct str word_of(const struct cJSON *of, const char *name)
{
	return json_get_str(of, name);
}

/* A list as "a", "a or b"; empty as @none. */
static void say_list(const struct cJSON *of, const char *name, const char *none)
{
	const struct cJSON *list = cJSON_GetObjectItemCaseSensitive(of, name), *item;

	if (!cJSON_GetArraySize(list))
		say(none);
	cJSON_ArrayForEach (item, list) {
		if (item != list->child)
			say(" or ");
		say_str(str_of(cJSON_GetStringValue(item)));
	}
}

/* Why the statement @s does not match. */
static void say_failure(const struct cJSON *s)
{
	say_str(word_of(s, "element"));
	if (word_of(s, "key").n) {
		say(" ");
		say_str(word_of(s, "operator"));
		say(" ");
		say_str(word_of(s, "key"));
	}
	if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(s, "wanted"))) {
		say(": wanted ");
		say_list(s, "wanted", "");
		say(", it is ");
	} else {
		say(": it is ");
	}
	say_list(s, "seen", "missing");
	say("\n");
}

static void say_statement(const struct cJSON *s)
{
	struct str sid = word_of(s, "sid"), effect = word_of(s, "effect");
	const struct cJSON *number = cJSON_GetObjectItemCaseSensitive(s, "number");

	printf("  %3.0f ", cJSON_GetNumberValue(number));
	say_str(effect);
	say(effect.n < 5 ? "   " : "  ");
	say_str(sid.n ? sid : STR("-"));
	say("  ");
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(s, "matches")))
		say("matches\n");
	else
		say_failure(s);
}

static const char *words_of(struct str verdict)
{
	static const char *const words[][2] = {
		{ "ALLOWS", "allows" },
		{ "DENIES", "denies" },
		{ "SILENT", "no statement allows" },
		{ "NO_POLICY", "has no policy, which allows nothing" },
		{ "NOT_ASKED", "is not asked" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(verdict, str_of(words[i][0])))
			return words[i][1];
	return "?";
}

static void say_decision(const struct cJSON *d)
{
	const struct cJSON *policies = cJSON_GetObjectItemCaseSensitive(d, "policies"), *p, *s;

	cJSON_ArrayForEach (p, policies) {
		say_str(word_of(p, "layer"));
		say(" policy of ");
		say_str(word_of(p, "of"));
		say(": ");
		say(words_of(word_of(p, "verdict")));
		say("\n");
		cJSON_ArrayForEach (s, cJSON_GetObjectItemCaseSensitive(p, "statements"))
			say_statement(s);
	}
	say_str(word_of(d, "verdict"));
	if (word_of(d, "message").n) {
		say(": ");
		say_str(word_of(d, "message"));
	}
	say("\n");
}

/* A text of several lines, as it is; its control characters apart. */
static void say_lines(const char *title, struct str text)
{
	struct str_cut c = { .tail = text, .found = true };

	if (!text.n)
		return;
	printf("%s:\n", title);
	while (c.found) {
		c = str_cut(c.tail, '\n');
		say("  ");
		say_str(c.head);
		say("\n");
	}
}

static void say_fact(const char *title, struct str value)
{
	if (!value.n)
		return;
	printf("%-10s", title);
	say_str(value);
	say("\n");
}

static void say_all(const struct cJSON *answer)
{
	const struct cJSON *trial = cJSON_GetObjectItemCaseSensitive(answer, "trial");

	say_fact("request", word_of(answer, "requestId"));
	say_fact("caller", word_of(answer, "caller"));
	say_fact("action", word_of(answer, "action"));
	say_fact("resource", word_of(answer, "resource"));
	say_fact("from", word_of(answer, "sourceVpc"));
	say_decision(answer);
	say_lines("Canonical request that was computed", word_of(answer, "canonicalRequest"));
	say_lines("String to sign that was computed", word_of(answer, "stringToSign"));
	if (trial) {
		say("\nWith what is on trial:\n");
		say_decision(trial);
	}
}

/* "NAME: VALUE", as curl has it. */
static enum exit_status add_header(const struct args *a, const char *text, struct cJSON *list)
{
	const char *colon = strchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	struct cJSON *item;
	char name[NAME_BYTES];

	if (!n || n >= sizeof(name))
		return args_refuse(a, "'%s' is not NAME: VALUE", text);
	memcpy(name, text, n);
	name[n] = '\0';
	item = cJSON_CreateObject();
	cJSON_AddStringToObject(item, "name", name);
	cJSON_AddStringToObject(item, "value", colon + 1 + strspn(colon + 1, " "));
	cJSON_AddItemToArray(list, item);
	return STATUS_DONE;
}

static enum exit_status add_request(const struct args *a, struct cJSON *members)
{
	static const char *const texts[][2] = {
		{ "--as", "principalArn" },
		{ "--method", "method" },
		{ "--path", "path" },
		{ "--source-ip", "sourceIp" },
	};
	struct cJSON *headers = cJSON_AddArrayToObject(members, "headers");
	enum exit_status status = STATUS_DONE;
	const char *value;
	size_t at = 0;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		value = args_option(a, texts[i][0]);
		if (value)
			cJSON_AddStringToObject(members, texts[i][1], value);
	}
	while (status == STATUS_DONE && (value = args_next(a, "--header", &at)))
		status = add_header(a, value, headers);
	return status;
}

/* The members that say which request is meant. */
static enum exit_status add_members(struct session *s, const struct args *a, struct cJSON *members)
{
	const char *service = args_option(a, "--service"), *vpc = args_option(a, "--vpc");
	enum exit_status status;

	if (a->word_count) {
		if (a->option_count)
			return args_refuse(a, "a request that was made needs no options");
		cJSON_AddStringToObject(members, "requestId", a->words[0]);
		return STATUS_DONE;
	}
	if (!service)
		return args_refuse(a, "--service or the id of a request is needed");
	if (!args_option(a, "--as") == !args_option(a, "--anonymous"))
		return args_refuse(a, "one of --as and --anonymous is needed");
	status = resolve_into(s, &kind_service, service, NULL, NULL, members);
	if (status == STATUS_DONE && vpc)
		status = resolve_into(s, &kind_vpc, vpc, NULL, NULL, members);
	return status == STATUS_DONE ? add_request(a, members) : status;
}

enum exit_status run_explain(struct session *s, const struct args *a)
{
	struct cJSON *members = cJSON_CreateObject(), *answer = NULL;
	enum exit_status status = add_members(s, a, members);

	if (status != STATUS_DONE) {
		cJSON_Delete(members);
		return status;
	}
	status = session_call(s, a->word_count ? "ExplainRefusal" : "ExplainAccess", members,
			      &answer);
	if (status == STATUS_DONE && s->json)
		status = output_object(true, answer);
	else if (status == STATUS_DONE)
		say_all(answer);
	cJSON_Delete(answer);
	return status;
}
