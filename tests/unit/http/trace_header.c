/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/http/trace_header.c: which trace a request is part of, in either spelling. */
#include "http/trace_header.c"

#include "base/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define TRACE  "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"
#define ROOT   "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736"

static const struct trace_context known = { UINT64_C(0x4bf92f3577b34da6),
					    UINT64_C(0xa3ce929d0e0e4736),
					    UINT64_C(0x00f067aa0ba902b7), TRACE_SAMPLED };

static bool is_known(const struct trace_context *t)
{
	return t->id_hi == known.id_hi && t->id_lo == known.id_lo && t->parent == known.parent &&
	       t->sampling == known.sampling;
}

/* Each byte in memory of its own, so that a sanitizer sees what reads too far. */
static bool parse(bool (*how)(struct str, struct trace_context *), const char *text,
		  struct trace_context *ret)
{
	size_t n = strlen(text);
	char *p = malloc(n + !n);
	bool is_good;

	assert_non_null(p);
	memcpy(p, text, n);
	is_good = how((struct str){ p, n }, ret);
	free(p);
	return is_good;
}

static void a_traceparent_is_read(void **state)
{
	static const struct {
		const char *text;
		enum trace_sampling sampling;
	} cases[] = {
		{ "00-" TRACE "-" PARENT "-01", TRACE_SAMPLED },
		{ "00-" TRACE "-" PARENT "-00", TRACE_NOT_SAMPLED },
		{ "00-" TRACE "-" PARENT "-03", TRACE_SAMPLED }, /* flags of the future */
		{ "00-" TRACE "-" PARENT "-fe", TRACE_NOT_SAMPLED },
		{ "01-" TRACE "-" PARENT "-01", TRACE_SAMPLED }, /* versions of the future */
		{ "cc-" TRACE "-" PARENT "-00-what-the-future-will-be", TRACE_NOT_SAMPLED },
		{ "fe-" TRACE "-" PARENT "-01-", TRACE_SAMPLED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct trace_context t;

		assert_true(parse(trace_header_parse_w3c, cases[i].text, &t));
		assert_true(t.id_hi == known.id_hi && t.id_lo == known.id_lo);
		assert_true(t.parent == known.parent);
		assert_int_equal(t.sampling, cases[i].sampling);
	}
}

static void what_is_no_traceparent_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"00",
		"00-" TRACE "-" PARENT "-0",	   /* too short */
		"00-" TRACE "-" PARENT,		   /* no flags */
		"00-" TRACE "-" PARENT "-010",	   /* too long */
		"00-" TRACE "-" PARENT "-01-more", /* version 00 has no more */
		"00-" TRACE "-" PARENT "-01 ",	   /* the caller trims */
		" 0-" TRACE "-" PARENT "-01",	   /* no digit */
		"ff-" TRACE "-" PARENT "-01",	   /* the version that is none */
		"0A-" TRACE "-" PARENT "-01",	   /* capitals */
		"01-" TRACE "-" PARENT "-01.more", /* not set off */
		"cc-" TRACE "-" PARENT "-0",	   /* no version is shorter */
		"00-00000000000000000000000000000000-" PARENT "-01",
		"00-" TRACE "-0000000000000000-01", /* no parent */
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01",
		"00-" TRACE "-00F067AA0BA902B7-01",
		"00-" TRACE "-" PARENT "-0A",
		"00-" TRACE "-" PARENT "-0g",
		"00-4bf92f3577b34da6a3ce929d0e0e473.-" PARENT "-01",
		"00-" TRACE "-00f067aa0ba902b.-01",
		"00_" TRACE "-" PARENT "-01",
		"00-" TRACE "_" PARENT "-01",
		"00-" TRACE "-" PARENT "_01",
		"00-" PARENT "-" TRACE "-01",
	};
	struct trace_context t = known;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_false(parse(trace_header_parse_w3c, cases[i], &t));
	assert_true(is_known(&t));
}

