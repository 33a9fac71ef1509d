/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/latticed/options.c: what the daemon may be asked, and how it says no. */
#include "latticed/options.c"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static char error[OPTIONS_ERROR_BYTES];

static int parse(struct options *o, const char *a, const char *b)
{
	char *argv[] = { (char *)"latticed", (char *)a, (char *)b, NULL };
	int argc = 1 + !!a + (a && b);

	error[0] = 0;
	return options_parse(o, argc, argv, error);
}

static void has_defaults_for_everything(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, NULL, NULL), 0);
	assert_string_equal(o.state_dir, "/var/lib/lattice");
	assert_string_equal(o.run_dir, "/run/lattice");
	assert_string_equal(o.log_dir, "/var/lib/lattice/logs");
	assert_int_equal(o.workers, 1);
	assert_int_equal(o.pool.bits, 24);
	assert_int_equal(o.steer, STEER_AUTO);
	assert_int_equal(o.plane_fd, -1);
	assert_int_equal(o.api_path_count, 0);
	assert_int_equal(o.api_tcp_count, 0);
}

static void reads_both_forms_of_an_option(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, "--workers", "4"), 0);
	assert_int_equal(o.workers, 4);
	assert_int_equal(parse(&o, "--pool=10.8.0.0/16", NULL), 0);
	assert_int_equal(o.pool.bits, 16);
	assert_int_equal(ntohl(o.pool.addr.s_addr), 0x0a080000);
	assert_int_equal(parse(&o, "--api", "unix:/tmp/x.sock"), 0);
	assert_int_equal(o.api_path_count, 1);
	assert_true(str_eq(o.api_paths[0], STR("/tmp/x.sock")));
	assert_int_equal(parse(&o, "--metrics", "[::1]:9000"), 0);
	assert_int_equal(o.metrics.family, AF_INET6);
	assert_int_equal(o.metrics.port, 9000);
	assert_int_equal(parse(&o, "--plane-fd", "5"), 0);
	assert_int_equal(o.plane_fd, 5);
}

static void a_ratio_is_parts_of_one(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, NULL, NULL), 0);
	assert_true(o.trace.ratio == 0);
	assert_int_equal(parse(&o, "--trace-sample", "0"), 0);
	assert_true(o.trace.ratio == 0);
	assert_int_equal(parse(&o, "--trace-sample", "1"), 0);
	assert_true(o.trace.ratio == TRACE_RATIO_ONE);
	assert_int_equal(parse(&o, "--trace-sample", "1.000"), 0);
	assert_true(o.trace.ratio == TRACE_RATIO_ONE);
	assert_int_equal(parse(&o, "--trace-sample", "0.25"), 0);
	assert_true(o.trace.ratio == TRACE_RATIO_ONE / 4);
	assert_int_equal(parse(&o, "--trace-sample", "0.000000001"), 0);
	assert_true(o.trace.ratio > 0 && o.trace.ratio < TRACE_RATIO_ONE / 900000000);
}

static void spans_have_a_path_of_their_own(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, NULL, NULL), 0);
	assert_false(o.trace.is_recorded);
	assert_int_equal(parse(&o, "--otlp", "http://127.0.0.1:4318"), 0);
	assert_true(o.trace.is_recorded);
	assert_true(str_eq(o.otlp.path, STR("/v1/traces")));
	assert_int_equal(o.otlp.addr.port, 4318);
	assert_int_equal(parse(&o, "--otlp", "http://127.0.0.1:4318/of/mine"), 0);
	assert_true(str_eq(o.otlp.path, STR("/of/mine")));
}

static void quotas_are_changed_one_by_one(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, NULL, NULL), 0);
	assert_int_equal(o.quotas.max[QUOTA_RULES_PER_LISTENER], 10);
	assert_int_equal(parse(&o, "--quota=rules-per-listener=20", "--quota=services=5"), 0);
	assert_int_equal(o.quotas.max[QUOTA_RULES_PER_LISTENER], 20);
	assert_int_equal(o.quotas.max[QUOTA_SERVICES], 5);
	assert_int_equal(parse(&o, "--quota=services=7,target-groups=9", NULL), 0);
	assert_int_equal(o.quotas.max[QUOTA_TARGET_GROUPS], 9);
	assert_int_equal(parse(&o, "--quota", "rules=20"), -EINVAL);
	assert_non_null(strstr(error, "names no quota"));
	assert_int_equal(parse(&o, "--quota", "services=0"), -EINVAL);
	assert_int_equal(parse(&o, "--quota", "services"), -EINVAL);
	assert_int_equal(parse(&o, "--quota", "listeners-per-service=50"), -EINVAL);
	assert_non_null(strstr(error, "20000"));
}

static void the_api_has_sockets_of_both_kinds(void **state)
{
	static const char eight[] =
		"unix:/1,unix:/2,unix:/3,unix:/4,unix:/5,unix:/6,unix:/7,unix:/8";
	struct options o;

	(void)state;
	setenv("LATTICED_API", "tcp:127.0.0.1:1", 1);
	assert_int_equal(parse(&o, "--api=unix:/tmp/a,tcp:[::1]:2", "--api=tcp:127.0.0.1:3"), 0);
	unsetenv("LATTICED_API");
	assert_int_equal(o.api_path_count, 1);
	assert_true(str_eq(o.api_paths[0], STR("/tmp/a")));
	assert_int_equal(o.api_tcp_count, 3);
	assert_int_equal(o.api_tcp[0].port, 1);
	assert_int_equal(o.api_tcp[1].family, AF_INET6);
	assert_int_equal(o.api_tcp[2].port, 3);
	assert_int_equal(parse(&o, "--api", eight), 0);
	assert_int_equal(o.api_path_count, OPTIONS_API_MAX);
	assert_int_equal(o.api_tcp_count, 0);
	setenv("LATTICED_API", "unix:/9", 1);
	assert_int_equal(parse(&o, "--api", eight), -EINVAL);
	unsetenv("LATTICED_API");
	assert_non_null(strstr(error, "one too many"));
	assert_int_equal(parse(&o, "--api", "unix:/a,"), -EINVAL);
	assert_int_equal(parse(&o, "--api", "unix:/a,tcp:1"), -EINVAL);
	assert_int_equal(parse(&o, "--api", ""), -EINVAL);
}

