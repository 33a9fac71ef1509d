/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of ctl/http/h1_chunked.c: bodies whole and in pieces, and each malformed one. */
#include "http/h1_chunked.c"

#include "base/array.h"
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Feed @text in pieces of @step bytes; the payload goes to @to. */
static enum h1_chunk_outcome run(struct str text, size_t step, struct buf *to, size_t *used)
{
	struct h1_chunked c = { 0 };
	struct h1_chunk now = { .outcome = H1_CHUNK_MORE };
	size_t at = 0, have = 0;

	while (at < text.n) {
		have = have + step < text.n - at ? have + step : text.n - at;
		now = h1_chunked_next(&c, (struct str){ text.p + at, have });
		if (now.outcome == H1_CHUNK_DATA)
			buf_add(to, now.data);
		at += now.consumed;
		have -= now.consumed;
		*used = at;
		if (now.outcome == H1_CHUNK_END || now.outcome == H1_CHUNK_BAD)
			break;
	}
	return now.outcome;
}

static void takes_bodies_apart_however_they_arrive(void **state)
{
	struct str text =
		STR("5;a=b\r\nhello\r\n1\r\n \r\n00005\r\nworld\r\n0\r\nX-T: v\r\n\r\nnext");
	size_t step, used = 0;

	(void)state;
	for (step = 1; step <= text.n; step++) {
		struct buf b;

		buf_init(&b, 100);
		assert_int_equal(run(text, step, &b, &used), H1_CHUNK_END);
		assert_true(str_eq(buf_str(&b), STR("hello world")));
		assert_int_equal(used, text.n - 4);
		buf_fini(&b);
	}
}

static void refuses_malformed_chunks(void **state)
{
	static const char *const bad[] = {
		"\r\n",
		" 5\r\nhello\r\n",
		"5 \r\nhello\r\n",
		"+5\r\n",
		"0x5\r\n",
		"5\nhello\r\n",
		"5\r\nhello!\r\n",
		"5\r\nhello\n",
		"5\r\nhello\rX",
		"-1\r\n",
		"1000000000000000\r\n",
		"5;\x01\r\n",
		"5;a\n",
		"5\rX",
		"0\r\n X: y\r\n\r\n",
		"0\r\nX\r\n",
		"0\r\n: y\r\n",
		"0\r\nX: y\n\r\n",
		"0\r\n\n",
		"g\r\n",
	};
	size_t i, used;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct buf b;

		buf_init(&b, 100);
		if (run(str_of(bad[i]), 1, &b, &used) != H1_CHUNK_BAD)
			fail_msg("accepted case %zu", i);
		buf_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_bodies_apart_however_they_arrive),
		cmocka_unit_test(refuses_malformed_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