static void an_x_amzn_trace_id_is_read(void **state)
{
	static const struct {
		const char *text;
		bool has_parent;
		enum trace_sampling sampling;
	} cases[] = {
		{ ROOT ";Parent=" PARENT ";Sampled=1", true, TRACE_SAMPLED },
		{ ROOT "; Parent=" PARENT " ;\tSampled=0", true, TRACE_NOT_SAMPLED },
		{ "Sampled=?;" ROOT, false, TRACE_UNDECIDED },
		{ ROOT, false, TRACE_UNDECIDED },
		{ ROOT ";", false, TRACE_UNDECIDED },
		{ ";;" ROOT ";; ;Sampled=1", false, TRACE_SAMPLED },
		{ "Self=1-67891234-12456789abcdef012345678;" ROOT, false, TRACE_UNDECIDED },
		{ ROOT ";Lineage=a87bd80c:1|68fd508a:5;empty=", false, TRACE_UNDECIDED },
		{ ROOT ";a=;b=;c=;d=;e=;f=;g=;h=", false, TRACE_UNDECIDED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct trace_context t;

		assert_true(parse(trace_header_parse_xray, cases[i].text, &t));
		assert_true(t.id_hi == known.id_hi && t.id_lo == known.id_lo);
		assert_true(t.parent == (cases[i].has_parent ? known.parent : 0));
		assert_int_equal(t.sampling, cases[i].sampling);
	}
}

static void what_is_no_x_amzn_trace_id_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		";",
		"Root",
		"Root=",
		"Self=1-67891234-12456789abcdef012345678", /* a balancer's note is no trace */
		"Root=1-4bf92f35-77b34da6a3ce929d0e0e473",
		"Root=1-4bf92f35-77b34da6a3ce929d0e0e47366",
		"Root=2-4bf92f35-77b34da6a3ce929d0e0e4736",
		"Root=1_4bf92f35-77b34da6a3ce929d0e0e4736",
		"Root=1-4bf92f35_77b34da6a3ce929d0e0e4736",
		"Root=1-4BF92F35-77b34da6a3ce929d0e0e4736",
		"Root=1-4bf92f35-77b34da6A3ce929d0e0e4736",
		"Root=1-4bf92f35-7?b34da6a3ce929d0e0e4736",
		"Root=1-00000000-000000000000000000000000",
		"root=1-4bf92f35-77b34da6a3ce929d0e0e4736",
		ROOT ";" ROOT,
		ROOT ";Parent=",
		ROOT ";Parent=0000000000000000",
		ROOT ";Parent=00f067aa0ba902b",
		ROOT ";Parent=00f067aa0ba902b77",
		ROOT ";Parent=00F067AA0BA902B7",
		ROOT ";Parent=" PARENT ";Parent=" PARENT,
		ROOT ";Sampled=",
		ROOT ";Sampled=2",
		ROOT ";Sampled=11",
		ROOT ";Sampled=1;Sampled=1",
		ROOT ";Sampled=?;Sampled=?",
		ROOT ";nothing",
		ROOT ";=1",
		ROOT ";a=;b=;c=;d=;e=;f=;g=;h=;i=", /* one too many */
	};
	struct trace_context t = known;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_false(parse(trace_header_parse_xray, cases[i], &t));
	assert_true(is_known(&t));
}

static void a_field_may_have_so_many_bytes(void **state)
{
	char text[TRACE_HEADER_BYTES_MAX + 2];
	struct trace_context t;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "01-" TRACE "-" PARENT "-01-", 56);
	text[TRACE_HEADER_BYTES_MAX] = 0;
	assert_true(parse(trace_header_parse_w3c, text, &t));
	memcpy(text, ROOT ";a=", 43);
	assert_true(parse(trace_header_parse_xray, text, &t));
	text[TRACE_HEADER_BYTES_MAX] = 'x';
	text[TRACE_HEADER_BYTES_MAX + 1] = 0;
	assert_false(parse(trace_header_parse_xray, text, &t));
	memcpy(text, "01-" TRACE "-" PARENT "-01-", 56);
	assert_false(parse(trace_header_parse_w3c, text, &t));
}

static bool is(struct str s, const char *text)
{
	return str_eq(s, str_of(text));
}

