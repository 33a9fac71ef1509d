/* SPDX-License-Identifier: Apache-2.0 */
/* Rules: made, read, changed one by one and together, and gone with their listener. */
#include "api/rules.c"

#include "conversation.h"

#define PREFIX(path) "{\"httpMatch\":{\"pathMatch\":{\"match\":{\"prefix\":\"" path "\"}}}}"
#define FIXED	     "{\"fixedResponse\":{\"statusCode\":404}}"

static const char *rules_path(const struct fixture *f)
{
	return fmt("/services/%s/listeners/%s/rules", f->service, f->listener);
}

static const char *rule_path(const struct fixture *f, const char *id)
{
	return fmt("/services/%s/listeners/%s/rules/%s", f->service, f->listener, id);
}

static unsigned add_rule(struct fixture *f, const char *name, int priority, const char *action)
{
	return ask(f, "POST", rules_path(f),
		   fmt("{\"name\":\"%s\",\"priority\":%d,\"match\":" PREFIX("/a") ",\"action\":%s}",
		       name, priority, action));
}

static int length(const struct fixture *f, const char *name)
{
	return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(f->json, name));
}

static const cJSON *entry(const struct fixture *f, const char *name, int at)
{
	return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(f->json, name), at);
}

static double number(const struct fixture *f, const char *name)
{
	return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(f->json, name));
}

static void a_rule_is_made_read_and_deleted(void **state)
{
	struct fixture *f = *state;
	struct snapshot *s;
	struct fault fault;
	char id[64];

	build_all(f);
	f->changes = 0;
	assert_int_equal(add_rule(f, "beta", 10,
				  fmt("{\"forward\":{\"targetGroups\":"
				      "[{\"targetGroupIdentifier\":\"%s\"}]}}",
				      f->group)),
			 201);
	assert_int_equal(f->changes, 1);
	keep_id(f, id);
	assert_true(id_is_valid(KIND_RULE, str_of(id)));
	assert_non_null(strstr(text(f, "arn"), fmt("/listener/%s/rule/%s", f->listener, id)));
	assert_int_equal(number(f, "priority"), 10);
	assert_int_equal(ask(f, "GET", rule_path(f, id), ""), 200);
	assert_string_equal(text(f, "name"), "beta");
	assert_true(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(f->json, "isDefault")));
	assert_int_equal(strlen(text(f, "lastUpdatedAt")), 24);
	assert_int_equal(snapshot_compile(f->s, 1, &s, &fault), 0);
	assert_int_equal(snapshot_find_service(s, 1)->listeners[0].rule_count, 1);
	assert_int_equal(
		snapshot_find_service(s, 1)->listeners[0].rules[0].action.forward[0].weight, 100);
	snapshot_put(s);
	assert_int_equal(ask(f, "DELETE", rule_path(f, id), ""), 204);
	assert_int_equal(ask(f, "GET", rule_path(f, id), ""), 404);
	assert_string_equal(text(f, "resourceType"), "RULE");
}

static void the_default_rule_is_the_listeners_action(void **state)
{
	struct fixture *f = *state;
	char id[64];

	build_all(f);
	assert_int_equal(ask(f, "GET", rules_path(f), ""), 200);
	assert_int_equal(items(f), 1);
	assert_true(
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(entry(f, "items", 0), "isDefault")));
	snprintf(id, sizeof(id), "%s", json_get_str(entry(f, "items", 0), "id").p);
	assert_int_equal(ask(f, "GET", rule_path(f, id), ""), 200);
	assert_string_equal(text(f, "name"), "default");
	assert_true(cJSON_HasObjectItem(cJSON_GetObjectItemCaseSensitive(f->json, "action"),
					"forward"));
	assert_int_equal(ask(f, "PATCH", rule_path(f, id), "{\"priority\":3}"), 400);
	assert_int_equal(ask(f, "DELETE", rule_path(f, id), ""), 400);
	assert_int_equal(add_rule(f, "default", 3, FIXED), 409);
}

static void lists_end_with_the_default_rule(void **state)
{
	struct fixture *f = *state;
	char token[64];

	build_all(f);
	assert_int_equal(add_rule(f, "one", 1, FIXED), 201);
	assert_int_equal(add_rule(f, "two", 2, FIXED), 201);
	assert_int_equal(ask(f, "GET", fmt("%s?maxResults=2", rules_path(f)), ""), 200);
	assert_int_equal(items(f), 2);
	snprintf(token, sizeof(token), "%s", text(f, "nextToken"));
	assert_int_equal(
		ask(f, "GET", fmt("%s?maxResults=2&nextToken=%s", rules_path(f), token), ""), 200);
	assert_int_equal(items(f), 1);
	assert_string_equal(text(f, "nextToken"), "");
	assert_string_equal(json_get_str(entry(f, "items", 0), "name").p, "default");
	assert_int_equal(ask(f, "GET", rules_path(f), ""), 200);
	assert_int_equal(items(f), 3);
}

