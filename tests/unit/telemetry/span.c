/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/telemetry/span.c: OTLP's JSON, whatever the values hold. */
#include "telemetry/span.c"

#include <cjson/cJSON.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void writes(const struct span *s, const char *text)
{
	struct buf to;

	buf_init(&to, 1 << 20);
	span_write(&to, s);
	assert_false(to.failed);
	buf_add_char(&to, 0);
	assert_string_equal(buf_str(&to).p, text);
	buf_fini(&to);
}

static void the_text_is_otlps(void **state)
{
	struct span s = { .trace_hi = UINT64_C(0x4bf92f3577b34da6),
			  .trace_lo = 2,
			  .id = 0xb7,
			  .kind = SPAN_SERVER,
			  .name = STR("GET"),
			  .start_us = UINT64_C(1796000000000001),
			  .end_us = UINT64_C(1796000000000002) };

	(void)state;
	writes(&s, "{\"traceId\":\"4bf92f3577b34da60000000000000002\",\"spanId\":"
		   "\"00000000000000b7\",\"flags\":257,\"name\":\"GET\",\"kind\":2,"
		   "\"startTimeUnixNano\":\"1796000000000001000\",\"endTimeUnixNano\":"
		   "\"1796000000000002000\",\"attributes\":[],\"status\":{}}\n");
	s.parent = 1;
	s.is_parent_remote = true;
	s.state = STR("a=\"1\"");
	s.kind = SPAN_CLIENT;
	s.has_failed = true;
	s.message = STR("why");
	span_add_text(&s, "k", STR("v"));
	span_add_text(&s, "none", STR(""));
	span_add_number(&s, "n", UINT64_MAX);
	writes(&s, "{\"traceId\":\"4bf92f3577b34da60000000000000002\",\"spanId\":"
		   "\"00000000000000b7\",\"parentSpanId\":\"0000000000000001\","
		   "\"traceState\":\"a=\\\"1\\\"\",\"flags\":769,\"name\":\"GET\",\"kind\":3,"
		   "\"startTimeUnixNano\":\"1796000000000001000\",\"endTimeUnixNano\":"
		   "\"1796000000000002000\",\"attributes\":[{\"key\":\"k\",\"value\":"
		   "{\"stringValue\":\"v\"}},{\"key\":\"n\",\"value\":{\"intValue\":"
		   "\"18446744073709551615\"}}],\"status\":{\"code\":2,\"message\":\"why\"}}\n");
	s.message = STR("");
	s.state.n = SPAN_STATE_BYTES_MAX + 1; /* is left out, and not read */
	s.count = 0;
	writes(&s, "{\"traceId\":\"4bf92f3577b34da60000000000000002\",\"spanId\":"
		   "\"00000000000000b7\",\"parentSpanId\":\"0000000000000001\",\"flags\":769,"
		   "\"name\":\"GET\",\"kind\":3,\"startTimeUnixNano\":"
		   "\"1796000000000001000\",\"endTimeUnixNano\":\"1796000000000002000\","
		   "\"attributes\":[],\"status\":{\"code\":2}}\n");
}

static void any_bytes_are_one_line_of_json(void **state)
{
	char bytes[256];
	struct span s = { .trace_lo = 1, .id = 1, .kind = SPAN_SERVER, .name = STR("GET") };
	struct buf to;
	cJSON *json;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	for (i = 0; i < SPAN_ATTRIBUTES_MAX; i++)
		span_add_text(&s, "k", (struct str){ bytes, sizeof(bytes) });
	buf_init(&to, 1 << 20);
	span_write(&to, &s);
	assert_false(to.failed);
	assert_ptr_equal(memchr(to.p, '\n', buf_len(&to)), to.p + to.end - 1);
	/* cJSON ends strings at a NUL, which it refuses as \u0000. */
	buf_fini(&to);
	s.at[0].text = (struct str){ bytes + 1, sizeof(bytes) - 1 };
	s.count = 1;
	buf_init(&to, 1 << 20);
	span_write(&to, &s);
	json = json_parse(buf_str(&to));
	assert_non_null(json);
	cJSON_Delete(json);
	buf_fini(&to);
}

static void a_long_value_ends_between_characters(void **state)
{
	char text[SPAN_TEXT_BYTES_MAX + 4];
	struct span s = { .count = 0 };

	(void)state;
	memset(text, 'x', sizeof(text));
	span_add_text(&s, "k", (struct str){ text, SPAN_TEXT_BYTES_MAX });
	assert_int_equal(s.at[0].text.n, SPAN_TEXT_BYTES_MAX);
	span_add_text(&s, "k", (struct str){ text, SPAN_TEXT_BYTES_MAX + 1 });
	assert_int_equal(s.at[1].text.n, SPAN_TEXT_BYTES_MAX);
	memcpy(text + SPAN_TEXT_BYTES_MAX - 2, "\xe2\x82\xac", 3);
	span_add_text(&s, "k", (struct str){ text, sizeof(text) });
	assert_int_equal(s.at[2].text.n, SPAN_TEXT_BYTES_MAX - 2);
}

static void a_full_buffer_is_told(void **state)
{
	struct span s = { .trace_lo = 1, .id = 1, .kind = SPAN_SERVER, .name = STR("GET") };
	struct buf to;

	(void)state;
	buf_init(&to, 64);
	span_write(&to, &s);
	assert_true(to.failed);
	buf_fini(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_is_otlps),
		cmocka_unit_test(any_bytes_are_one_line_of_json),
		cmocka_unit_test(a_long_value_ends_between_characters),
		cmocka_unit_test(a_full_buffer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
