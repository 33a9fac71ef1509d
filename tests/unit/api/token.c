/* SPDX-License-Identifier: Apache-2.0 */
/* Requests with a clientToken: done once, answered as often as they are asked. */
#include "api/token.c"

#include "conversation.h"

static void a_repeat_gets_the_first_answer(void **state)
{
	struct fixture *f = *state;
	char id[64];

	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\",\"clientToken\":\"t1\"}"),
			 201);
	keep_id(f, id);
	assert_int_equal(ask(f, "POST", "/services", "{\"clientToken\":\"t1\",\"name\":\"cart\"}"),
			 201);
	assert_string_equal(text(f, "id"), id);
	assert_string_equal(text(f, "status"), "CREATE_IN_PROGRESS");
	assert_int_equal(f->changes, 1);
	assert_int_equal(ask(f, "GET", "/services", ""), 200);
	assert_int_equal(items(f), 1);
}

static void the_memory_survives_a_restart(void **state)
{
	struct fixture *f = *state;
	char id[64];

	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\",\"clientToken\":\"t1\"}"),
			 201);
	keep_id(f, id);
	store_close(f->s);
	open_store(f);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\",\"clientToken\":\"t1\"}"),
			 201);
	assert_string_equal(text(f, "id"), id);
}

static void a_token_is_for_one_request_only(void **state)
{
	struct fixture *f = *state;

	build_all(f);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"one\",\"clientToken\":\"t1\"}"),
			 201);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"two\",\"clientToken\":\"t1\"}"),
			 400);
	assert_non_null(strstr(text(f, "message"), "clientToken"));
	/* Another operation may use the same token. */
	assert_int_equal(
		ask(f, "POST", "/servicenetworks", "{\"name\":\"one\",\"clientToken\":\"t1\"}"),
		201);
	/* So the path counts, too. */
	assert_int_equal(ask(f, "POST", fmt("/services/%s/listeners", f->service),
			     "{\"name\":\"two\",\"protocol\":\"HTTP\",\"port\":81,"
			     "\"clientToken\":\"t2\","
			     "\"defaultAction\":{\"fixedResponse\":{\"statusCode\":404}}}"),
			 201);
	assert_int_equal(ask(f, "POST", "/services/svc-0123456789abcdef0/listeners",
			     "{\"name\":\"two\",\"protocol\":\"HTTP\",\"port\":81,"
			     "\"clientToken\":\"t2\","
			     "\"defaultAction\":{\"fixedResponse\":{\"statusCode\":404}}}"),
			 400);
}

static void a_refusal_is_not_remembered(void **state)
{
	struct fixture *f = *state;
	char id[64];

	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\"}"), 201);
	keep_id(f, id);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\",\"clientToken\":\"t1\"}"),
			 409);
	assert_int_equal(ask(f, "DELETE", fmt("/services/%s", id), ""), 200);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\",\"clientToken\":\"t1\"}"),
			 201);
}

static void old_tokens_are_forgotten(void **state)
{
	struct fixture *f = *state;
	struct store_token t = { STR("123456789012"), STR("CreateService"),
				 STR("t1"),	      STR("{}"),
				 STR("{}"),	      5 };
	struct fault fault;
	struct arena a;

	arena_init(&a, 1 << 16);
	assert_int_equal(store_begin(f->s, true, &fault), 0);
	assert_int_equal(store_remember(f->s, &t, 0, &fault), 0);
	assert_int_equal(store_end(f->s, true, &fault), 0);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"cart\",\"clientToken\":\"t1\"}"),
			 201);
	t.token = STR("t2");
	assert_int_equal(store_begin(f->s, true, &fault), 0);
	assert_int_equal(store_remember(f->s, &t, 0, &fault), 0);
	assert_int_equal(store_end(f->s, true, &fault), 0);
	assert_int_equal(ask(f, "POST", "/services", "{\"name\":\"shop\",\"clientToken\":\"t3\"}"),
			 201);
	assert_int_equal(store_recall(f->s, &t, &a, &fault), 0);
	assert_int_equal(t.request.n, 0);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_repeat_gets_the_first_answer),  CASE(the_memory_survives_a_restart),
		CASE(a_token_is_for_one_request_only), CASE(a_refusal_is_not_remembered),
		CASE(old_tokens_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
