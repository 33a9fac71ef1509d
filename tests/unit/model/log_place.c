/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/model/log_place.c: what destinations stand for. */
#include "model/log_place.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char file[LOG_FILE_NAME_MAX + 1];

static void an_arn_of_aws_is_a_file(void **state)
{
	static const struct {
		const char *arn;
		enum log_type type;
		const char *file;
	} cases[] = {
		{ "arn:aws:logs:us-east-1:123456789012:log-group:cart", LOG_TYPE_CLOUDWATCH,
		  "cloudwatch-cart.log" },
		{ "arn:aws:logs:us-east-1:123456789012:log-group:/aws/cart:*", LOG_TYPE_CLOUDWATCH,
		  "cloudwatch-%2Faws%2Fcart.log" },
		{ "arn:aws:s3:::bucket", LOG_TYPE_S3, "s3-bucket.log" },
		{ "arn:aws-cn:s3:::bucket/a/b", LOG_TYPE_S3, "s3-bucket%2Fa%2Fb.log" },
		{ "arn:aws:firehose:eu-west-1:123456789012:deliverystream/x_Y", LOG_TYPE_FIREHOSE,
		  "firehose-x_Y.log" },
		{ "arn:aws:s3:::a%b", LOG_TYPE_S3, "s3-a%25b.log" },
		{ "arn:aws:s3:::../x", LOG_TYPE_S3, "s3-..%2Fx.log" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(log_arn_parse(str_of(cases[i].arn), file), cases[i].type);
		assert_string_equal(file, cases[i].file);
		assert_true(log_file_name_is_valid(str_of(file)));
	}
}

static void other_arns_are_none(void **state)
{
	static const char *const arns[] = {
		"",
		"arn",
		"arn:aws:s3::",
		"arn:aws:s3:::",
		"nra:aws:s3:::bucket",
		"arn::s3:::bucket",
		"arn:aws:sqs:us-east-1:123456789012:queue",
		"arn:aws:logs:us-east-1:123456789012:log-group:",
		"arn:aws:logs:us-east-1:123456789012:log-stream:x",
		"arn:aws:firehose:us-east-1:123456789012:deliverystream/",
		"arn:aws:vpc-lattice:us-east-1:123456789012:logdestination/ld-0123456789abcdef0",
	};
	char text[LOG_FILE_NAME_MAX + 32] = "arn:aws:s3:::";
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(arns); i++)
		assert_int_equal(log_arn_parse(str_of(arns[i]), file), LOG_TYPE_NONE);
	memset(text + 13, 'a', LOG_FILE_NAME_MAX);
	assert_int_equal(log_arn_parse((struct str){ text, 13 + 220 }, file), LOG_TYPE_S3);
	assert_true(strlen(file) <= LOG_FILE_NAME_MAX);
	assert_int_equal(log_arn_parse((struct str){ text, 13 + LOG_FILE_NAME_MAX }, file),
			 LOG_TYPE_NONE);
	memset(text + 13, '/', 100);
	assert_int_equal(log_arn_parse((struct str){ text, 13 + 100 }, file), LOG_TYPE_NONE);
}

static void a_file_has_a_plain_name(void **state)
{
	char longest[LOG_FILE_NAME_MAX + 1];

	(void)state;
	assert_true(log_file_name_is_valid(STR("cart.log")));
	assert_false(log_file_name_is_valid(STR("")));
	assert_false(log_file_name_is_valid(STR(".cart")));
	assert_false(log_file_name_is_valid(STR("..")));
	assert_false(log_file_name_is_valid(STR("a/b")));
	assert_false(log_file_name_is_valid(STR("a b")));
	assert_false(log_file_name_is_valid(STR("a\0b")));
	memset(longest, 'a', sizeof(longest));
	assert_true(log_file_name_is_valid((struct str){ longest, LOG_FILE_NAME_MAX }));
	assert_false(log_file_name_is_valid((struct str){ longest, LOG_FILE_NAME_MAX + 1 }));
}

static void a_url_names_a_host(void **state)
{
	static const struct {
		const char *url, *addr, *authority, *path;
	} cases[] = {
		{ "http://10.0.0.1", "10.0.0.1:80", "10.0.0.1", "/" },
		{ "http://10.0.0.1:4318/v1/traces", "10.0.0.1:4318", "10.0.0.1:4318",
		  "/v1/traces" },
		{ "http://[fd00::1]/a?b=c", "[fd00::1]:80", "[fd00::1]", "/a?b=c" },
		{ "http://[::1]:9", "[::1]:9", "[::1]:9", "/" },
		{ "https://10.0.0.1/", "10.0.0.1:443", "10.0.0.1", "/" },
		{ "https://collector.example:4318/v1/logs?x", "", "collector.example:4318",
		  "/v1/logs?x" },
	};
	static const char *const wrong[] = {
		"",
		"10.0.0.1",
		"http://",
		"http:///x",
		"http://collector../",
		"http://10.0.0.1:",
		"http://10.0.0.1:0/",
		"http://10.0.0.1:65536/",
		"http://10.0.0.1:80x/",
		"http://fd00::1/",
		"http://[fd00::1/",
		"http://[fd00::1]x/",
		"http://[10.0.0.1]/",
		"http://u@10.0.0.1/",
		"http://10.0.0.1/a b",
		"http://10.0.0.1/a\r\nb",
		"http://10.0.0.1/#a",
	};
	char text[SOCK_ADDR_TEXT_MAX];
	struct log_url u;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(log_url_parse(str_of(cases[i].url), &u), 0);
		assert_true(str_eq(sock_addr_write(&u.addr, text), str_of(cases[i].addr)));
		assert_true(str_eq(u.authority, str_of(cases[i].authority)));
		assert_true(str_eq(u.path, str_of(cases[i].path)));
	}
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(log_url_parse(str_of(wrong[i]), &u), -EINVAL);
}

static void subscriptions_are_found_by_resource(void **state)
{
	struct log_subscription at[] = {
		{ .resource_id = STR("sn-1"), .number = 2 },
		{ .resource_id = STR("svc-1"), .number = 1 },
		{ .resource_id = STR("svc-1"), .number = 3 },
		{ .resource_id = STR("svc-11"), .number = 4 },
	};
	const struct log_subscriptions s = { at, ARRAY_SIZE(at) }, none = { NULL, 0 };
	size_t n;

	(void)state;
	assert_ptr_equal(log_subscriptions_find(&s, STR("sn-1"), &n), &at[0]);
	assert_int_equal(n, 1);
	assert_ptr_equal(log_subscriptions_find(&s, STR("svc-1"), &n), &at[1]);
	assert_int_equal(n, 2);
	assert_ptr_equal(log_subscriptions_find(&s, STR("svc-11"), &n), &at[3]);
	assert_int_equal(n, 1);
	assert_null(log_subscriptions_find(&s, STR("svc"), &n));
	assert_null(log_subscriptions_find(&s, STR("svc-2"), &n));
	assert_null(log_subscriptions_find(&s, (struct str){ 0 }, &n));
	assert_null(log_subscriptions_find(&none, STR("sn-1"), &n));
	assert_int_equal(n, 0);
	assert_true(log_subscription_cmp(&at[1], &at[2]) < 0);
	assert_true(log_subscription_cmp(&at[3], &at[2]) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arn_of_aws_is_a_file),
		cmocka_unit_test(other_arns_are_none),
		cmocka_unit_test(a_file_has_a_plain_name),
		cmocka_unit_test(a_url_names_a_host),
		cmocka_unit_test(subscriptions_are_found_by_resource),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