static void names_and_priorities_are_unique_in_a_listener(void **state)
{
	struct fixture *f = *state;
	char id[64];

	build_all(f);
	assert_int_equal(add_rule(f, "one", 1, FIXED), 201);
	assert_int_equal(add_rule(f, "one", 2, FIXED), 409);
	assert_int_equal(add_rule(f, "two", 1, FIXED), 409);
	assert_non_null(strstr(text(f, "message"), "priority 1 already exists"));
	assert_int_equal(add_rule(f, "two", 2, FIXED), 201);
	keep_id(f, id);
	assert_int_equal(ask(f, "PATCH", rule_path(f, id), "{\"priority\":1}"), 409);
	assert_int_equal(ask(f, "GET", rule_path(f, id), ""), 200);
	assert_int_equal(number(f, "priority"), 2);
	assert_int_equal(ask(f, "PATCH", rule_path(f, id), "{\"priority\":2}"), 200);
	assert_int_equal(ask(f, "PATCH", rule_path(f, id), "{\"priority\":100}"), 200);
	assert_int_equal(number(f, "priority"), 100);
}

static void an_update_changes_only_what_it_names(void **state)
{
	struct fixture *f = *state;
	char id[64];

	build_all(f);
	assert_int_equal(add_rule(f, "one", 1, FIXED), 201);
	keep_id(f, id);
	assert_int_equal(ask(f, "PATCH", rule_path(f, id),
			     fmt("{\"action\":{\"forward\":{\"targetGroups\":"
				 "[{\"targetGroupIdentifier\":\"%s\",\"weight\":7}]}}}",
				 f->group)),
			 200);
	assert_int_equal(number(f, "priority"), 1);
	assert_true(cJSON_HasObjectItem(cJSON_GetObjectItemCaseSensitive(f->json, "match"),
					"httpMatch"));
	assert_int_equal(ask(f, "PATCH", rule_path(f, id),
			     "{\"match\":{\"httpMatch\":{\"method\":\"PUT\"}}}"),
			 200);
	assert_true(cJSON_HasObjectItem(cJSON_GetObjectItemCaseSensitive(f->json, "action"),
					"forward"));
	/* The rule alone holds the group now. */
	assert_int_equal(ask(f, "PATCH", fmt("/services/%s/listeners/%s", f->service, f->listener),
			     "{\"defaultAction\":" FIXED "}"),
			 200);
	assert_int_equal(ask(f, "GET", fmt("/targetgroups/%s", f->group), ""), 200);
	assert_int_equal(length(f, "serviceArns"), 1);
	assert_int_equal(ask(f, "DELETE", fmt("/targetgroups/%s", f->group), ""), 409);
	assert_int_equal(ask(f, "PATCH", rule_path(f, id), "{\"action\":" FIXED "}"), 200);
	assert_int_equal(ask(f, "DELETE", fmt("/targetgroups/%s", f->group), ""), 200);
}

static void a_batch_swaps_priorities(void **state)
{
	struct fixture *f = *state;
	char one[64], two[64];

	build_all(f);
	assert_int_equal(add_rule(f, "one", 1, FIXED), 201);
	keep_id(f, one);
	assert_int_equal(add_rule(f, "two", 2, FIXED), 201);
	keep_id(f, two);
	assert_int_equal(ask(f, "PATCH", rules_path(f),
			     fmt("{\"rules\":[{\"ruleIdentifier\":\"%s\",\"priority\":2},"
				 "{\"ruleIdentifier\":\"%s\",\"priority\":1}]}",
				 one, two)),
			 200);
	assert_int_equal(length(f, "successful"), 2);
	assert_int_equal(length(f, "unsuccessful"), 0);
	assert_int_equal(ask(f, "GET", rule_path(f, one), ""), 200);
	assert_int_equal(number(f, "priority"), 2);
}

static void a_batch_with_one_bad_rule_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char one[64], two[64];

	build_all(f);
	assert_int_equal(add_rule(f, "one", 1, FIXED), 201);
	keep_id(f, one);
	assert_int_equal(add_rule(f, "two", 2, FIXED), 201);
	keep_id(f, two);
	f->changes = 0;
	assert_int_equal(ask(f, "PATCH", rules_path(f),
			     fmt("{\"rules\":[{\"ruleIdentifier\":\"%s\",\"priority\":9},"
				 "{\"ruleIdentifier\":\"%s\",\"priority\":9},"
				 "{\"ruleIdentifier\":\"rule-00000000000000000\"}]}",
				 one, two)),
			 200);
	assert_int_equal(length(f, "successful"), 0);
	assert_int_equal(length(f, "unsuccessful"), 3);
	assert_string_equal(json_get_str(entry(f, "unsuccessful", 0), "failureCode").p,
			    "BatchCancelled");
	assert_string_equal(json_get_str(entry(f, "unsuccessful", 1), "failureCode").p,
			    "ConflictException");
	assert_string_equal(json_get_str(entry(f, "unsuccessful", 2), "failureCode").p,
			    "ResourceNotFoundException");
	assert_int_equal(f->changes, 0);
	assert_int_equal(ask(f, "GET", rule_path(f, one), ""), 200);
	assert_int_equal(number(f, "priority"), 1);
}