static void the_command_line_overrides_the_environment(void **state)
{
	struct options o;

	(void)state;
	setenv("LATTICED_LOG_LEVEL", "debug", 1);
	setenv("LATTICED_STEER", "nft", 1);
	setenv("LATTICED_PLANE_FD", "9", 1);
	assert_int_equal(parse(&o, "--steer", "kmod"), 0);
	assert_int_equal(o.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(o.steer, STEER_KMOD);
	assert_int_equal(o.plane_fd, -1);
	setenv("LATTICED_STEER", "magic", 1);
	assert_int_equal(parse(&o, NULL, NULL), -EINVAL);
	assert_string_equal(error, "LATTICED_STEER: 'magic' must be auto, kmod or nft");
	unsetenv("LATTICED_LOG_LEVEL");
	unsetenv("LATTICED_STEER");
	unsetenv("LATTICED_PLANE_FD");
}

static void refuses_wrong_values_naming_the_option(void **state)
{
	static const char *const cases[][2] = {
		{ "--workers", "0" },
		{ "--workers", "65" },
		{ "--workers", "-1" },
		{ "--state", "relative" },
		{ "--state", "" },
		{ "--account", "12345678901" },
		{ "--account", "12345678901x" },
		{ "--region", "US-EAST-1" },
		{ "--region", "" },
		{ "--pool", "169.254.171.0" },
		{ "--pool", "169.254.171.1/24" },
		{ "--pool", "10.0.0.0/7" },
		{ "--pool", "127.0.0.0/8" },
		{ "--pool", "224.0.0.0/8" },
		{ "--pool", "fd00::/24" },
		{ "--pool", "10.0.0.0/31" },
		{ "--pool", "169.254.0.0/16" },
		{ "--api", "tcp:127.0.0.1" },
		{ "--api", "tcp:127.0.0.1:0" },
		{ "--api", "unix:x" },
		{ "--log-level", "loud" },
		{ "--metrics", "127.0.0.1" },
		{ "--metrics", "127.0.0.1:0" },
		{ "--metrics", ":9000" },
		{ "--metrics", "::1:9000" },
		{ "--metrics", "[127.0.0.1]:9000" },
		{ "--metrics", "localhost:9000" },
		{ "--otlp", "" },
		{ "--otlp", "127.0.0.1:4318" },
		{ "--otlp", "ftp://127.0.0.1:4318" },
		{ "--otlp", "http://" },
		{ "--trace-sample", "" },
		{ "--trace-sample", "2" },
		{ "--trace-sample", "1.000000001" },
		{ "--trace-sample", "0." },
		{ "--trace-sample", ".5" },
		{ "--trace-sample", "0.0000000001" },
		{ "--trace-sample", "0.5x" },
		{ "--trace-sample", "-0.5" },
		{ "--trace-sample", "1e-3" },
		{ "--trace-sample", "5%" },
		{ "--plane-fd", "2" },
	};
	struct options o;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse(&o, cases[i][0], cases[i][1]), -EINVAL);
		assert_int_equal(strncmp(error, cases[i][0], strlen(cases[i][0])), 0);
		assert_null(strchr(error, '\n'));
	}
}

static void refuses_what_is_no_option(void **state)
{
	struct options o;

	(void)state;
	assert_int_equal(parse(&o, "--frobnicate", "1"), -EINVAL);
	assert_string_equal(error, "no such option: --frobnicate; see --help");
	assert_int_equal(parse(&o, "start", NULL), -EINVAL);
	assert_int_equal(parse(&o, "--workers", NULL), -EINVAL);
	assert_string_equal(error, "--workers needs a value: N");
}

static void help_lists_all_but_what_is_private(void **state)
{
	struct options o;
	struct buf b;

	(void)state;
	assert_int_equal(parse(&o, "--help", NULL), 0);
	assert_true(o.wants_help);
	buf_init(&b, 8192);
	options_write_help(&b);
	buf_add_char(&b, 0);
	assert_false(b.failed);
	assert_non_null(strstr(buf_str(&b).p, "LATTICED_LOG_LEVEL"));
	assert_null(strstr(buf_str(&b).p, "plane-fd"));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_defaults_for_everything),
		cmocka_unit_test(reads_both_forms_of_an_option),
		cmocka_unit_test(a_ratio_is_parts_of_one),
		cmocka_unit_test(spans_have_a_path_of_their_own),
		cmocka_unit_test(quotas_are_changed_one_by_one),
		cmocka_unit_test(the_api_has_sockets_of_both_kinds),
		cmocka_unit_test(the_command_line_overrides_the_environment),
		cmocka_unit_test(refuses_wrong_values_naming_the_option),
		cmocka_unit_test(refuses_what_is_no_option),
		cmocka_unit_test(help_lists_all_but_what_is_private),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