static void both_spellings_are_written(void **state)
{
	char w3c[TRACEPARENT_BYTES], xray[XRAY_BYTES_MAX], id[TRACE_ID_DIGITS];
	struct trace_context t = known;

	(void)state;
	assert_true(is(trace_header_write_w3c(w3c, &t), "00-" TRACE "-" PARENT "-01"));
	assert_true(is(trace_header_write_xray(xray, &t), ROOT ";Parent=" PARENT ";Sampled=1"));
	trace_header_write_id(id, &t);
	assert_memory_equal(id, TRACE, sizeof(id));
	t.sampling = TRACE_NOT_SAMPLED;
	assert_true(is(trace_header_write_w3c(w3c, &t), "00-" TRACE "-" PARENT "-00"));
	assert_true(is(trace_header_write_xray(xray, &t), ROOT ";Parent=" PARENT ";Sampled=0"));
	t.sampling = TRACE_UNDECIDED;
	t.parent = 0;
	assert_true(is(trace_header_write_xray(xray, &t), ROOT ";Sampled=?"));
}

static void others_members_are_told_apart(void **state)
{
	struct str others[XRAY_OTHERS_MAX];

	(void)state;
	assert_int_equal(
		trace_header_xray_others(STR(ROOT "; Lineage=a:1 ;Self=1-2;k=v;Sampled=1"), others),
		2);
	assert_true(is(others[0], "Lineage=a:1"));
	assert_true(is(others[1], "k=v"));
	assert_int_equal(trace_header_xray_others(STR(""), others), 0);
	assert_int_equal(trace_header_xray_others(STR("a=;b=;c=;d=;e=;f=;g=;h=;i="), others),
			 XRAY_OTHERS_MAX);
}

static void add(struct http_headers *h, const char *name, const char *value)
{
	h->at[h->count++] = (struct http_header){ str_of(name), str_of(value) };
}

static void traceparent_goes_before(void **state)
{
	struct http_headers h = { .count = 0 };
	struct trace_found f;

	(void)state;
	trace_header_find(&h, &f);
	assert_false(trace_is_there(&f.at));
	add(&h, "X-Amzn-Trace-Id", "Root=1-00000001-000000000000000000000002;Sampled=0");
	trace_header_find(&h, &f);
	assert_true(f.at.id_lo == 2 && f.at.sampling == TRACE_NOT_SAMPLED && !f.is_w3c);
	assert_true(f.xray.n > 0);
	add(&h, "Traceparent", "00-" TRACE "-" PARENT "-01");
	trace_header_find(&h, &f);
	assert_true(is_known(&f.at));
	assert_true(f.is_w3c);
	assert_int_equal(f.xray.n, 0); /* it is about another trace */
	h.at[0].value = STR(ROOT ";k=v");
	trace_header_find(&h, &f);
	assert_true(f.is_w3c && is(f.xray, ROOT ";k=v"));
	add(&h, "traceparent", "00-" TRACE "-" PARENT "-01"); /* two are none */
	trace_header_find(&h, &f);
	assert_false(f.is_w3c);
	assert_true(f.at.id_lo == known.id_lo && !f.at.parent);
	add(&h, "x-amzn-trace-id", ROOT);
	trace_header_find(&h, &f);
	assert_false(trace_is_there(&f.at));
}

static void the_fields_are_known_by_name(void **state)
{
	(void)state;
	assert_true(trace_header_is(STR("TraceParent")));
	assert_true(trace_header_is(STR("tracestate")));
	assert_true(trace_header_is(STR("X-Amzn-Trace-Id")));
	assert_false(trace_header_is(STR("traceparenT2")));
	assert_false(trace_header_is(STR("x-amzn-trace-ie")));
	assert_false(trace_header_is(STR("trace_state")));
	assert_false(trace_header_is(STR("trace-parent")));
	assert_false(trace_header_is(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_traceparent_is_read),
		cmocka_unit_test(what_is_no_traceparent_is_refused),
		cmocka_unit_test(an_x_amzn_trace_id_is_read),
		cmocka_unit_test(what_is_no_x_amzn_trace_id_is_refused),
		cmocka_unit_test(a_field_may_have_so_many_bytes),
		cmocka_unit_test(both_spellings_are_written),
		cmocka_unit_test(others_members_are_told_apart),
		cmocka_unit_test(traceparent_goes_before),
		cmocka_unit_test(the_fields_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
