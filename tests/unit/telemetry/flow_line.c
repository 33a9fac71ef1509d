/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/flow_line.c: AWS's formats, to the letter. */
#include "telemetry/flow_line.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct flow_place place = { .account = STR("123456789012"),
					 .region = STR("us-east-1"),
					 .vpc_id = STR("vpc-1"),
					 .service_id = STR("svc-1") };

static struct lattice_record record(enum lattice_record_kind kind)
{
	struct lattice_record r = { .kind = (uint8_t)kind,
				    .proto = 6,
				    .sport = htons(40000),
				    .dport = htons(80),
				    .time_ns = UINT64_C(1700000010500000000),
				    .duration_ns = UINT64_C(3000000000),
				    .bytes_in = 77,
				    .bytes_out = 1234 };

	r.saddr[2] = r.daddr[2] = htonl(0xffff);
	r.saddr[3] = htonl(0x0a000001);
	r.daddr[3] = htonl(0xa9feab07);
	return r;
}

static const char *lines_of(const char *format, const struct lattice_record *r)
{
	static char text[1024];
	struct flow_format f;
	struct buf to;

	assert_int_equal(flow_format_parse(str_of(format), &f), 0);
	buf_init(&to, sizeof(text));
	if (r)
		flow_line_write(&to, &f, &place, r);
	else
		flow_line_skipped(&to, &f, &place, UINT64_C(1700000000999));
	buf_add_char(&to, '\0');
	memcpy(text, to.p, buf_len(&to));
	buf_fini(&to);
	return text;
}

static void an_end_is_two_lines_of_the_default_format(void **state)
{
	struct lattice_record r = record(LATTICE_RECORD_END);

	(void)state;
	assert_string_equal(lines_of("default", &r),
			    "2 123456789012 - 10.0.0.1 169.254.171.7 40000 80 6 - 77 1700000007 "
			    "1700000010 ACCEPT OK\n"
			    "2 123456789012 - 169.254.171.7 10.0.0.1 80 40000 6 - 1234 1700000007 "
			    "1700000010 ACCEPT OK\n");
}

static void a_refusal_is_one_and_a_start_none(void **state)
{
	struct lattice_record r = record(LATTICE_RECORD_REFUSED);

	(void)state;
	r.duration_ns = 0;
	r.verdict = LATTICE_COUNTER_FILTERED;
	assert_string_equal(lines_of("${srcaddr} ${packets} ${bytes} ${action} ${tcp-flags} "
				     "${lattice-verdict} ${version}",
				     &r),
			    "10.0.0.1 1 - REJECT 2 filtered 3\n");
	r.kind = LATTICE_RECORD_START;
	assert_string_equal(lines_of("default", &r), "");
	r.kind = LATTICE_RECORD_REFUSED;
	r.verdict = 200;
	assert_string_equal(lines_of("lattice-verdict", &r), "-\n");
}

static void the_version_is_the_highest_of_the_fields(void **state)
{
	struct lattice_record r = record(LATTICE_RECORD_END);

	(void)state;
	r.saddr[0] = htonl(0x20010db8);
	assert_string_equal(lines_of("version,type,flow-direction,region,lattice-service-id", &r),
			    "5 IPv6 egress us-east-1 svc-1\n5 IPv6 ingress us-east-1 svc-1\n");
	assert_string_equal(lines_of("version srcaddr", &r),
			    "2 2001:db8::ffff:a00:1\n2 ::ffff:169.254.171.7\n");
}

static void what_was_lost_is_said(void **state)
{
	(void)state;
	assert_string_equal(lines_of("default", NULL),
			    "2 123456789012 - - - - - - - - 1700000000 1700000000 - SKIPDATA\n");
}

static void other_formats_are_refused(void **state)
{
	char many[FLOW_FIELDS_MAX * 6 + 16] = "";
	struct flow_format f;
	size_t i;

	(void)state;
	assert_int_equal(flow_format_parse(STR(""), &f), -EINVAL);
	assert_int_equal(flow_format_parse(STR(" ,"), &f), -EINVAL);
	assert_int_equal(flow_format_parse(STR("srcaddr colour"), &f), -EINVAL);
	assert_int_equal(flow_format_parse(STR("${srcaddr"), &f), -EINVAL);
	for (i = 0; i <= FLOW_FIELDS_MAX; i++)
		memcpy(many + i * 4, "end ", 4);
	assert_int_equal(flow_format_parse((struct str){ many, FLOW_FIELDS_MAX * 4 }, &f), 0);
	assert_int_equal(f.count, FLOW_FIELDS_MAX);
	assert_int_equal(flow_format_parse((struct str){ many, FLOW_FIELDS_MAX * 4 + 4 }, &f),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_is_two_lines_of_the_default_format),
		cmocka_unit_test(a_refusal_is_one_and_a_start_none),
		cmocka_unit_test(the_version_is_the_highest_of_the_fields),
		cmocka_unit_test(what_was_lost_is_said),
		cmocka_unit_test(other_formats_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