static void a_batch_names_each_rule_once(void **state)
{
	struct fixture *f = *state;
	char one[64];

	build_all(f);
	assert_int_equal(add_rule(f, "one", 1, FIXED), 201);
	keep_id(f, one);
	assert_int_equal(ask(f, "PATCH", rules_path(f),
			     fmt("{\"rules\":[{\"ruleIdentifier\":\"%s\",\"priority\":9},"
				 "{\"ruleIdentifier\":\"%s\",\"priority\":8}]}",
				 one, one)),
			 200);
	assert_int_equal(length(f, "unsuccessful"), 2);
	assert_int_equal(ask(f, "PATCH", rules_path(f), "{\"rules\":[]}"), 400);
	assert_int_equal(
		ask(f, "PATCH", rules_path(f),
		    fmt("{\"rules\":[{\"ruleIdentifier\":\"%s\",\"priority\":101}]}", one)),
		400);
}

static void refuses_what_no_rule_can_be(void **state)
{
	static const char *const bad[] = {
		"{\"name\":\"rule-x\",\"priority\":1,\"match\":" PREFIX("/") ",\"action\":" FIXED
									     "}",
		"{\"name\":\"one\",\"priority\":0,\"match\":" PREFIX("/") ",\"action\":" FIXED "}",
		"{\"name\":\"one\",\"priority\":101,\"match\":" PREFIX("/") ",\"action\":" FIXED
									    "}",
		"{\"name\":\"one\",\"match\":" PREFIX("/") ",\"action\":" FIXED "}",
		"{\"name\":\"one\",\"priority\":1,\"action\":" FIXED "}",
		"{\"name\":\"one\",\"priority\":1,\"match\":" PREFIX("a") ",\"action\":" FIXED "}",
		"{\"name\":\"one\",\"priority\":1,\"match\":{},\"action\":" FIXED "}",
		"{\"name\":\"one\",\"priority\":1,\"match\":" PREFIX("/a b") ",\"action\":" FIXED
									     "}",
		"{\"name\":\"one\",\"priority\":1,\"match\":" PREFIX("/") ",\"action\":{}}",
		"{\"name\":\"one\",\"priority\":1,\"match\":{\"httpMatch\":{\"method\":\"G T\"}},"
		"\"action\":" FIXED "}",
		"{\"name\":\"one\",\"priority\":1,\"match\":{\"httpMatch\":{\"headerMatches\":[]}},"
		"\"action\":" FIXED "}",
		"{\"name\":\"one\",\"priority\":1,\"match\":{\"httpMatch\":{\"headerMatches\":"
		"[{\"name\":\"a:\",\"match\":{\"exact\":\"x\"}}]}},\"action\":" FIXED "}",
		"{\"name\":\"one\",\"priority\":1,\"match\":{\"httpMatch\":{\"headerMatches\":"
		"[{\"name\":\"a\",\"match\":{\"exact\":\"x\",\"prefix\":\"y\"}}]}},"
		"\"action\":" FIXED "}",
	};
	struct fixture *f = *state;
	size_t i;

	build_all(f);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(ask(f, "POST", rules_path(f), bad[i]), 400);
		assert_string_equal(text(f, "reason"), "fieldValidationFailed");
	}
	assert_int_equal(add_rule(f, "one", 1,
				  fmt("{\"forward\":{\"targetGroups\":["
				      "{\"targetGroupIdentifier\":\"%s\"},"
				      "{\"targetGroupIdentifier\":\"%s\",\"weight\":1}]}}",
				      f->group, f->group)),
			 400);
	assert_int_equal(ask(f, "GET", rules_path(f), ""), 200);
	assert_int_equal(items(f), 1);
}

static void a_listener_has_ten_rules_at_most(void **state)
{
	struct fixture *f = *state;
	int i;

	build_all(f);
	for (i = 1; i <= 10; i++)
		assert_int_equal(add_rule(f, fmt("rule%d", i), i, FIXED), 201);
	assert_int_equal(add_rule(f, "rule11", 11, FIXED), 402);
	assert_string_equal(text(f, "quotaCode"), "L-CF78395E");
}

static void rules_go_with_their_listener(void **state)
{
	struct fixture *f = *state;
	char id[64];

	build_all(f);
	assert_int_equal(add_rule(f, "one", 1, FIXED), 201);
	keep_id(f, id);
	assert_int_equal(
		ask(f, "DELETE", fmt("/services/%s/listeners/%s", f->service, f->listener), ""),
		204);
	assert_int_equal(ask(f, "GET", rule_path(f, id), ""), 404);
	assert_int_equal(ask(f, "DELETE", fmt("/targetgroups/%s", f->group), ""), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_rule_is_made_read_and_deleted),
		CASE(the_default_rule_is_the_listeners_action),
		CASE(lists_end_with_the_default_rule),
		CASE(names_and_priorities_are_unique_in_a_listener),
		CASE(an_update_changes_only_what_it_names),
		CASE(a_batch_swaps_priorities),
		CASE(a_batch_with_one_bad_rule_changes_nothing),
		CASE(a_batch_names_each_rule_once),
		CASE(refuses_what_no_rule_can_be),
		CASE(a_listener_has_ten_rules_at_most),
		CASE(rules_go_with_their_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
