/* SPDX-License-Identifier: Apache-2.0 */
/* The head of Lambda's Invoke, and that no secret of it outlives the signature. */
#include "proxy/lambda_invoke.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define ARN "arn:aws:lambda:us-east-1:123456789012:function:f:live"

static const unsigned char vault_key[VAULT_KEY_BYTES] = "0123456789abcdef0123456789abcde";

struct stage {
	struct vault *vault;
	struct arena arena;
	struct snap_signing signing;
	struct snap_function function;
	struct snap_target target;
	struct lambda_invoke invoke;
	struct buf out;
};

static int set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));

	arena_init(&s->arena, 1 << 20);
	buf_init(&s->out, 1 << 16);
	s->vault = vault_new(vault_key);
	s->signing = (struct snap_signing){
		.key_id = STR("AKID"),
		.region = STR("us-east-1"),
		.secret = vault_seal(s->vault, &s->arena, STR("fn-1"), STR("SECRETSECRET")),
		.secret_label = STR("fn-1"),
	};
	s->function = (struct snap_function){ .host = STR("h:1"), .name = STR("h") };
	s->target.function = &s->function;
	s->target.function_arn = STR(ARN);
	s->invoke = (struct lambda_invoke){
		.target = &s->target, .event = STR("{}"), .vault = s->vault, .now = 1714979289
	};
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	vault_close(s->vault);
	arena_fini(&s->arena);
	buf_fini(&s->out);
	free(s);
	return 0;
}

static const char *written(struct stage *s)
{
	buf_add_char(&s->out, '\0');
	assert_false(s->out.failed);
	return buf_str(&s->out).p;
}

static void an_arn_is_one_segment(void **state)
{
	struct stage *s = *state;

	s->function.path_prefix = STR("/base");
	assert_true(lambda_invoke_write(&s->invoke, &s->out));
	assert_string_equal(written(s),
			    "POST /base/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A"
			    "123456789012%3Afunction%3Af%3Alive/invocations HTTP/1.1\r\n"
			    "host: h:1\r\n"
			    "content-type: application/json\r\n"
			    "x-amz-invocation-type: RequestResponse\r\n"
			    "content-length: 2\r\n\r\n");
}

static void a_whole_path_is_left_alone(void **state)
{
	struct stage *s = *state;

	s->function.path_prefix = STR("/2015-03-31/functions/function/invocations");
	s->function.is_whole_path = true;
	assert_true(lambda_invoke_write(&s->invoke, &s->out));
	assert_non_null(strstr(written(s), "POST /2015-03-31/functions/function/invocations HTTP"));
}

static void signs_for_the_region_of_the_function(void **state)
{
	struct stage *s = *state;
	const char *text;

	s->function.signing = &s->signing;
	s->signing.token = vault_seal(s->vault, &s->arena, STR("fn-1/token"), STR("TOKENTOKEN"));
	s->signing.token_label = STR("fn-1/token");
	assert_true(lambda_invoke_write(&s->invoke, &s->out));
	text = written(s);
	assert_non_null(strstr(text, "\r\nauthorization: AWS4-HMAC-SHA256 Credential=AKID/20240506/"
				     "us-east-1/lambda/aws4_request, SignedHeaders=host;"
				     "x-amz-content-sha256;x-amz-date;x-amz-security-token, "));
	assert_non_null(strstr(text, "\r\nx-amz-security-token: TOKENTOKEN\r\n"));
	assert_null(strstr(text, "SECRETSECRET"));
}

static void what_cannot_be_unsealed_is_not_sent(void **state)
{
	struct stage *s = *state;

	s->function.signing = &s->signing;
	s->signing.secret_label = STR("fn-2");
	assert_false(lambda_invoke_write(&s->invoke, &s->out));
	s->signing.secret_label = STR("fn-1");
	s->signing.token = s->signing.secret;
	s->signing.token_label = STR("fn-1/token");
	assert_false(lambda_invoke_write(&s->invoke, &s->out));
	s->signing.token = (struct str){ 0 };
	s->invoke.vault = NULL;
	assert_false(lambda_invoke_write(&s->invoke, &s->out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_arn_is_one_segment, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_whole_path_is_left_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(signs_for_the_region_of_the_function, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_unsealed_is_not_sent, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
